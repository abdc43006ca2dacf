/* Writing what `zaguan list publish` publishes. */
#include "lists/publish/publish_number.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/gzip.h"
#include "lists/trust/partner.h"

#include "lists/format/type.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0644
#define FOLDER_MODE 0755
#define LEFT_SECONDS 3600 /* no publication takes so long */
#define KEPT_NUMBERS 10   /* old files of a list that stay for fetchers on their way */

struct publishing {
    struct publisher *publisher;
    const struct publish_wish *wish;
    struct floors floors;
    struct head *head;
    struct arena *arena;
    bool is_renewed; /* another root than at the last publication */
};

static int write_path(const char *folder, const char *name, char path[PATH_MAX], struct error *err)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    if (length < 0 || length >= PATH_MAX)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", folder);
    return 0;
}

static int write_named(const char *folder, const char *name, struct slice content,
                       struct error *err)
{
    char path[PATH_MAX];
    return write_path(folder, name, path, err) != 0 ? -1
                                                    : file_write(path, content, FILE_MODE, err);
}

int publish_read_head(const struct publisher *publisher, struct arena *arena,
                      struct head **head_out, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    if (write_path(publisher->folder, "head.zh", path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES);
    *head_out = NULL;
    if (file_read(path, &text, &trouble) == 0)
        return head_parse(buffer_slice(&text), path, arena, head_out, err);
    return trouble.kind == ERROR_NOT_FOUND ? 0 : error_set(err, trouble.kind, "%s", trouble.text);
}

static int begin_head(struct publishing *p, struct error *err)
{
    struct head *before;
    if (publish_read_head(p->publisher, p->arena, &before, err) != 0)
        return -1;
    p->head = arena_alloc(p->arena, sizeof *p->head);
    struct head_list *lists = arena_alloc_array(p->arena, HEAD_MOST_LISTS, sizeof *lists);
    struct head_delta *deltas = arena_alloc_array(p->arena, HEAD_MOST_DELTAS, sizeof *deltas);
    struct head_saw *saw = arena_alloc_array(p->arena, HEAD_MOST_SAW, sizeof *saw);
    if (arena_is_exhausted(p->arena))
        return arena_error(p->arena, err);
    const struct floor *floor = floors_find(&p->floors, SLICE_LITERAL("head"));
    *p->head = (struct head){.publisher = slice_of(p->publisher->root.publisher),
                             .sequence = floor == NULL ? 1 : floor->sequence + 1,
                             .issued_at = p->wish->now,
                             .fresh_until = p->wish->now + p->wish->fresh_days * DAYS,
                             .root_sequence = p->publisher->root.sequence,
                             .lists = lists,
                             .deltas = deltas,
                             .saw = saw};
    if (before != NULL) {
        memcpy(lists, before->lists, before->list_count * sizeof *lists);
        p->head->list_count = before->list_count;
        if (before->delta_count > 0)
            memcpy(deltas, before->deltas, before->delta_count * sizeof *deltas);
        p->head->delta_count = before->delta_count;
        p->is_renewed = before->root_sequence != p->publisher->root.sequence;
    }
    return 0;
}

static int set_head_list(struct publishing *p, const struct head_list *list, struct error *err)
{
    size_t at = 0;
    while (at < p->head->list_count && !slice_equals(p->head->lists[at].list_id, list->list_id))
        at++;
    for (size_t i = 0; i < p->head->list_count; i++)
        if (i != at && slice_equals_nocase(p->head->lists[i].name, list->name))
            return error_set(err, ERROR_INPUT, "two lists have the name " SLICE_FORMAT,
                             SLICE_ARGUMENTS(list->name));
    if (at == HEAD_MOST_LISTS)
        return error_set(err, ERROR_LIMIT, "more than %d lists", HEAD_MOST_LISTS);
    p->head->lists[at] = *list;
    if (at == p->head->list_count)
        p->head->list_count++;
    return 0;
}

/* Packed too; the signature is of the plain file. */
static int write_packed(const char *folder, const char *name, struct slice content,
                        struct error *err)
{
    char path[HEAD_FILE_BYTES + 4];
    BUFFER_CLEANUP packed = buffer_new(2 * LIMIT_LIST_BYTES);
    snprintf(path, sizeof path, "%s.gz", name);
    return gzip(content, &packed, err) != 0 ? -1
                                            : write_named(folder, path, buffer_slice(&packed), err);
}

static void remove_old_files(struct publishing *p, const struct head_list *list)
{
    char name[HEAD_FILE_BYTES], path[PATH_MAX];
    struct head_list old = *list;
    old.sequence -= KEPT_NUMBERS;
    if (old.sequence < 1)
        return;
    head_write_list_file(&old, name);
    if (write_path(p->wish->folder, name, path, NULL) != 0)
        return;
    unlink(path);
    size_t size = strlen(path);
    snprintf(path + size, sizeof path - size, ".minisig");
    unlink(path);
    snprintf(path + size, sizeof path - size, ".gz");
    unlink(path);
}

/* The number is spent (floor) before the file is seen by anybody. */
static int publish_one(struct publishing *p, struct publish_list *row, struct error *err)
{
    char comment[LIST_COMMENT_BYTES], name[HEAD_FILE_BYTES];
    struct head_list list = {.list_id = row->list->list_id, .name = row->list->name};
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES), signature = buffer_new(LIMIT_MINISIG_BYTES);
    if (publish_number(&p->floors, p->wish, p->is_renewed, row, &text, p->arena, err) != 0)
        return -1;
    list.sequence = row->sequence;
    list.size_bytes = (int64_t)text.size;
    record_make_hash(buffer_slice(&text), list.hash);
    list_write_comment(row->list, comment);
    if (publisher_sign(p->publisher, ROOT_ROLE_LIST, buffer_slice(&text), comment, &signature,
                       err) != 0 ||
        floors_raise(&p->floors, list.list_id, list.sequence, list.hash, err) != 0 ||
        floors_write(p->publisher->folder, &p->floors, err) != 0)
        return -1;
    head_write_list_file(&list, name);
    if (write_packed(p->wish->folder, name, buffer_slice(&text), err) != 0 ||
        publisher_write_signed(p->wish->folder, name, buffer_slice(&text), buffer_slice(&signature),
                               err) != 0 ||
        set_head_list(p, &list, err) != 0 ||
        publish_deltas(p->wish->folder, &list, buffer_slice(&text), p->head, err) != 0)
        return -1;
    remove_old_files(p, &list);
    return row->is_changed ? file_write(row->path, buffer_slice(&text), FILE_MODE, err) : 0;
}

