/* The differences from the last numbers of a list to the one that is published. */
#include "lists/publish/publish_number.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/delta.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DELTA_NUMBERS 10      /* who missed more of them loads the whole list */
#define MOST_DELTAS 100       /* in a head, which must stay small */
#define LEAST_TIMES_SMALLER 4 /* else it is not worth a line in the head */
#define FILE_MODE 0644

static void join(const char *folder, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

void publish_forget_deltas(struct head *head, struct slice list_id)
{
    size_t kept = 0;
    for (size_t i = 0; i < head->delta_count; i++)
        if (!slice_equals(head->deltas[i].list_id, list_id))
            head->deltas[kept++] = head->deltas[i];
    head->delta_count = kept;
}

/* What nobody needs: fetchers on their way have the head before this one at most. */
static void remove_old(const char *folder, const struct head_list *list)
{
    struct head_list old = *list;
    char name[HEAD_FILE_BYTES], path[PATH_MAX];
    old.sequence -= 2;
    for (int64_t from = old.sequence - DELTA_NUMBERS; from < old.sequence; from++) {
        if (from < 1)
            continue;
        head_write_delta_file(&old, from, name);
        join(folder, name, path);
        unlink(path);
    }
}

/* 1 written, 0 there is no such number here, or it would not be much smaller. */
static int write_one(const char *folder, const struct head_list *list, struct slice text,
                     struct head_delta *delta, struct error *err)
{
    struct head_list before = *list;
    char name[HEAD_FILE_BYTES], path[PATH_MAX];
    struct error trouble = {0};
    BUFFER_CLEANUP old = buffer_new(LIMIT_LIST_BYTES);
    BUFFER_CLEANUP script = buffer_new(text.size / LEAST_TIMES_SMALLER);
    before.sequence = delta->from;
    head_write_list_file(&before, name);
    join(folder, name, path);
    if (file_read(path, &old, &trouble) != 0)
        return trouble.kind == ERROR_NOT_FOUND ? 0
                                               : error_set(err, trouble.kind, "%s", trouble.text);
    if (delta_make(buffer_slice(&old), text, &script, &trouble) != 0)
        return trouble.kind == ERROR_SYSTEM ? error_set(err, trouble.kind, "%s", trouble.text) : 0;
    head_write_delta_file(list, delta->from, name);
    join(folder, name, path);
    delta->size_bytes = (int64_t)script.size;
    record_make_hash(buffer_slice(&script), delta->hash);
    return script.size == 0                                               ? 0
           : file_write(path, buffer_slice(&script), FILE_MODE, err) != 0 ? -1
                                                                          : 1;
}

int publish_deltas(const char *folder, const struct head_list *list, struct slice text,
                   struct head *head, struct error *err)
{
    publish_forget_deltas(head, list->list_id);
    remove_old(folder, list);
    int64_t last = list->sequence > DELTA_NUMBERS ? list->sequence - DELTA_NUMBERS : 1;
    for (int64_t from = list->sequence - 1; from >= last && head->delta_count < MOST_DELTAS;
         from--) {
        struct head_delta delta = {.list_id = list->list_id, .from = from};
        int written = write_one(folder, list, text, &delta, err);
        if (written < 0)
            return -1;
        if (written == 1)
            head->deltas[head->delta_count++] = delta;
    }
    return 0;
}
