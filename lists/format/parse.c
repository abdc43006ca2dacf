#include "lists/format/parse.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/reading.h"
#include <stdlib.h>
#include <string.h>

bool is_hex(struct slice text, size_t least, size_t most)
{
    if (text.size < least || text.size > most)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!((text.data[i] >= '0' && text.data[i] <= '9') ||
              (text.data[i] >= 'a' && text.data[i] <= 'f')))
            return false;
    return true;
}

void *reading_grow(struct arena *arena, void *rows, size_t count, size_t *room, size_t row_bytes)
{
    if (rows != NULL && count < *room)
        return rows;
    size_t wanted = count < 2 ? 4 : count * 2;
    void *grown = arena_alloc_array(arena, wanted, row_bytes);
    if (grown == NULL)
        return NULL;
    if (count > 0)
        memcpy(grown, rows, count * row_bytes);
    *room = wanted;
    return grown;
}

int reading_add_comment(struct reading *r, struct comment_set *set, size_t *room,
                        struct slice comment, struct error *err)
{
    struct slice *lines = reading_grow(r->arena, set->lines, set->count, room, sizeof *lines);
    if (lines == NULL)
        return arena_error(r->arena, err);
    set->lines = lines;
    set->lines[set->count++] = comment;
    return 0;
}

/* Room for every record the file can hold: as many as lines begin with its sign. */
static int make_room(struct reading *r, struct slice text, struct error *err)
{
    size_t counts[256] = {0};
    struct slice line;
    while (slice_next(&text, '\n', &line))
        if (line.size > 0)
            counts[(unsigned char)line.data[0]]++;
    struct list *list = r->list;
    list->headers = arena_alloc_array(r->arena, counts['%'], sizeof *list->headers);
    list->entries = arena_alloc_array(r->arena, counts['+'], sizeof *list->entries);
    list->retractions = arena_alloc_array(r->arena, counts['-'], sizeof *list->retractions);
    list->disagreements = arena_alloc_array(r->arena, counts['~'], sizeof *list->disagreements);
    return arena_is_exhausted(r->arena) ? arena_error(r->arena, err) : 0;
}

/* "@end 6": what was cut off is noticed. */
static int read_end_line(struct reading *r, struct error *err)
{
    struct list *list = r->list;
    size_t count = list->entry_count + list->retraction_count + list->disagreement_count;
    if (!slice_is(cursor_take_word(&r->c), "@end"))
        return cursor_error(&r->c, 0, err, "only @end starts with @");
    bool is_missing = cursor_at_end(&r->c);
    size_t at = r->c.at;
    long long number = -1;
    if (is_missing || !slice_to_number(cursor_take_word(&r->c), 0, 1000000000, &number))
        return cursor_error(&r->c, at, err, "@end: the number of + - ~ records is expected");
    if ((size_t)number != count)
        return cursor_error(&r->c, at, err,
                            "@end says %lld, but %zu + - ~ records stand here; was the file cut?",
                            number, count);
    if (!cursor_at_end(&r->c))
        return cursor_error(&r->c, r->c.at, err, "nothing more is expected on this line");
    r->has_ended = true;
    struct slice comment = cursor_take_comment(&r->c);
    if (!slice_is_empty(comment) &&
        reading_add_comment(r, &r->pending, &r->pending_room, comment, err) != 0)
        return -1;
    list->end_comments = r->pending;
    r->pending = (struct comment_set){NULL, 0};
    return 0;
}

static int read_indented_line(struct reading *r, struct error *err)
{
    if (r->entry == NULL)
        return cursor_error(&r->c, r->c.at, err, "an indented line belongs to an entry above it");
    if (r->c.at < 2)
        return cursor_error(&r->c, 0, err, "attributes are indented by two spaces");
    return reading_attribute_line(r, err);
}

static int read_record(struct reading *r, struct error *err)
{
    char sign = r->c.line.data[0];
    reading_entry_end(r);
    if (sign == '%')
        return reading_header_line(r, err);
    if (!r->has_version)
        return cursor_error(&r->c, 0, err, "the first line of a list is %%zaguan-list 1");
    if (sign == '@')
        return read_end_line(r, err);
    if ((sign == '+' || sign == '-' || sign == '~') && r->c.line.size > 1 &&
        r->c.line.data[1] != ' ')
        return cursor_error(&r->c, 1, err, "a space is missing behind %c", sign);
    if (sign == '+')
        return reading_entry_line(r, err);
    if (sign == '-')
        return reading_retraction_line(r, err);
    if (sign == '~')
        return reading_disagreement_line(r, err);
    return cursor_error(&r->c, 0, err,
                        "a line starts with %% + - ~ @ or #, or with two spaces inside an entry");
}