static int check_files(const struct publishing *p, struct error *err)
{
    char name[HEAD_FILE_BYTES], path[PATH_MAX];
    for (size_t i = 0; i < p->head->list_count; i++) {
        head_write_list_file(&p->head->lists[i], name);
        if (write_path(p->wish->folder, name, path, err) != 0)
            return -1;
        if (access(path, F_OK) != 0)
            return error_set(err, ERROR_NOT_FOUND,
                             "%s: was published before and is not there; name the list's file to "
                             "publish it here too, or --drop " SLICE_FORMAT,
                             path, SLICE_ARGUMENTS(p->head->lists[i].name));
    }
    return 0;
}

/* What only an old key signed is refused by everybody who follows our root. */
static int check_renewed(const struct publishing *p, const struct publish_list *rows, size_t count,
                         struct error *err)
{
    for (size_t i = 0; p->is_renewed && i < p->head->list_count; i++) {
        const struct head_list *list = &p->head->lists[i];
        bool is_among = false;
        for (size_t k = 0; k < count; k++)
            is_among |= slice_equals(rows[k].list->list_id, list->list_id);
        if (!is_among)
            return error_set(
                err, ERROR_INPUT,
                "the keys are others than at the last publication: name the file of " SLICE_FORMAT
                " too, or --drop it",
                SLICE_ARGUMENTS(list->name));
    }
    return 0;
}

static void drop_list(struct head *head, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < head->list_count; i++)
        if (!slice_is(head->lists[i].name, name))
            head->lists[kept++] = head->lists[i];
        else
            publish_forget_deltas(head, head->lists[i].list_id);
    head->list_count = kept;
}

