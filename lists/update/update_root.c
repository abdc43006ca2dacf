/* The keys of a partner: its root, and the roots between it and the one we trust, when it rotated
 * more often than we looked. */
#include "lists/update/update_work.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include <inttypes.h>
#include <stdio.h>

static int keep(const struct update_work *work, const char *file, const struct buffer *content,
                struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", work->folder, file);
    return file_write(path, buffer_slice(content), UPDATE_FILE_MODE, err);
}

/* It decides from now on; floors go with the keys that raised them. The file comes last: what fails
 * or crashes before is done again with the next look, and nothing is revoked only by half. */
static int follow(struct update_work *work, const struct root *next, const struct buffer *text,
                  const struct buffer *signatures, struct error *err)
{
    unsigned char hash[RECORD_HASH_BYTES];
    if (root_has_rotated(&work->root, next, ROOT_ROLE_LIST))
        floors_forget_lists(&work->floors);
    if (root_has_rotated(&work->root, next, ROOT_ROLE_HEAD))
        floors_forget_head(&work->floors);
    record_make_hash(buffer_slice(text), hash);
    work->root = *next;
    if (floors_raise(&work->floors, SLICE_LITERAL("root"), next->sequence, hash, err) != 0 ||
        floors_write(work->folder, &work->floors, err) != 0 || update_revoke(work, err) != 0 ||
        keep(work, "root.zr.minisig", signatures, err) != 0)
        return -1;
    return keep(work, "root.zr", text, err);
}

/* 1 it is trusted now or was before, 0 there is no such file, -1 it is refused. */
static int take(struct update_work *work, const char *folder, const char *file, struct error *err)
{
    char signature[40];
    struct root next;
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
    BUFFER_CLEANUP signatures = buffer_new(LIMIT_MINISIG_BYTES);
    snprintf(signature, sizeof signature, "%s.minisig", file);
    int found = update_read_inbox(folder, file, &text, err);
    if (found != 1)
        return found;
    if (update_read_inbox(folder, signature, &signatures, err) < 0)
        return -1;
    int answer = root_accept(&work->root, buffer_slice(&text), buffer_slice(&signatures),
                             work->tools->now, &next, err);
    if (answer < 0)
        return -1;
    return answer == 0 && follow(work, &next, &text, &signatures, err) != 0 ? -1 : 1;
}

/*
 * One after the other from the number behind ours. Pinned keys have no number: they may belong to
 * any of them, so what they did not sign is passed over.
 */
static int walk(struct update_work *work, const char *folder, struct error *err)
{
    int64_t first = work->root.sequence + 1;
    for (int64_t number = first; number < first + ROOT_MOST_BETWEEN; number++) {
        char file[32];
        struct error why = {0};
        snprintf(file, sizeof file, "root.%" PRId64 ".zr", number);
        int answer = take(work, folder, file, &why);
        if (answer < 0 && (work->root.sequence > 0 || why.kind != ERROR_INPUT)) {
            error_set(err, why.kind, "%s", why.text);
            return error_context(err, "%s", file);
        }
    }
    return 0;
}

int update_take_root(struct update_work *work, const char *folder, struct error *err)
{
    struct error why = {0}, between = {0};
    int answer = take(work, folder, "root.zr", &why);
    if (answer >= 0 || why.kind != ERROR_INPUT)
        return answer >= 0 ? 0 : error_set(err, why.kind, "%s", why.text);
    int64_t before = work->root.sequence;
    int failed = walk(work, folder, &between);
    if (failed == 0 && work->root.sequence > before)
        return take(work, folder, "root.zr", err) < 0 ? -1 : 0;
    return failed != 0 ? error_set(err, between.kind, "%s", between.text)
                       : error_set(err, why.kind, "%s", why.text);
}
