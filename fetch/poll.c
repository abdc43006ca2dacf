#include "fetch/poll.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "fetch/state.h"
#include "lists/format/delta.h"
#include "lists/format/gunzip.h"
#include "lists/trust/head.h"
#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD_ARENA_BYTES (4 * MIB)
#define FILE_MODE 0644 /* another user reads it; it is what anybody could fetch */
#define INTERVAL_SECONDS (6 * 3600)
#define PACKED_MORE 1024 /* a packed file may be a little longer than a plain one */

struct poll {
    const struct settings *settings;
    const struct partner *partner;
    char folder[PATH_MAX - 300];
    struct fetch_state state;
    int64_t bytes_left;
    const struct head *head;
};

static int begin(struct poll *poll, const struct settings *settings, const struct partner *partner,
                 int64_t now, struct error *err)
{
    char lists[PATH_MAX];
    poll->settings = settings;
    poll->partner = partner;
    if ((size_t)snprintf(poll->folder, sizeof poll->folder, "%s/%s", settings->inbox_folder,
                         partner->name) >= sizeof poll->folder)
        return error_set(err, ERROR_INPUT, "inbox_folder: the name is too long");
    snprintf(lists, sizeof lists, "%s/lists", poll->folder);
    if (file_make_folder(poll->folder, 0755, err) != 0 || file_make_folder(lists, 0755, err) != 0)
        return -1;
    state_read(poll->folder, &poll->state);
    poll->bytes_left = state_bytes_left(&poll->state, partner->daily_megabytes * (int64_t)MIB, now);
    return 0;
}

static struct transfer transfer_of(struct poll *poll, const char *file, size_t max_bytes)
{
    return (struct transfer){.base = poll->partner->url,
                             .proxy = poll->partner->proxy,
                             .file = file,
                             .max_bytes = max_bytes,
                             .bytes_left = &poll->bytes_left};
}

static int keep(const struct poll *poll, const char *file, struct slice content, struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", poll->folder, file);
    return file_write(path, content, FILE_MODE, err);
}

static bool has_file(const struct poll *poll, const char *file)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", poll->folder, file);
    return access(path, F_OK) == 0;
}

/* A small file that may not be there; *is_there_out. */
static int bring_small(struct poll *poll, const char *file, bool is_needed, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES);
    struct transfer transfer = transfer_of(poll, file, LIMIT_HEAD_BYTES);
    enum transfer_answer answer;
    if (transfer_run(&transfer, &text, &answer, err) != 0)
        return -1;
    if (answer == TRANSFER_MISSING)
        return is_needed ? error_set(err, ERROR_NOT_FOUND, "%s: the server has no such file", file)
                         : 0;
    return keep(poll, file, buffer_slice(&text), err);
}

/* Numbers that are wanted next; what was brought before and is not, is removed. */
static int bring_old_roots(struct poll *poll, int64_t trusted, int64_t newest, struct error *err)
{
    char file[40], path[PATH_MAX];
    for (int64_t number = trusted + 1; number < newest && number <= trusted + ROOT_MOST_BETWEEN;
         number++)
        for (int i = 0; i < 2; i++) {
            snprintf(file, sizeof file, "root.%lld.zr%s", (long long)number,
                     i == 0 ? ".minisig" : "");
            if (bring_small(poll, file, false, err) != 0)
                return -1;
        }
    for (int64_t number = trusted; number > 0 && number > trusted - 2 * ROOT_MOST_BETWEEN; number--)
        for (int i = 0; i < 2; i++) {
            snprintf(path, sizeof path, "%s/root.%lld.zr%s", poll->folder, (long long)number,
                     i == 0 ? ".minisig" : "");
            unlink(path);
        }
    return 0;
}