/* What we accepted of others, so that partners can compare. */
static int add_saw(struct publishing *p, const struct settings *settings, struct error *err)
{
    const char *const *names;
    size_t count;
    char folder[PATH_MAX];
    if (partner_find_all(settings, p->arena, &names, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct floors *floors = arena_alloc(p->arena, sizeof *floors);
        if (floors == NULL)
            return arena_error(p->arena, err);
        if (partner_write_folder(settings, names[i], folder, err) != 0 ||
            floors_read(folder, floors, err) != 0)
            return -1;
        for (size_t k = 0; k < floors->count && p->head->saw_count < HEAD_MOST_SAW; k++) {
            const struct floor *floor = &floors->rows[k];
            if (strcmp(floor->name, "root") == 0 || strcmp(floor->name, "head") == 0)
                continue;
            struct head_saw *saw = &p->head->saw[p->head->saw_count++];
            *saw = (struct head_saw){.publisher = slice_of(names[i]),
                                     .list_id = slice_of(floor->name),
                                     .sequence = floor->sequence};
            memcpy(saw->hash, floor->hash, sizeof saw->hash);
        }
    }
    return 0;
}

static int finish_head(struct publishing *p, struct error *err)
{
    char comment[HEAD_COMMENT_BYTES];
    unsigned char hash[RECORD_HASH_BYTES];
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES), signature = buffer_new(LIMIT_MINISIG_BYTES);
    head_write_comment(p->head, comment);
    if (head_format(p->head, &text, err) != 0 ||
        publisher_sign(p->publisher, ROOT_ROLE_HEAD, buffer_slice(&text), comment, &signature,
                       err) != 0)
        return -1;
    record_make_hash(buffer_slice(&text), hash);
    if (floors_raise(&p->floors, SLICE_LITERAL("head"), p->head->sequence, hash, err) != 0 ||
        floors_write(p->publisher->folder, &p->floors, err) != 0 ||
        publisher_copy_roots(p->publisher, p->wish->folder, err) != 0 ||
        write_named(p->publisher->folder, "head.zh", buffer_slice(&text), err) != 0)
        return -1;
    return publisher_write_signed(p->wish->folder, "head.zh", buffer_slice(&text),
                                  buffer_slice(&signature), err);
}

static int make_folders(const char *folder, struct error *err)
{
    char path[PATH_MAX];
    if (write_path(folder, "lists", path, err) != 0)
        return -1;
    if ((mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) ||
        (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST))
        return error_system(err, "%s: cannot be made", path);
    return 0;
}

static bool is_left_over(struct slice name, bool is_ours)
{
    is_ours |= slice_starts_with(name, "head.zh") || slice_starts_with(name, "root.");
    return is_ours && slice_find(name, SLICE_LITERAL(".tmp-")) < name.size;
}

/* What a publication that was ended suddenly left beside its files. `is_ours`: nobody else has
 * files there. */
static void sweep(const char *folder, bool is_ours, int64_t now)
{
    char path[PATH_MAX];
    struct dirent *file;
    struct stat found;
    DIR *opened = opendir(folder);
    while (opened != NULL && (file = readdir(opened)) != NULL) {
        if (is_left_over(slice_of(file->d_name), is_ours) &&
            write_path(folder, file->d_name, path, NULL) == 0 && stat(path, &found) == 0 &&
            found.st_mtime < now - LEFT_SECONDS)
            unlink(path);
    }
    if (opened != NULL)
        closedir(opened);
}

static void sweep_all(const char *folder, int64_t now)
{
    char path[PATH_MAX];
    sweep(folder, false, now);
    if (write_path(folder, "lists", path, NULL) == 0)
        sweep(path, true, now);
}

int publish_run(struct publisher *publisher, const struct publish_wish *wish,
                const struct settings *settings, struct publish_list *rows, size_t count,
                const char *const *dropped, size_t dropped_count, struct arena *arena,
                struct head **head_out, struct error *err)
{
    struct publishing p = {.publisher = publisher, .wish = wish, .arena = arena};
    if (make_folders(wish->folder, err) != 0 ||
        floors_read(publisher->folder, &p.floors, err) != 0 || begin_head(&p, err) != 0)
        return -1;
    sweep_all(wish->folder, wish->now);
    for (size_t i = 0; i < dropped_count; i++)
        drop_list(p.head, dropped[i]);
    if (check_renewed(&p, rows, count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (publish_one(&p, &rows[i], err) != 0)
            return error_context(err, "%s", rows[i].path);
    if (check_files(&p, err) != 0 || (wish->shows_saw && add_saw(&p, settings, err) != 0) ||
        finish_head(&p, err) != 0)
        return -1;
    *head_out = p.head;
    return 0;
}
