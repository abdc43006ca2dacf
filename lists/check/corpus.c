#include "lists/check/corpus.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/letter.h"
#include "lists/format/reading.h"
#include <string.h>

#define CORPUS_BYTES (64 * MIB)
#define MOST_COLUMNS 64
#define MATCH_MILLISECONDS 2000 /* generous: a busy machine must not lose a hit */

struct csv {
    struct slice rest;
    const char *name;
    size_t row; /* 0: the header */
    struct arena *arena;
    struct error *err;
};

struct csv_row {
    struct slice fields[MOST_COLUMNS];
    size_t count;
};

static const char *const expected_names[CORPUS_EXPECTED_COUNT] = {
    [CORPUS_ABUSE] = "abuse",
    [CORPUS_BENIGN] = "benign",
};

const char *corpus_expected_name(enum corpus_expected expected)
{
    return expected_names[expected];
}

static int refuse(const struct csv *csv, const char *what)
{
    if (csv->row == 0)
        return error_set(csv->err, ERROR_INPUT, "%s: header row: %s", csv->name, what);
    return error_set(csv->err, ERROR_INPUT, "%s: row %zu: %s", csv->name, csv->row, what);
}

static bool take(struct csv *csv, const char *text)
{
    if (!slice_starts_with(csv->rest, text))
        return false;
    csv->rest = slice_from(csv->rest, strlen(text));
    return true;
}

static bool take_line_end(struct csv *csv)
{
    return take(csv, "\r\n") || take(csv, "\n");
}

/* The inside of "..." with each "" as one quote; the field cannot grow, so it is read in place. */
static int take_quoted(struct csv *csv, struct slice *field_out)
{
    size_t size = 0, at = 0;
    struct slice rest = csv->rest;
    bool has_doubled = false;
    for (at = 0; at < rest.size; at++) {
        if (rest.data[at] != '"')
            continue;
        if (at + 1 >= rest.size || rest.data[at + 1] != '"')
            break;
        has_doubled = true;
        at++;
    }
    if (at >= rest.size)
        return refuse(csv, "a quoted field does not end");
    *field_out = slice_part(rest, 0, at);
    csv->rest = slice_from(rest, at + 1);
    if (!has_doubled)
        return 0;
    char *field = arena_alloc(csv->arena, at);
    if (field == NULL)
        return arena_error(csv->arena, csv->err);
    for (size_t from = 0; from < at; from++) {
        field[size++] = rest.data[from];
        from += rest.data[from] == '"';
    }
    *field_out = slice_new(field, size);
    return 0;
}

static int take_bare(struct csv *csv, struct slice *field_out)
{
    size_t size = 0;
    const char *data = csv->rest.data;
    while (size < csv->rest.size && data[size] != ',' && data[size] != '\n' && data[size] != '"')
        size++;
    if (size < csv->rest.size && data[size] == '"')
        return refuse(csv, "a quote inside a field that does not begin with one");
    bool has_return =
        size > 0 && size < csv->rest.size && data[size] == '\n' && data[size - 1] == '\r';
    size -= has_return;
    *field_out = slice_part(csv->rest, 0, size);
    csv->rest = slice_from(csv->rest, size);
    return 0;
}

static int take_row(struct csv *csv, struct csv_row *row)
{
    row->count = 0;
    do {
        if (row->count >= MOST_COLUMNS)
            return refuse(csv, "more than 64 columns");
        struct slice *field = &row->fields[row->count++];
        if ((take(csv, "\"") ? take_quoted(csv, field) : take_bare(csv, field)) != 0)
            return -1;
    } while (take(csv, ","));
    if (csv->rest.size > 0 && !take_line_end(csv))
        return refuse(csv, "a comma or the end of the line must follow a closing quote");
    return 0;
}

