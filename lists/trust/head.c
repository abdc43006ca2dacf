#include "lists/trust/head.h"

#include "common/base/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_SECONDS ((int64_t)24 * 60 * 60)

struct head_reading {
    struct record_reader reader;
    struct head *head;
};

static int read_publisher(struct head_reading *r, struct slice value, struct error *err)
{
    if (record_word(&r->reader, &value, "the publisher", &r->head->publisher, err) != 0 ||
        record_end(&r->reader, value, err) != 0)
        return -1;
    return record_is_publisher(r->head->publisher)
               ? 0
               : record_error(&r->reader, err, "a publisher is a domain in lower case");
}

static int read_number(struct head_reading *r, struct slice value, const char *what, int64_t least,
                       int64_t *number_out, struct error *err)
{
    return record_number(&r->reader, &value, what, least, RECORD_SEQUENCE_MOST, number_out, err) !=
                   0
               ? -1
               : record_end(&r->reader, value, err);
}

static int read_time(struct head_reading *r, struct slice value, const char *what,
                     int64_t *when_out, struct error *err)
{
    return record_time(&r->reader, &value, what, when_out, err) != 0
               ? -1
               : record_end(&r->reader, value, err);
}

static int read_sequence(struct head_reading *r, struct slice value, struct error *err)
{
    return read_number(r, value, "%seq", 1, &r->head->sequence, err);
}

static int read_issued(struct head_reading *r, struct slice value, struct error *err)
{
    return read_time(r, value, "%issued", &r->head->issued_at, err);
}

static int read_fresh_until(struct head_reading *r, struct slice value, struct error *err)
{
    return read_time(r, value, "%fresh-until", &r->head->fresh_until, err);
}

static int read_root(struct head_reading *r, struct slice value, struct error *err)
{
    return read_number(r, value, "%root", 0, &r->head->root_sequence, err);
}

/* It becomes part of a file's name on both sides. */
static bool is_list_name(struct slice name)
{
    if (name.size == 0 || name.size > 64 || name.data[0] == '.' || name.data[0] == '-')
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || c == '.'))
            return false;
    }
    return true;
}

static int read_size_and_hash(struct head_reading *r, struct slice value, int64_t *size_out,
                              unsigned char hash_out[RECORD_HASH_BYTES], struct error *err)
{
    if (record_number(&r->reader, &value, "a size", 1, (int64_t)1 << 40, size_out, err) != 0 ||
        record_hash(&r->reader, &value, hash_out, err) != 0)
        return -1;
    return record_end(&r->reader, value, err);
}

static int read_list(struct head_reading *r, struct slice value, struct error *err)
{
    struct head *head = r->head;
    struct head_list list;
    if (head->list_count == HEAD_MOST_LISTS)
        return record_error(&r->reader, err, "more than %d lists", HEAD_MOST_LISTS);
    if (record_list_id(&r->reader, &value, &list.list_id, err) != 0 ||
        record_word(&r->reader, &value, "a name", &list.name, err) != 0)
        return -1;
    if (!is_list_name(list.name))
        return record_error(&r->reader, err, "a list's name has letters, digits, \"-_.\" only");
    if (record_number(&r->reader, &value, "a seq", 1, RECORD_SEQUENCE_MOST, &list.sequence, err) !=
            0 ||
        read_size_and_hash(r, value, &list.size_bytes, list.hash, err) != 0)
        return -1;
    for (size_t i = 0; i < head->list_count; i++)
        if (slice_equals(head->lists[i].list_id, list.list_id) ||
            slice_equals_nocase(head->lists[i].name, list.name))
            return record_error(&r->reader, err, "a list-id or name stands here twice");
    head->lists[head->list_count++] = list;
    return 0;
}

