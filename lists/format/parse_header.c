#include "lists/format/reading.h"

#include "common/base/clock.h"
#include "lists/format/type.h"
#include <stddef.h>

/* NULL: read; else what is wrong, which refuses the file. */
typedef const char *header_read(struct list *list, struct slice value);

static const char *read_version(struct list *list, struct slice value)
{
    (void)list;
    return slice_is(value, "1") ? NULL : "only version 1 of the format is known";
}

static const char *read_name(struct list *list, struct slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] == ' ')
            return "%name: one word without spaces is expected";
    if (value.size > 64)
        return "%name: longer than 64 bytes";
    list->name = value;
    return NULL;
}

static const char *read_list_id(struct list *list, struct slice value)
{
    if (!is_hex(value, 8, 32))
        return "%list-id: 8 to 32 hexadecimal digits (0-9, a-f) are expected";
    list->list_id = value;
    return NULL;
}

static const char *read_publisher(struct list *list, struct slice value)
{
    if (!is_domain_name(value))
        return "%publisher: a domain in lower case is expected";
    list->publisher = value;
    return NULL;
}

static const char *read_sequence(struct list *list, struct slice value)
{
    long long number;
    if (!slice_to_number(value, 0, 999999999999999, &number))
        return "%seq: a whole number is expected";
    list->sequence = number;
    return NULL;
}

static const char *read_issued(struct list *list, struct slice value)
{
    if (!clock_read_timestamp(value, &list->issued_at))
        return "%issued: a time such as 2026-11-23T09:00:00Z is expected";
    return NULL;
}

static const char *read_audience(struct list *list, struct slice value)
{
    if (!slice_is(value, "public") && !slice_is(value, "partners") &&
        !(slice_starts_with(value, "group:") && value.size > 6))
        return "%audience: public, partners or group:ID is expected";
    list->audience = value;
    return NULL;
}

static const char *read_list_scope(struct list *list, struct slice value)
{
    list->scope = value;
    return NULL;
}

static const char *read_languages(struct list *list, struct slice value)
{
    list->languages = value;
    return NULL;
}

static const char *read_list_action(struct list *list, struct slice value)
{
    if (!list_action_read(value, &list->max_action))
        return "%max-action: none, observe, tag or hold is expected";
    return NULL;
}

static const char *read_appeals(struct list *list, struct slice value)
{
    list->appeals = value;
    return NULL;
}

static const char *read_digest_key(struct list *list, struct slice value)
{
    list->digest_key = value;
    return NULL;
}

static const struct header_row {
    const char *name;
    header_read *read;
} rows[] = {
    {"%zaguan-list", read_version},
    {"%name", read_name},
    {"%list-id", read_list_id},
    {"%publisher", read_publisher},
    {"%seq", read_sequence},
    {"%issued", read_issued},
    {"%audience", read_audience},
    {"%scope", read_list_scope},
    {"%languages", read_languages},
    {"%max-action", read_list_action},
    {"%appeals", read_appeals},
    {"%digest-key", read_digest_key},
    {NULL, NULL},
};

static const struct header_row *find_row(struct slice key)
{
    for (const struct header_row *row = rows; row->name != NULL; row++)
        if (slice_is(key, row->name))
            return row;
    return NULL;
}

static int check_place(struct reading *r, struct slice key, struct error *err)
{
    bool is_version = slice_is(key, "%zaguan-list");
    if (!r->has_version && !is_version)
        return cursor_error(&r->c, 0, err, "the first line of a list is %%zaguan-list 1");
    if (r->entry != NULL ||
        r->list->entry_count + r->list->retraction_count + r->list->disagreement_count > 0)
        return cursor_error(&r->c, 0, err, "%% lines stand before the first entry");
    for (size_t i = 0; i < r->list->header_count; i++)
        if (slice_equals(r->list->headers[i].line.key, key))
            return cursor_error(&r->c, 0, err, SLICE_FORMAT " is given twice",
                                SLICE_ARGUMENTS(slice_part(key, 0, 40)));
    return 0;
}

int reading_header_line(struct reading *r, struct error *err)
{
    struct slice key = cursor_take_word(&r->c);
    if (check_place(r, key, err) != 0)
        return -1;
    const struct header_row *row = find_row(key);
    if (row == NULL && !slice_starts_with(key, "%x-"))
        return cursor_error(&r->c, 0, err,
                            "there is no \"" SLICE_FORMAT "\" (a private one "
                            "starts with %%x-)",
                            SLICE_ARGUMENTS(slice_part(key, 0, 40)));
    bool is_missing = cursor_at_end(&r->c);
    size_t begin = r->c.at;
    if (is_missing)
        return cursor_error(&r->c, begin, err, SLICE_FORMAT " has no value",
                            SLICE_ARGUMENTS(slice_part(key, 0, 40)));
    struct slice value = cursor_take_rest(&r->c);
    const char *fault = row == NULL ? NULL : row->read(r->list, value);
    if (fault != NULL)
        return cursor_error(&r->c, begin, err, "%s", fault);
    struct header *header = &r->list->headers[r->list->header_count++];
    header->line = (struct attribute){key, value, cursor_take_comment(&r->c), {r->c.number, 1}};
    header->comments = r->pending;
    r->pending = (struct comment_set){NULL, 0};
    r->pending_room = 0;
    r->has_version = true;
    return 0;
}
