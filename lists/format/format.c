#include "lists/format/format.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "lists/format/attribute.h"
#include <stdlib.h>

#define HEADER_COLUMN 13
#define WIDEST_LINE 100

static void write_comments(const struct comment_set *comments, struct buffer *into)
{
    for (size_t i = 0; i < comments->count; i++) {
        buffer_append(into, comments->lines[i]);
        buffer_append_byte(into, '\n');
    }
}

static void write_comment(struct slice comment, struct buffer *into)
{
    if (slice_is_empty(comment))
        return;
    buffer_append_text(into, "  ");
    buffer_append(into, comment);
}

/* Aligned as far as the line stays short enough to be read again. */
static void write_header(const struct header *header, struct buffer *into)
{
    const struct attribute *line = &header->line;
    size_t size = line->key.size + 1;
    write_comments(&header->comments, into);
    buffer_append(into, line->key);
    buffer_append_byte(into, ' ');
    bool is_padded = !slice_starts_with(line->written, "#"); /* two spaces make it a comment */
    while (is_padded && size < HEADER_COLUMN &&
           size + line->written.size + line->comment.size + 3 <= LIMIT_LIST_LINE_BYTES) {
        buffer_append_byte(into, ' ');
        size++;
    }
    buffer_append(into, line->written);
    write_comment(line->comment, into);
    buffer_append_byte(into, '\n');
}

static const struct attribute *find_attribute(const struct entry *entry, const char *key)
{
    for (size_t i = 0; i < entry->attribute_count; i++)
        if (slice_is(entry->attributes[i].key, key))
            return &entry->attributes[i];
    return NULL;
}

/* "  id X  cat threat  sev 3": those that share a line, and a new line when it grows too long. */
static void write_words(const struct entry *entry, int line, struct buffer *into)
{
    size_t width = 0;
    for (const struct attribute_row *row = attribute_rows; row->name != NULL; row++) {
        const struct attribute *attribute = row->kind == ATTRIBUTE_WORD && row->line == line
                                                ? find_attribute(entry, row->name)
                                                : NULL;
        if (attribute == NULL)
            continue;
        size_t size = 3 + attribute->key.size + attribute->written.size;
        if (width > 0 && width + size > WIDEST_LINE) {
            buffer_append_byte(into, '\n');
            width = 0;
        }
        buffer_printf(into, "  " SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENTS(attribute->key),
                      SLICE_ARGUMENTS(attribute->written));
        width += size;
    }
    if (width > 0)
        buffer_append_byte(into, '\n');
}

static void write_line(const struct attribute *attribute, bool is_padded, struct buffer *into)
{
    size_t size = attribute->key.size + attribute->written.size + attribute->comment.size + 6;
    buffer_append_text(into, "  ");
    buffer_append(into, attribute->key);
    if (!slice_is_empty(attribute->written)) {
        buffer_append_text(into, is_padded && size <= LIMIT_LIST_LINE_BYTES ? "  " : " ");
        buffer_append(into, attribute->written);
    }
    write_comment(attribute->comment, into);
    buffer_append_byte(into, '\n');
}

static void write_all(const struct entry *entry, const char *key, struct buffer *into)
{
    for (size_t i = 0; i < entry->attribute_count; i++)
        if (slice_is(entry->attributes[i].key, key))
            write_line(&entry->attributes[i], slice_is(entry->attributes[i].key, "no"), into);
}

static void write_foreign(const struct entry *entry, struct buffer *into)
{
    for (size_t i = 0; i < entry->attribute_count; i++)
        if (attribute_find(entry->attributes[i].key) == NULL)
            write_line(&entry->attributes[i], false, into);
}

