#include "lists/format/reading.h"

#include "lists/format/attribute.h"
#include "lists/format/type.h"

static struct attribute *add_attribute(struct reading *r, struct slice key, struct place place,
                                       struct error *err)
{
    struct entry *entry = r->entry;
    entry->attributes = reading_grow(r->arena, entry->attributes, entry->attribute_count,
                                     &r->attribute_room, sizeof *entry->attributes);
    if (entry->attributes == NULL) {
        (void)arena_error(r->arena, err);
        return NULL;
    }
    struct attribute *attribute = &entry->attributes[entry->attribute_count++];
    attribute->key = key;
    attribute->place = place;
    return attribute;
}

static int read_quoted_text(struct reading *r, size_t begin, struct slice written, bool is_pattern,
                            struct slice *text_out, struct error *err)
{
    size_t wrong_at;
    if (!quoted_read(written, is_pattern, r->arena, text_out, &wrong_at))
        return cursor_error(&r->c, begin + wrong_at, err,
                            "a backslash stands only before a quote or another backslash here");
    return text_out->data == NULL ? arena_error(r->arena, err) : 0;
}

static int add_test(struct reading *r, struct attribute *attribute, struct error *err)
{
    struct entry *entry = r->entry;
    struct slice text;
    (void)cursor_at_end(&r->c);
    size_t begin = r->c.at;
    if (cursor_take_quoted(&r->c, &attribute->written, err) != 0 ||
        read_quoted_text(r, begin, attribute->written, false, &text, err) != 0)
        return -1;
    entry->tests = reading_grow(r->arena, entry->tests, entry->test_count, &r->test_room,
                                sizeof *entry->tests);
    if (entry->tests == NULL)
        return arena_error(r->arena, err);
    entry->tests[entry->test_count++] =
        (struct entry_test){text, slice_is(attribute->key, "yes"), attribute->place};
    return 0;
}

static bool is_given_twice(const struct entry *entry, struct slice key)
{
    for (size_t i = 0; i + 1 < entry->attribute_count; i++)
        if (slice_equals(entry->attributes[i].key, key))
            return true;
    return false;
}

static int take_known(struct reading *r, const struct attribute_row *row,
                      struct attribute *attribute, struct error *err)
{
    if (row->kind == ATTRIBUTE_TEST)
        return add_test(r, attribute, err);
    if (is_given_twice(r->entry, attribute->key))
        return cursor_error(&r->c, r->c.at - attribute->key.size, err, "%s is given twice",
                            row->name);
    struct place place = attribute->place;
    if (row->kind != ATTRIBUTE_FLAG) {
        bool is_missing = cursor_at_end(&r->c);
        place = cursor_place(&r->c, r->c.at);
        if (is_missing)
            return cursor_error(&r->c, r->c.at, err, "%s has no value", row->name);
        attribute->written =
            row->kind == ATTRIBUTE_REST ? cursor_take_rest(&r->c) : cursor_take_word(&r->c);
    }
    const char *fault = row->read(r->entry, attribute->written);
    if (fault != NULL)
        entry_park(r->entry, place, fault);
    return 0;
}

/* Of a foreign attribute nobody knows how many words it has: an x- one has one, else all. */
static int take_foreign(struct reading *r, struct attribute *attribute, struct error *err)
{
    bool is_private = slice_starts_with(attribute->key, "x-");
    if (!is_private) {
        const char *reason = arena_printf(
            r->arena, "there is no attribute \"" SLICE_FORMAT "\"; it is kept, but not active",
            SLICE_ARGUMENTS(slice_part(attribute->key, 0, 40)));
        if (reason == NULL)
            return arena_error(r->arena, err);
        entry_park(r->entry, attribute->place, reason);
    }
    if (cursor_at_end(&r->c))
        return 0;
    if (is_private && r->c.line.data[r->c.at] == '"')
        return cursor_take_quoted(&r->c, &attribute->written, err);
    attribute->written = is_private ? cursor_take_word(&r->c) : cursor_take_rest(&r->c);
    return 0;
}

int reading_attribute_line(struct reading *r, struct error *err)
{
    struct attribute *attribute = NULL;
    size_t room = r->entry->comments.count;
    r->entry->text.size = (size_t)(r->c.line.data + r->c.line.size - r->entry->text.data);
    while (!cursor_at_end(&r->c)) {
        struct place place = cursor_place(&r->c, r->c.at);
        size_t begin = r->c.at;
        struct slice key = cursor_take_word(&r->c);
        if (key.data[0] < 'a' || key.data[0] > 'z')
            return cursor_error(&r->c, begin, err, "the name of an attribute is expected here");
        attribute = add_attribute(r, key, place, err);
        if (attribute == NULL)
            return -1;
        const struct attribute_row *row = attribute_find(key);
        int failed =
            row == NULL ? take_foreign(r, attribute, err) : take_known(r, row, attribute, err);
        if (failed != 0)
            return -1;
    }
    struct slice comment = cursor_take_comment(&r->c);
    if (slice_is_empty(comment))
        return 0;
    const struct attribute_row *row = attribute == NULL ? NULL : attribute_find(attribute->key);
    if (row != NULL && (row->kind == ATTRIBUTE_TEST || row->kind == ATTRIBUTE_REST)) {
        attribute->comment = comment;
        return 0;
    }
    return reading_add_comment(r, &r->entry->comments, &room, comment, err);
}