/* The newest, and when the partner rotated more often than we looked, those that lead to it. */
static int bring_roots(struct poll *poll, struct error *err)
{
    char path[PATH_MAX];
    struct root trusted, newest;
    struct error ignored = {0};
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
    if (bring_small(poll, "root.zr", false, err) != 0 ||
        bring_small(poll, "root.zr.minisig", false, err) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/root.zr", poll->folder);
    if (file_read(path, &text, &ignored) != 0 ||
        root_parse(buffer_slice(&text), "root.zr", &newest, &ignored) != 0 ||
        partner_root(poll->settings, poll->partner, &trusted, &ignored) != 0)
        return 0; /* zaguan-review judges it */
    return bring_old_roots(poll, trusted.sequence, newest.sequence, err);
}

/* Is this the text that the head names? No trust in it: only that a transfer that went wrong is not
 * kept, which would never be asked for again under this number. */
static int check_list(const struct head_list *list, const char *file, struct slice content,
                      struct error *err)
{
    unsigned char hash[RECORD_HASH_BYTES];
    BUFFER_CLEANUP plain = buffer_new((size_t)list->size_bytes);
    if (slice_ends_with_nocase(slice_of(file), ".gz")) {
        if (gunzip(content, file, &plain, err) != 0)
            return -1;
        content = buffer_slice(&plain);
    }
    record_make_hash(content, hash);
    if (memcmp(hash, list->hash, sizeof hash) != 0)
        return error_set(err, ERROR_INPUT, "%s: not the file that the head names: its hash differs",
                         file);
    return 0;
}

static bool has_list(const struct poll *poll, const struct head_list *list, const char *file)
{
    char path[PATH_MAX];
    struct error ignored = {0};
    BUFFER_CLEANUP content = buffer_new((size_t)list->size_bytes + PACKED_MORE);
    snprintf(path, sizeof path, "%s/%s", poll->folder, file);
    return file_read(path, &content, &ignored) == 0 &&
           check_list(list, file, buffer_slice(&content), &ignored) == 0;
}

/* What came before the line broke is kept as FILE.part, and only the rest is asked for next time.
 */
static int bring_list_file(struct poll *poll, const struct head_list *list, const char *file,
                           bool *is_there_out, struct error *err)
{
    char part[HEAD_FILE_BYTES + 16], path[PATH_MAX];
    size_t max_bytes = (size_t)list->size_bytes + PACKED_MORE;
    struct error ignored = {0};
    enum transfer_answer answer;
    BUFFER_CLEANUP text = buffer_new(max_bytes);
    struct transfer transfer = transfer_of(poll, file, max_bytes);
    snprintf(part, sizeof part, "%s.part", file);
    snprintf(path, sizeof path, "%s/%s", poll->folder, part);
    if (file_read(path, &text, &ignored) != 0)
        buffer_clear(&text);
    if (transfer_run(&transfer, &text, &answer, err) != 0) {
        if (err->kind == ERROR_TEMPORARY && text.size > 0)
            (void)!keep(poll, part, buffer_slice(&text), &ignored);
        else
            unlink(path);
        return -1;
    }
    unlink(path);
    *is_there_out = answer == TRANSFER_DONE;
    if (!*is_there_out)
        return 0;
    return check_list(list, file, buffer_slice(&text), err) != 0
               ? -1
               : keep(poll, file, buffer_slice(&text), err);
}

/* An earlier number that was brought; false: it is not here. */
static bool read_before(const struct poll *poll, const struct head_list *list, int64_t number,
                        struct buffer *plain)
{
    struct head_list before = *list;
    char file[HEAD_FILE_BYTES], path[PATH_MAX];
    struct error ignored = {0};
    BUFFER_CLEANUP packed = buffer_new(LIMIT_LIST_BYTES);
    before.sequence = number;
    head_write_list_file(&before, file);
    snprintf(path, sizeof path, "%s/%s", poll->folder, file);
    if (file_read(path, plain, &ignored) == 0)
        return true;
    snprintf(path, sizeof path, "%s/%s.gz", poll->folder, file);
    buffer_clear(plain);
    return file_read(path, &packed, &ignored) == 0 &&
           gunzip(buffer_slice(&packed), file, plain, &ignored) == 0;
}

/* From one number to the next, when the result is what the head names; else the whole list is asked
 * for, so no fault of it is an error. */
static bool bring_delta(struct poll *poll, const struct head_list *list,
                        const struct head_delta *delta)
{
    char file[HEAD_FILE_BYTES];
    struct error ignored = {0};
    enum transfer_answer answer;
    if (delta->size_bytes > list->size_bytes || delta->size_bytes > (int64_t)LIMIT_LIST_BYTES)
        return false;
    BUFFER_CLEANUP old = buffer_new(LIMIT_LIST_BYTES), new = buffer_new((size_t)list->size_bytes);
    BUFFER_CLEANUP script = buffer_new((size_t)delta->size_bytes);
    if (!read_before(poll, list, delta->from, &old))
        return false;
    head_write_delta_file(list, delta->from, file);
    struct transfer transfer = transfer_of(poll, file, (size_t)delta->size_bytes);
    if (transfer_run(&transfer, &script, &answer, &ignored) != 0 || answer != TRANSFER_DONE ||
        delta_apply(buffer_slice(&old), buffer_slice(&script), file, &new, &ignored) != 0)
        return false;
    head_write_list_file(list, file);
    return check_list(list, file, buffer_slice(&new), &ignored) == 0 &&
           keep(poll, file, buffer_slice(&new), &ignored) == 0;
}

static bool bring_deltas(struct poll *poll, const struct head_list *list)
{
    for (size_t i = 0; i < poll->head->delta_count; i++)
        if (slice_equals(poll->head->deltas[i].list_id, list->list_id) &&
            bring_delta(poll, list, &poll->head->deltas[i]))
            return true;
    return false;
}

/* Packed if the publisher packs, else plain; then its signature. */
static int bring_list(struct poll *poll, const struct head_list *list, bool *is_new_out,
                      struct error *err)
{
    char plain[HEAD_FILE_BYTES], packed[HEAD_FILE_BYTES + 8], signature[HEAD_FILE_BYTES + 16];
    bool is_there = false;
    head_write_list_file(list, plain);
    snprintf(packed, sizeof packed, "%s.gz", plain);
    snprintf(signature, sizeof signature, "%s.minisig", plain);
    if (list->size_bytes > (int64_t)LIMIT_LIST_BYTES)
        return error_set(err, ERROR_LIMIT, "%s: the head says %lld bytes, more than %zu", plain,
                         (long long)list->size_bytes, LIMIT_LIST_BYTES);
    if (has_file(poll, signature) && (has_list(poll, list, packed) || has_list(poll, list, plain)))
        return 0;
    is_there = bring_deltas(poll, list);
    if (!is_there && (bring_list_file(poll, list, packed, &is_there, err) != 0 ||
                      (!is_there && bring_list_file(poll, list, plain, &is_there, err) != 0)))
        return -1;
    if (!is_there)
        return error_set(err, ERROR_NOT_FOUND, "%s: the server has no such file", plain);
    *is_new_out = true;
    return bring_small(poll, signature, true, err);
}

/* One list that cannot be had keeps nothing from the others; the first trouble is told. */
static int bring_lists(struct poll *poll, bool *is_new_out, struct error *err)
{
    int failed = 0;
    for (size_t i = 0; i < poll->head->list_count; i++) {
        struct error trouble = {0};
        if (bring_list(poll, &poll->head->lists[i], is_new_out, &trouble) == 0)
            continue;
        if (failed == 0)
            error_set(err, trouble.kind, "%s", trouble.text);
        failed = -1;
    }
    return failed;
}

/* Files of lists that the head does not name any more. */
static void sweep(const struct poll *poll)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lists", poll->folder);
    DIR *folder = opendir(path);
    struct dirent *file;
    while (folder != NULL && (file = readdir(folder)) != NULL) {
        bool is_named = file->d_name[0] == '.';
        for (size_t i = 0; i < poll->head->list_count && !is_named; i++) {
            char wanted[HEAD_FILE_BYTES];
            head_write_list_file(&poll->head->lists[i], wanted);
            is_named = slice_starts_with(slice_of(file->d_name), wanted + sizeof "lists");
        }
        snprintf(path, sizeof path, "%s/lists/%s", poll->folder, file->d_name);
        if (!is_named)
            unlink(path);
    }
    if (folder != NULL)
        closedir(folder);
}

