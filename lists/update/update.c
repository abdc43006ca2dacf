#include "lists/update/update_work.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/store/store_item.h"
#include "lists/format/gunzip.h"
#include <stdio.h>
#include <string.h>

#define PARTNER_BYTES (512 * MIB)

struct inbox {
    const char *folder;
    struct buffer head, head_signatures;
};

static void inbox_cleanup(struct inbox *inbox)
{
    buffer_free(&inbox->head);
    buffer_free(&inbox->head_signatures);
}

int update_read_inbox(const char *folder, const char *file, struct buffer *into, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    if (file_read(path, into, &trouble) == 0)
        return 1;
    return trouble.kind == ERROR_NOT_FOUND ? 0 : error_set(err, trouble.kind, "%s", trouble.text);
}

static int keep(const struct update_work *work, const char *file, const struct buffer *content,
                struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", work->folder, file);
    return file_write(path, buffer_slice(content), UPDATE_FILE_MODE, err);
}

struct seen_otherwise {
    const char *publisher, *list_id; /* of whom this partner saw another list */
    int64_t sequence;
};

static int write_equivocation(struct update_work *work, const void *what, struct buffer *into,
                              struct error *err)
{
    const struct seen_otherwise *seen = what;
    (void)err;
    buffer_printf(into,
                  update_words(work,
                               "Equivocation: %s was given another number %lld of list %s by %s "
                               "than we were. Ask both before you accept anything of %s."),
                  work->partner.name, (long long)seen->sequence, seen->list_id, seen->publisher,
                  seen->publisher);
    buffer_append_byte(into, '\n');
    return 0;
}

/* What this publisher saw of others we know, with other bytes than we were given. */
static int compare_saw(struct update_work *work, const struct head *head, struct error *err)
{
    for (size_t i = 0; i < head->saw_count; i++) {
        const struct head_saw *saw = &head->saw[i];
        char name[PARTNER_NAME_BYTES], folder[PATH_MAX];
        struct floors floors;
        struct error ignored = {0};
        if (!slice_to_text(saw->publisher, name, sizeof name) ||
            partner_write_folder(work->tools->settings, name, folder, &ignored) != 0 ||
            floors_read(folder, &floors, &ignored) != 0 ||
            floors_ask(&floors, saw->list_id, saw->sequence, saw->hash) != FLOOR_EQUIVOCATION)
            continue;
        const struct seen_otherwise seen = {name, arena_copy(work->arena, saw->list_id).data,
                                            saw->sequence};
        if (seen.list_id == NULL)
            return arena_error(work->arena, err);
        if (update_say(work, SLICE_LITERAL("equivocation"), slice_of(name), UPDATE_REFUSED,
                       write_equivocation, &seen, err) != 0)
            return -1;
    }
    return 0;
}

static int take_head(struct update_work *work, struct inbox *inbox, struct head **head_out,
                     struct error *err)
{
    unsigned char hash[RECORD_HASH_BYTES];
    struct head *head;
    struct slice text = buffer_slice(&inbox->head);
    if (head_accept(&work->root, text, buffer_slice(&inbox->head_signatures), work->tools->now,
                    work->arena, &head, err) != 0)
        return -1;
    record_make_hash(text, hash);
    if (floors_check(&work->floors, SLICE_LITERAL("head"), head->sequence, hash, err) != 0)
        return -1;
    if (floors_ask(&work->floors, SLICE_LITERAL("head"), head->sequence, hash) == FLOOR_NEWER &&
        (floors_raise(&work->floors, SLICE_LITERAL("head"), head->sequence, hash, err) != 0 ||
         floors_write(work->folder, &work->floors, err) != 0 ||
         keep(work, "head.zh.minisig", &inbox->head_signatures, err) != 0 ||
         keep(work, "head.zh", &inbox->head, err) != 0 || update_touch(work, err) != 0))
        return -1;
    *head_out = head;
    return compare_saw(work, head, err);
}

/* 1 with the plain text, 0 it has not come. */
static int read_list(const struct inbox *inbox, const struct head_list *named, struct buffer *text,
                     struct buffer *signatures, struct error *err)
{
    char plain[HEAD_FILE_BYTES], file[HEAD_FILE_BYTES + 16];
    BUFFER_CLEANUP packed = buffer_new(LIMIT_LIST_BYTES);
    head_write_list_file(named, plain);
    snprintf(file, sizeof file, "%s.minisig", plain);
    int found = update_read_inbox(inbox->folder, file, signatures, err);
    if (found != 1)
        return found;
    found = update_read_inbox(inbox->folder, plain, text, err);
    if (found != 0)
        return found;
    snprintf(file, sizeof file, "%s.gz", plain);
    found = update_read_inbox(inbox->folder, file, &packed, err);
    if (found != 1)
        return found;
    return gunzip(buffer_slice(&packed), file, text, err) == 0 ? 1 : -1;
}

