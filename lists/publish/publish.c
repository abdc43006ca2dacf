#include "lists/publish/publish_number.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "lists/format/format.h"
#include "lists/format/parse.h"
#include "lists/format/type.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RETRACTION_DAYS 180 /* how long receivers are told */

void list_write_comment(const struct list *list, char text[LIST_COMMENT_BYTES])
{
    char issued[CLOCK_DATE_BYTES];
    clock_write_timestamp(list->issued_at, issued);
    snprintf(text, LIST_COMMENT_BYTES, "zaguan-list 1 " SLICE_FORMAT " %" PRId64 " %s",
             SLICE_ARGUMENTS(list->list_id), list->sequence, issued);
}

int list_set_header(struct list *list, const char *key, const char *value, struct arena *arena,
                    struct error *err)
{
    size_t at = 0;
    while (at < list->header_count && !slice_is(list->headers[at].line.key, key))
        at++;
    if (at == list->header_count) {
        struct header *rows = arena_alloc_array(arena, at + 1, sizeof *rows);
        if (rows == NULL)
            return arena_error(arena, err);
        if (at > 0)
            memcpy(rows, list->headers, at * sizeof *rows);
        rows[at].line.key = slice_of(arena_copy_text(arena, key));
        list->headers = rows;
        list->header_count++;
    }
    list->headers[at].line.written = slice_of(arena_copy_text(arena, value));
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

static int set_number(struct list *list, int64_t sequence, int64_t issued_at, struct arena *arena,
                      struct error *err)
{
    char number[32], issued[CLOCK_DATE_BYTES];
    snprintf(number, sizeof number, "%" PRId64, sequence);
    clock_write_timestamp(issued_at, issued);
    list->sequence = sequence;
    list->issued_at = issued_at;
    return list_set_header(list, "%seq", number, arena, err) != 0
               ? -1
               : list_set_header(list, "%issued", issued, arena, err);
}

static int fill_headers(const struct publisher *publisher, const struct publish_wish *wish,
                        struct list *list, struct arena *arena, struct error *err)
{
    char name[80];
    snprintf(name, sizeof name, SLICE_FORMAT, SLICE_ARGUMENTS(list->name));
    if (list->publisher.size > 0 && !slice_is(list->publisher, publisher->root.publisher))
        return error_set(err, ERROR_INPUT,
                         "it is of " SLICE_FORMAT ", not of %s: lists of others are referenced, "
                         "never copied",
                         SLICE_ARGUMENTS(list->publisher), publisher->root.publisher);
    if (list->list_id.size == 0)
        return error_set(err, ERROR_INPUT,
                         "it has no %%list-id: 16 random hex digits that never change");
    if (list_set_header(list, "%name", name, arena, err) != 0 ||
        list_set_header(list, "%publisher", publisher->root.publisher, arena, err) != 0)
        return -1;
    if (wish->audience != NULL || list->audience.size == 0)
        if (list_set_header(list, "%audience", wish->audience == NULL ? "partners" : wish->audience,
                            arena, err) != 0)
            return -1;
    if (wish->scope != NULL && list_set_header(list, "%scope", wish->scope, arena, err) != 0)
        return -1;
    if (wish->appeals != NULL && list_set_header(list, "%appeals", wish->appeals, arena, err) != 0)
        return -1;
    if (list->sequence > 0 && list->issued_at != 0)
        return 0;
    return set_number(list, list->sequence > 0 ? list->sequence : 1, wish->now, arena, err);
}

static void drop_old_retractions(struct list *list, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->retraction_count; i++)
        if (list->retractions[i].retracted_at + RETRACTION_DAYS * DAYS >= now)
            list->retractions[kept++] = list->retractions[i];
    list->retraction_count = kept;
}

/* As text and back: the fields then are what the headers say. */
static int read_again(struct list **list, const char *path, struct arena *arena, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    list_format(*list, &text);
    if (buffer_check(&text, path, err) != 0)
        return -1;
    return list_parse(buffer_slice(&text), path, arena, list, err);
}

int publish_check(const struct publisher *publisher, const struct publish_wish *wish,
                  struct publish_list *row, struct arena *arena, struct error *err)
{
    row->findings = (struct findings){.arena = arena};
    if (list_read(row->path, arena, &row->list, err) != 0)
        return -1;
    row->is_first = row->list->sequence == 0;
    if (fill_headers(publisher, wish, row->list, arena, err) != 0)
        return error_context(err, "%s", row->path);
    drop_old_retractions(row->list, wish->now);
    if (read_again(&row->list, row->path, arena, err) != 0 ||
        lint_list(row->list, wish->now, &row->findings, err) != 0 ||
        test_list(row->list, &row->findings, err) != 0)
        return -1;
    return directory_lint(wish->directory, row->list, &row->findings, err);
}

/* The next number, unless the text is the one that was published last. */
int publish_number(const struct floors *floors, const struct publish_wish *wish, bool is_renewed,
                   struct publish_list *row, struct buffer *text, struct arena *arena,
                   struct error *err)
{
    unsigned char hash[RECORD_HASH_BYTES];
    const struct floor *floor = floors_find(floors, row->list->list_id);
    list_format(row->list, text);
    if (buffer_check(text, row->path, err) != 0)
        return -1;
    record_make_hash(buffer_slice(text), hash);
    int64_t sequence = row->list->sequence;
    row->is_changed = is_renewed || floor == NULL || floor->sequence != sequence ||
                      memcmp(floor->hash, hash, sizeof hash) != 0;
    row->sequence = sequence;
    if (!row->is_changed)
        return 0;
    if (floor != NULL && floor->sequence > sequence)
        sequence = floor->sequence;
    row->sequence = row->is_first && floor == NULL ? 1 : sequence + 1;
    buffer_clear(text);
    if (set_number(row->list, row->sequence, wish->now, arena, err) != 0)
        return -1;
    list_format(row->list, text);
    return buffer_check(text, row->path, err);
}