void entry_format(const struct entry *entry, struct buffer *into)
{
    write_comments(&entry->comments, into);
    buffer_printf(into, "+ " SLICE_FORMAT " ", SLICE_ARGUMENTS(entry->type_name));
    buffer_append(into, entry->value_written);
    if (find_attribute(entry, "sub") != NULL)
        buffer_append_text(into, " sub");
    buffer_append_byte(into, '\n');
    write_words(entry, 1, into);
    write_words(entry, 2, into);
    write_all(entry, "why", into);
    write_all(entry, "yes", into);
    write_all(entry, "no", into);
    write_foreign(entry, into);
}

static void write_retraction(const struct retraction *record, struct buffer *into)
{
    char day[CLOCK_DATE_BYTES];
    clock_write_timestamp(record->retracted_at, day);
    struct slice when =
        slice_is_empty(record->written) ? slice_part(slice_of(day), 0, 10) : record->written;
    write_comments(&record->comments, into);
    buffer_printf(into, "- id " SLICE_FORMAT "  retracted " SLICE_FORMAT,
                  SLICE_ARGUMENTS(record->id), SLICE_ARGUMENTS(when));
    if (!slice_is_empty(record->why))
        buffer_printf(into, "  why " SLICE_FORMAT, SLICE_ARGUMENTS(record->why));
    buffer_append_byte(into, '\n');
}

static void write_disagreement(const struct disagreement *record, struct buffer *into)
{
    write_comments(&record->comments, into);
    buffer_printf(into, "~ " SLICE_FORMAT "/" SLICE_FORMAT "/" SLICE_FORMAT " opinion disagree",
                  SLICE_ARGUMENTS(record->publisher), SLICE_ARGUMENTS(record->list_id),
                  SLICE_ARGUMENTS(record->entry_id));
    if (!slice_is_empty(record->why))
        buffer_printf(into, " why " SLICE_FORMAT, SLICE_ARGUMENTS(record->why));
    buffer_append_byte(into, '\n');
}

/* The place breaks ties: qsort() is not stable. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *const *left = a, *const *right = b;
    int order = slice_compare((*left)->id, (*right)->id);
    return order != 0 ? order : ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

static int compare_retractions(const void *a, const void *b)
{
    const struct retraction *const *left = a, *const *right = b;
    int order = slice_compare((*left)->id, (*right)->id);
    return order != 0 ? order : ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

/* Pointers to `count` rows, sorted; NULL for lack of memory. */
static void *sort(const void *rows, size_t count, size_t row_bytes,
                  int (*compare)(const void *, const void *))
{
    const char **sorted = calloc(count + 1, sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < count; i++)
        sorted[i] = (const char *)rows + i * row_bytes;
    if (sorted != NULL)
        qsort(sorted, count, sizeof *sorted, compare);
    return sorted;
}

static void write_entries(const struct list *list, struct buffer *into)
{
    const struct entry **entries =
        sort(list->entries, list->entry_count, sizeof *list->entries, compare_entries);
    const struct retraction **retractions = sort(list->retractions, list->retraction_count,
                                                 sizeof *list->retractions, compare_retractions);
    into->has_overflowed |= entries == NULL || retractions == NULL;
    for (size_t i = 0; entries != NULL && i < list->entry_count; i++) {
        buffer_append_byte(into, '\n');
        entry_format(entries[i], into);
    }
    if (list->retraction_count + list->disagreement_count > 0)
        buffer_append_byte(into, '\n');
    for (size_t i = 0; retractions != NULL && i < list->retraction_count; i++)
        write_retraction(retractions[i], into);
    free(entries);
    free(retractions);
}

void list_format(const struct list *list, struct buffer *into)
{
    for (size_t i = 0; i < list->header_count; i++)
        write_header(&list->headers[i], into);
    write_entries(list, into);
    for (size_t i = 0; i < list->disagreement_count; i++)
        write_disagreement(&list->disagreements[i], into);
    buffer_append_byte(into, '\n');
    write_comments(&list->end_comments, into);
    buffer_printf(into, "@end %zu\n",
                  list->entry_count + list->retraction_count + list->disagreement_count);
}