static int read_delta(struct head_reading *r, struct slice value, struct error *err)
{
    struct head *head = r->head;
    struct head_delta delta;
    if (head->delta_count == HEAD_MOST_DELTAS)
        return record_error(&r->reader, err, "more than %d deltas", HEAD_MOST_DELTAS);
    if (record_list_id(&r->reader, &value, &delta.list_id, err) != 0 ||
        record_number(&r->reader, &value, "a seq", 1, RECORD_SEQUENCE_MOST, &delta.from, err) !=
            0 ||
        read_size_and_hash(r, value, &delta.size_bytes, delta.hash, err) != 0)
        return -1;
    const struct head_list *list = head_find(head, delta.list_id);
    if (list == NULL || delta.from >= list->sequence)
        return record_error(&r->reader, err, "a delta leads to a list that stands above it");
    if (head_find_delta(head, delta.list_id, delta.from) != NULL)
        return record_error(&r->reader, err, "the delta stands here twice");
    head->deltas[head->delta_count++] = delta;
    return 0;
}

static int read_saw(struct head_reading *r, struct slice value, struct error *err)
{
    struct head *head = r->head;
    struct head_saw saw;
    if (head->saw_count == HEAD_MOST_SAW)
        return record_error(&r->reader, err, "more than %d saw lines", HEAD_MOST_SAW);
    if (record_word(&r->reader, &value, "a publisher", &saw.publisher, err) != 0)
        return -1;
    if (!record_is_publisher(saw.publisher))
        return record_error(&r->reader, err, "a publisher is a domain in lower case");
    if (record_list_id(&r->reader, &value, &saw.list_id, err) != 0 ||
        record_number(&r->reader, &value, "a seq", 1, RECORD_SEQUENCE_MOST, &saw.sequence, err) !=
            0 ||
        record_hash(&r->reader, &value, saw.hash, err) != 0 ||
        record_end(&r->reader, value, err) != 0)
        return -1;
    head->saw[head->saw_count++] = saw;
    return 0;
}

static const struct {
    const char *key;
    int (*read)(struct head_reading *r, struct slice value, struct error *err);
    bool is_once;
} rows[] = {
    {"%publisher", read_publisher, true}, {"%seq", read_sequence, true},
    {"%issued", read_issued, true},       {"%fresh-until", read_fresh_until, true},
    {"%root", read_root, true},           {"list", read_list, false},
    {"delta", read_delta, false},         {"saw", read_saw, false},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static int read_record(struct head_reading *r, struct slice key, struct slice value,
                       bool has_read[ROW_COUNT], struct error *err)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!slice_is(key, rows[i].key))
            continue;
        if (has_read[i] && rows[i].is_once)
            return record_error(&r->reader, err, "%s stands here twice", rows[i].key);
        has_read[i] = true;
        return rows[i].read(r, value, err);
    }
    return record_error(&r->reader, err, "unknown: \"" SLICE_FORMAT "\"",
                        SLICE_ARGUMENTS(slice_part(key, 0, 40)));
}

static int read_all(struct head_reading *r, const char *name, struct error *err)
{
    bool has_read[ROW_COUNT] = {false};
    struct slice key, value;
    int more;
    while ((more = record_next(&r->reader, &key, &value, err)) == 1)
        if (read_record(r, key, value, has_read, err) != 0)
            return -1;
    if (more < 0)
        return -1;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].is_once && !has_read[i])
            return error_set(err, ERROR_INPUT, "%s: %s is missing", name, rows[i].key);
    int64_t seconds = r->head->fresh_until - r->head->issued_at;
    if (seconds <= 0 || seconds > HEAD_MOST_FRESH_SECONDS)
        return error_set(err, ERROR_INPUT, "%s: %%fresh-until is 1 to %d days after %%issued", name,
                         (int)(HEAD_MOST_FRESH_SECONDS / DAY_SECONDS));
    return 0;
}