static int find_column(const struct csv *csv, const struct csv_row *header, const char *name,
                       size_t *column_out)
{
    size_t found = header->count;
    for (size_t i = 0; i < header->count; i++) {
        if (!slice_is_nocase(slice_trim(header->fields[i]), name))
            continue;
        if (found < header->count)
            return error_set(csv->err, ERROR_INPUT, "%s: header row: two columns are named %s",
                             csv->name, name);
        found = i;
    }
    if (found == header->count)
        return error_set(csv->err, ERROR_INPUT,
                         "%s: header row: no column is named %s (text and expected are needed)",
                         csv->name, name);
    *column_out = found;
    return 0;
}

static int read_expected(const struct csv *csv, struct slice word,
                         enum corpus_expected *expected_out)
{
    for (enum corpus_expected e = 0; e < CORPUS_EXPECTED_COUNT; e++)
        if (slice_is_nocase(slice_trim(word), expected_names[e])) {
            *expected_out = e;
            return 0;
        }
    return refuse(csv, "expected is neither abuse nor benign");
}

static int read_text(const struct csv *csv, struct slice field, struct slice *text_out)
{
    if (field.size > LIMIT_TEXT_PART_BYTES)
        return refuse(csv, "the text is longer than what is matched of a mail");
    for (size_t at = 0; at < field.size;)
        if (letter_next(field, &at) < 0)
            return refuse(csv, "the text is not UTF-8");
    *text_out = field;
    return 0;
}

static int read_rows(struct csv *csv, struct corpus *corpus)
{
    struct csv_row row;
    size_t text_column, expected_column, columns, room = 0;
    if (take_row(csv, &row) != 0 || find_column(csv, &row, "text", &text_column) != 0 ||
        find_column(csv, &row, "expected", &expected_column) != 0)
        return -1;
    columns = row.count;
    while (csv->rest.size > 0) {
        if (take_line_end(csv))
            continue;
        csv->row++;
        if (take_row(csv, &row) != 0)
            return -1;
        if (row.count != columns)
            return error_set(csv->err, ERROR_INPUT, "%s: row %zu: %zu fields, the header has %zu",
                             csv->name, csv->row, row.count, columns);
        corpus->texts =
            reading_grow(csv->arena, corpus->texts, corpus->count, &room, sizeof *corpus->texts);
        if (corpus->texts == NULL)
            return arena_error(csv->arena, csv->err);
        struct corpus_text *text = &corpus->texts[corpus->count];
        if (read_text(csv, row.fields[text_column], &text->text) != 0 ||
            read_expected(csv, row.fields[expected_column], &text->expected) != 0)
            return -1;
        corpus->counts[text->expected]++;
        corpus->count++;
    }
    return 0;
}

int corpus_parse(struct slice bytes, const char *name, struct arena *arena,
                 struct corpus *corpus_out, struct error *err)
{
    struct csv csv = {.rest = bytes, .name = name, .arena = arena, .err = err};
    struct corpus corpus = {.count = 0};
    (void)take(&csv, "\xEF\xBB\xBF");
    if (csv.rest.size == 0)
        return refuse(&csv, "the file is empty");
    if (read_rows(&csv, &corpus) != 0)
        return -1;
    *corpus_out = corpus;
    return 0;
}

int corpus_read(const char *path, struct arena *arena, struct corpus *corpus_out, struct error *err)
{
    BUFFER_CLEANUP file = buffer_new(CORPUS_BYTES);
    if (file_read(path, &file, err) != 0)
        return -1;
    struct slice bytes = arena_copy(arena, buffer_slice(&file));
    if (bytes.data == NULL)
        return arena_error(arena, err);
    return corpus_parse(bytes, strcmp(path, "-") == 0 ? "standard input" : path, arena, corpus_out,
                        err);
}

int corpus_match(const struct matcher *matcher, const struct corpus_text *text, int64_t now,
                 struct arena *arena, struct hit_set *hits_out, struct error *err)
{
    struct text_piece piece = {.where = TEXT_BODY, .text = text->text, .source = "text/plain"};
    struct text_set texts = {.pieces = &piece, .count = 1};
    struct match_input input = {
        .texts = &texts, .now = now, .budget = budget_of(MATCH_MILLISECONDS)};
    return matcher_match(matcher, &input, arena, hits_out, err);
}