static int read_line(struct reading *r, struct error *err)
{
    if (cursor_check_line(&r->c, err) != 0)
        return -1;
    bool is_empty = cursor_at_end(&r->c);
    size_t indent = r->c.at;
    struct slice comment = is_empty ? cursor_take_comment(&r->c) : (struct slice){NULL, 0};
    if (is_empty && slice_is_empty(comment))
        return 0;
    if (r->has_ended)
        return cursor_error(&r->c, indent, err, "nothing stands behind @end");
    if (is_empty && indent > 0 && r->entry != NULL) {
        size_t room = r->entry->comments.count;
        return reading_add_comment(r, &r->entry->comments, &room, comment, err);
    }
    if (is_empty) /* of what comes next */
        return reading_add_comment(r, &r->pending, &r->pending_room, comment, err);
    if (indent > 0)
        return read_indented_line(r, err);
    r->c.at = 0;
    return read_record(r, err);
}

static int compare_ids(const void *a, const void *b)
{
    const struct entry *const *left = a, *const *right = b;
    int order = slice_compare((*left)->id, (*right)->id);
    return order != 0 ? order : ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

static struct entry *find_entry(struct entry **sorted, size_t count, struct slice id)
{
    struct entry wanted = {.id = id};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(sorted[middle]->id, wanted.id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && slice_equals(sorted[low]->id, id) ? sorted[low] : NULL;
}

/* An id names one entry; a retraction parks the one it names. */
static int apply_ids(struct reading *r, struct error *err)
{
    struct list *list = r->list;
    struct entry **sorted = arena_alloc_array(r->arena, list->entry_count, sizeof *sorted);
    if (sorted == NULL)
        return arena_error(r->arena, err);
    for (size_t i = 0; i < list->entry_count; i++)
        sorted[i] = &list->entries[i];
    qsort(sorted, list->entry_count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < list->entry_count; i++)
        if (sorted[i]->id.size > 0 && slice_equals(sorted[i]->id, sorted[i - 1]->id))
            return error_set(err, ERROR_INPUT,
                             "%s:%d:1: the id " SLICE_FORMAT " is that of the entry in line %d",
                             r->c.name, sorted[i]->line, SLICE_ARGUMENTS(sorted[i]->id),
                             sorted[i - 1]->line);
    for (size_t i = 0; i < list->retraction_count; i++) {
        struct entry *entry = find_entry(sorted, list->entry_count, list->retractions[i].id);
        if (entry == NULL)
            continue;
        entry->is_retracted = true;
        entry->inactive = "retracted";
        entry->inactive_place = (struct place){list->retractions[i].line, 1};
    }
    return 0;
}

/* kefir-amenazas.zl is called kefir-amenazas until it says otherwise. */
static struct slice name_of_file(const char *path)
{
    struct slice name = slice_of(path);
    size_t slash = slice_find_last_byte(name, '/');
    if (slash < name.size)
        name = slice_from(name, slash + 1);
    if (name.size > 3 && slice_ends_with_nocase(name, ".zl"))
        name.size -= 3;
    return name;
}

static int finish(struct reading *r, struct error *err)
{
    struct list *list = r->list;
    if (!r->has_ended)
        return cursor_error(&r->c, 0, err, "the file ends without @end; was it cut?");
    if (list->name.data == NULL)
        list->name = arena_copy(r->arena, name_of_file(r->c.name));
    list->is_local = slice_is_empty(list->publisher);
    return apply_ids(r, err);
}

int list_parse(struct slice text, const char *name, struct arena *arena, struct list **list_out,
               struct error *err)
{
    if (text.size > LIMIT_LIST_BYTES)
        return error_set(err, ERROR_LIMIT, "%s: longer than %zu bytes", name, LIMIT_LIST_BYTES);
    struct reading r = {.c = {.name = name}, .arena = arena};
    struct slice copy = arena_copy(arena, text);
    r.list = arena_alloc(arena, sizeof *r.list);
    if (copy.data == NULL || r.list == NULL)
        return arena_error(arena, err);
    r.list->max_action = LIST_ACTION_HOLD;
    list_make_whole(r.list);
    if (make_room(&r, copy, err) != 0)
        return -1;
    r.rest = copy;
    while (slice_next(&r.rest, '\n', &r.c.line)) {
        bool is_last = r.rest.data == NULL;
        r.c.number++;
        r.c.at = 0;
        if (is_last && r.c.line.size == 0)
            break;
        if (read_line(&r, err) != 0)
            return -1;
        if (is_last)
            return cursor_error(&r.c, r.c.line.size, err,
                                "the last line has no line end; was the file cut?");
    }
    if (finish(&r, err) != 0)
        return -1;
    *list_out = r.list;
    return 0;
}

int list_read(const char *path, struct arena *arena, struct list **list_out, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    if (file_read(path, &text, err) != 0)
        return -1;
    return list_parse(buffer_slice(&text), strcmp(path, "-") == 0 ? "standard input" : path, arena,
                      list_out, err);
}