int head_parse(struct slice text, const char *name, struct arena *arena, struct head **head_out,
               struct error *err)
{
    if (text.size > LIMIT_HEAD_BYTES)
        return error_set(err, ERROR_LIMIT, "%s: longer than %zu bytes", name, LIMIT_HEAD_BYTES);
    struct head_reading r = {.head = arena_alloc(arena, sizeof *r.head)};
    struct slice copy = arena_copy(arena, text);
    if (r.head != NULL) {
        r.head->lists = arena_alloc_array(arena, HEAD_MOST_LISTS, sizeof *r.head->lists);
        r.head->deltas = arena_alloc_array(arena, HEAD_MOST_DELTAS, sizeof *r.head->deltas);
        r.head->saw = arena_alloc_array(arena, HEAD_MOST_SAW, sizeof *r.head->saw);
    }
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    if (record_begin(&r.reader, copy, name, "zaguan-head", err) != 0 ||
        read_all(&r, name, err) != 0)
        return -1;
    *head_out = r.head;
    return 0;
}

static void format_lists(const struct head *head, struct buffer *into)
{
    char hash[2 * RECORD_HASH_BYTES + 1];
    for (size_t i = 0; i < head->list_count; i++) {
        const struct head_list *list = &head->lists[i];
        record_write_hash(list->hash, hash);
        buffer_printf(into, "list " SLICE_FORMAT " " SLICE_FORMAT " %" PRId64 " %" PRId64 " %s\n",
                      SLICE_ARGUMENTS(list->list_id), SLICE_ARGUMENTS(list->name), list->sequence,
                      list->size_bytes, hash);
    }
    for (size_t i = 0; i < head->delta_count; i++) {
        const struct head_delta *delta = &head->deltas[i];
        record_write_hash(delta->hash, hash);
        buffer_printf(into, "delta " SLICE_FORMAT " %" PRId64 " %" PRId64 " %s\n",
                      SLICE_ARGUMENTS(delta->list_id), delta->from, delta->size_bytes, hash);
    }
}

int head_format(const struct head *head, struct buffer *into, struct error *err)
{
    char issued[CLOCK_DATE_BYTES], fresh[CLOCK_DATE_BYTES], hash[2 * RECORD_HASH_BYTES + 1];
    clock_write_timestamp(head->issued_at, issued);
    clock_write_timestamp(head->fresh_until, fresh);
    buffer_printf(into,
                  "%%zaguan-head 1\n%%publisher " SLICE_FORMAT "\n%%seq %" PRId64
                  "\n%%issued %s\n%%fresh-until %s\n%%root %" PRId64 "\n",
                  SLICE_ARGUMENTS(head->publisher), head->sequence, issued, fresh,
                  head->root_sequence);
    format_lists(head, into);
    for (size_t i = 0; i < head->saw_count; i++) {
        const struct head_saw *saw = &head->saw[i];
        record_write_hash(saw->hash, hash);
        buffer_printf(into, "saw " SLICE_FORMAT " " SLICE_FORMAT " %" PRId64 " %s\n",
                      SLICE_ARGUMENTS(saw->publisher), SLICE_ARGUMENTS(saw->list_id), saw->sequence,
                      hash);
    }
    buffer_printf(into, "@end %zu\n", head->list_count + head->delta_count + head->saw_count);
    return buffer_check(into, "the head", err);
}

const struct head_list *head_find(const struct head *head, struct slice list_id)
{
    for (size_t i = 0; i < head->list_count; i++)
        if (slice_equals(head->lists[i].list_id, list_id))
            return &head->lists[i];
    return NULL;
}

const struct head_delta *head_find_delta(const struct head *head, struct slice list_id,
                                         int64_t from)
{
    for (size_t i = 0; i < head->delta_count; i++)
        if (slice_equals(head->deltas[i].list_id, list_id) && head->deltas[i].from == from)
            return &head->deltas[i];
    return NULL;
}

void head_write_list_file(const struct head_list *list, char text[HEAD_FILE_BYTES])
{
    snprintf(text, HEAD_FILE_BYTES, "lists/" SLICE_FORMAT ".%" PRId64 ".zl",
             SLICE_ARGUMENTS(list->name), list->sequence);
}

void head_write_delta_file(const struct head_list *list, int64_t from, char text[HEAD_FILE_BYTES])
{
    snprintf(text, HEAD_FILE_BYTES, "lists/" SLICE_FORMAT ".%" PRId64 "-%" PRId64 ".rcs",
             SLICE_ARGUMENTS(list->name), from, list->sequence);
}