/* head.zh decides whether anything else is asked for. */
static int ask_head(struct poll *poll, struct buffer *text, enum transfer_answer *answer_out,
                    struct error *err)
{
    struct transfer transfer = transfer_of(poll, "head.zh", LIMIT_HEAD_BYTES);
    if (has_file(poll, "head.zh") && has_file(poll, "head.zh.minisig")) {
        memcpy(transfer.etag, poll->state.etag, sizeof transfer.etag);
        transfer.modified_at = poll->state.modified_at;
    }
    if (transfer_run(&transfer, text, answer_out, err) != 0)
        return -1;
    if (*answer_out == TRANSFER_MISSING)
        return error_set(err, ERROR_NOT_FOUND, "head.zh: the server has no such file");
    memcpy(poll->state.etag, transfer.etag, sizeof poll->state.etag);
    poll->state.modified_at = transfer.modified_at;
    return 0;
}

static int bring(struct poll *poll, enum poll_answer *answer_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(HEAD_ARENA_BYTES);
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES);
    enum transfer_answer answer;
    struct head *head;
    bool is_new = false;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    *answer_out = POLL_NOTHING_NEW;
    if (ask_head(poll, &text, &answer, err) != 0)
        return -1;
    if (answer == TRANSFER_NOT_MODIFIED)
        return 0;
    if (head_parse(buffer_slice(&text), "head.zh", arena, &head, err) != 0)
        return -1;
    poll->head = head;
    if (bring_roots(poll, err) != 0)
        return -1;
    int failed = bring_lists(poll, &is_new, err);
    struct error trouble = {0};
    if (bring_small(poll, "head.zh.minisig", true, &trouble) != 0 ||
        keep(poll, "head.zh", buffer_slice(&text), &trouble) != 0)
        return error_set(err, trouble.kind, "%s", trouble.text);
    sweep(poll);
    *answer_out = POLL_NEWS;
    return failed;
}

int poll_partner(const struct settings *settings, const struct partner *partner, bool is_by_hand,
                 int64_t now, enum poll_answer *answer_out, struct error *err)
{
    struct poll poll = {0};
    if (begin(&poll, settings, partner, now, err) != 0)
        return -1;
    /* A clock that was set back must not silence a partner for years. */
    bool is_waiting = poll.state.next_at > now && poll.state.next_at < now + 2 * 86400;
    if (is_waiting && !is_by_hand) {
        *answer_out = POLL_NOT_DUE;
        return 0;
    }
    int64_t before = poll.bytes_left;
    int failed = bring(&poll, answer_out, err);
    struct error trouble = {0};
    if (failed != 0) { /* half of it came: everything is asked for again */
        poll.state.etag[0] = '\0';
        poll.state.modified_at = 0;
    }
    poll.state.failures = failed == 0 ? 0 : poll.state.failures + 1;
    poll.state.day_bytes += before - poll.bytes_left;
    poll.state.next_at = state_next_poll(&poll.state, now, INTERVAL_SECONDS, randombytes_random());
    if (state_write(poll.folder, &poll.state, &trouble) != 0)
        return failed != 0 ? -1 : error_set(err, trouble.kind, "%s", trouble.text);
    return failed;
}