/* "d=example.org s=mail" */
static int take_dkim_value(struct reading *r, struct error *err)
{
    struct slice domain = {NULL, 0}, selector = {NULL, 0};
    size_t begin = r->c.at, end = begin;
    for (;;) {
        struct cursor before = r->c;
        if (cursor_at_end(&r->c))
            break;
        size_t at = r->c.at;
        struct slice word = cursor_take_word(&r->c);
        struct slice *half = slice_starts_with(word, "d=")   ? &domain
                             : slice_starts_with(word, "s=") ? &selector
                                                             : NULL;
        if (half == NULL) {
            r->c = before;
            break;
        }
        if (half->data != NULL || word.size == 2)
            return cursor_error(&r->c, at, err, "d= and s= are given once each, with a value");
        *half = slice_from(word, 2);
        end = r->c.at;
    }
    if (domain.data == NULL)
        return cursor_error(&r->c, begin, err,
                            "dkim: d=DOMAIN is expected, and s=SELECTOR may follow");
    r->entry->value_written = slice_part(r->c.line, begin, end - begin);
    const char *text =
        arena_printf(r->arena, SLICE_FORMAT "%s" SLICE_FORMAT, SLICE_ARGUMENTS(domain),
                     selector.data == NULL ? "" : " ", SLICE_ARGUMENTS(selector));
    r->entry->value = slice_of(text);
    return text == NULL ? arena_error(r->arena, err) : 0;
}

static int take_value(struct reading *r, const struct type_row *row, struct error *err)
{
    struct entry *entry = r->entry;
    while (r->c.at < r->c.line.size && r->c.line.data[r->c.at] == ' ')
        r->c.at++;
    size_t begin = r->c.at;
    entry->value_place = cursor_place(&r->c, begin);
    if (begin >= r->c.line.size)
        return cursor_error(&r->c, begin, err, "the value is missing");
    bool is_quoted = r->c.line.data[begin] == '"';
    if (row != NULL && row->is_quoted && !is_quoted)
        return cursor_error(&r->c, begin, err, "the value of %s stands in double quotes",
                            row->name);
    if (row != NULL && !row->is_quoted && is_quoted)
        return cursor_error(&r->c, begin, err, "the value of %s stands without quotes", row->name);
    if (row != NULL && row->type == ENTRY_DKIM)
        return take_dkim_value(r, err);
    if (!is_quoted) {
        entry->value = entry->value_written = cursor_take_word(&r->c);
        return 0;
    }
    if (cursor_take_quoted(&r->c, &entry->value_written, err) != 0)
        return -1;
    return read_quoted_text(r, begin, entry->value_written,
                            row == NULL || row->type != ENTRY_PHRASE, &entry->value, err);
}

/* A type of another version: kept as it stands. */
static int park_other_type(struct reading *r, const struct type_row *row, struct place place,
                           struct error *err)
{
    const char *reason =
        arena_printf(r->arena,
                     row == NULL ? "there is no type \"" SLICE_FORMAT "\""
                                 : "entries of type " SLICE_FORMAT
                                   " are kept, but this version does not match them",
                     SLICE_ARGUMENTS(slice_part(r->entry->type_name, 0, 40)));
    if (reason == NULL)
        return arena_error(r->arena, err);
    r->entry->is_later = row != NULL;
    entry_park(r->entry, place, reason);
    return 0;
}

int reading_entry_line(struct reading *r, struct error *err)
{
    struct entry *entry = &r->list->entries[r->list->entry_count];
    r->entry = entry;
    r->attribute_room = r->test_room = 0;
    entry->line = r->c.number;
    entry->text = r->c.line;
    entry->comments = r->pending;
    r->pending = (struct comment_set){NULL, 0};
    r->pending_room = 0;
    entry->severity = 3;
    entry->scope = (unsigned)TEXT_SUBJECT | (unsigned)TEXT_BODY;
    entry->max_action = LIST_ACTION_HOLD;
    entry->category = CATEGORY_OTHER;
    r->c.at = 1;
    if (cursor_at_end(&r->c))
        return cursor_error(&r->c, r->c.at, err, "the type is missing: + TYPE VALUE");
    struct place place = cursor_place(&r->c, r->c.at);
    entry->type_name = cursor_take_word(&r->c);
    const struct type_row *row = type_find(entry->type_name);
    entry->type = row == NULL ? ENTRY_OTHER : row->type;
    if (entry->type == ENTRY_OTHER && park_other_type(r, row, place, err) != 0)
        return -1;
    if (take_value(r, row, err) != 0)
        return -1;
    r->list->entry_count++;
    return reading_attribute_line(r, err);
}

void reading_entry_end(struct reading *r)
{
    struct entry *entry = r->entry;
    if (entry == NULL)
        return;
    struct place place = {entry->line, 1};
    if (slice_is_empty(entry->id))
        entry_park(entry, place, "id is missing: 8 to 16 hexadecimal digits");
    if (slice_is_empty(entry->category_name))
        entry_park(entry, place, "cat is missing: cat threat, cat doxxing, ...");
    if (entry->expires_at == 0)
        entry_park(entry, place, "expires is missing: every entry ends one day");
    reading_keyed_end(r);
    /* A forged From must not frame an ally: without proof an address is only looked at. */
    if (entry->type == ENTRY_ADDR && !entry->needs_dmarc && entry->max_action > LIST_ACTION_OBSERVE)
        entry->max_action = LIST_ACTION_OBSERVE;
    r->entry = NULL;
}