static int take_list(struct update_work *work, const struct inbox *inbox,
                     const struct head_list *named, struct error *err)
{
    if (floors_check(&work->floors, named->list_id, named->sequence, named->hash, err) != 0)
        return -1;
    if (floors_ask(&work->floors, named->list_id, named->sequence, named->hash) == FLOOR_SAME)
        return 0;
    if (named->size_bytes <= 0 || named->size_bytes > (int64_t)LIMIT_LIST_BYTES)
        return error_set(err, ERROR_LIMIT, "the head says %lld bytes, more than %zu",
                         (long long)named->size_bytes, LIMIT_LIST_BYTES);
    BUFFER_CLEANUP text = buffer_new((size_t)named->size_bytes);
    BUFFER_CLEANUP signatures = buffer_new(LIMIT_MINISIG_BYTES);
    int found = read_list(inbox, named, &text, &signatures, err);
    if (found != 1)
        return found;
    return update_take(work, named, buffer_slice(&text), buffer_slice(&signatures), err);
}

struct refusal {
    const char *name; /* of the list; "": the partner's root or head */
    const char *why;  /* in English: what a program says of a file */
};

static int write_refusal(struct update_work *work, const void *what, struct buffer *into,
                         struct error *err)
{
    const struct refusal *refusal = what;
    const char *slash = refusal->name[0] == '\0' ? "" : "/";
    (void)err;
    buffer_printf(into, update_words(work, "Refused: %s%s%s: %s"), work->partner.name, slash,
                  refusal->name, refusal->why);
    buffer_append_byte(into, '\n');
    if (refusal->name[0] != '\0')
        buffer_printf(into, "%s\n", update_words(work, "What is active stays."));
    return 0;
}

static int refuse(struct update_work *work, struct slice id, struct slice name,
                  const struct error *why, struct error *err)
{
    const struct refusal refusal = {arena_copy(work->arena, name).data, why->text};
    if (refusal.name == NULL)
        return arena_error(work->arena, err);
    return update_say(work, id, name, UPDATE_REFUSED, write_refusal, &refusal, err);
}

static int take_lists(struct update_work *work, const struct inbox *inbox, const struct head *head,
                      struct error *err)
{
    for (size_t i = 0; i < head->list_count; i++) {
        struct error why = {0};
        const struct head_list *named = &head->lists[i];
        if (take_list(work, inbox, named, &why) != 0 &&
            refuse(work, named->list_id, named->name, &why, err) != 0)
            return -1;
    }
    return 0;
}

/* Where the order is broken the rest is not looked at, and the reason is told. */
static int take_inbox(struct update_work *work, struct inbox *inbox, struct error *err)
{
    struct head *head;
    struct error why = {0};
    if (update_take_root(work, inbox->folder, &why) != 0)
        return refuse(work, SLICE_LITERAL("root"), SLICE_LITERAL(""), &why, err);
    int found = update_read_inbox(inbox->folder, "head.zh", &inbox->head, &why);
    if (found == 0)
        return 0;
    if (found < 0 ||
        update_read_inbox(inbox->folder, "head.zh.minisig", &inbox->head_signatures, &why) < 0 ||
        take_head(work, inbox, &head, &why) != 0)
        return refuse(work, SLICE_LITERAL("head"), SLICE_LITERAL(""), &why, err);
    update_remove(work, "report", SLICE_LITERAL("root"), "");
    update_remove(work, "report", SLICE_LITERAL("head"), "");
    return take_lists(work, inbox, head, err);
}

int update_take_folder(const struct update_tools *tools, const struct partner *partner,
                       const char *folder, struct update_results *results, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    __attribute__((cleanup(inbox_cleanup))) struct inbox inbox = {
        .folder = folder,
        .head = buffer_new(LIMIT_HEAD_BYTES),
        .head_signatures = buffer_new(LIMIT_MINISIG_BYTES)};
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an update");
    if (update_work_begin(&work, tools, partner->name, results, err) != 0 ||
        take_inbox(&work, &inbox, err) != 0 || update_tell_silence(&work, err) != 0)
        return -1;
    return update_look_at_trials(&work, err);
}

static int run_partner(const struct update_tools *tools, const char *name,
                       struct update_results *results, struct error *err)
{
    struct partner partner;
    char folder[PATH_MAX];
    if (partner_read(tools->settings, name, &partner, err) != 0)
        return -1;
    snprintf(folder, sizeof folder, "%s/%s", tools->settings->inbox_folder, name);
    return update_take_folder(tools, &partner, folder, results, err);
}

int update_run(const struct update_tools *tools, struct update_results *results, struct error *err)
{
    const char *const *names;
    size_t count;
    int failed = 0;
    if (partner_find_all(tools->settings, results->arena, &names, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct error trouble = {0};
        if (run_partner(tools, names[i], results, &trouble) == 0)
            continue;
        error_set(err, trouble.kind, "%s", trouble.text);
        failed = error_context(err, "%s", names[i]);
    }
    return update_demote(tools, results, err) != 0 ? -1 : failed;
}
