/*
 * case_file: tests/cases/AREA/NAME.case for unit tests; the form is in tests/cases/README. A file
 * that is not understood ends the test program with a message. Header only, as exact.h.
 */
#ifndef ZAGUAN_TESTS_CASE_FILE_H
#define ZAGUAN_TESTS_CASE_FILE_H

#include "common/base/arena.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASE_VALUES_MOST 16
#define CASES_MOST 2000

struct case_row {
    const char *name; /* "limits: the-eleventh-term-is-not-asked" */
    struct slice zone;
    struct {
        struct slice key, value;
    } values[CASE_VALUES_MOST];
    size_t value_count;
};

struct case_set {
    struct arena *arena;
    struct case_row *rows;
    size_t count;
};

static inline void case_fail(const char *path, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", path, line, what);
    exit(1);
}

/* The empty slice when the case has no such key. */
static inline struct slice case_value(const struct case_row *row, const char *key)
{
    for (size_t i = 0; i < row->value_count; i++)
        if (slice_is(row->values[i].key, key))
            return row->values[i].value;
    return slice_new(NULL, 0);
}

static inline void case_add_value(struct case_row *row, struct slice line, const char *path,
                                  int number)
{
    struct slice key;
    if (row->value_count == CASE_VALUES_MOST || !slice_next_word(&line, &key))
        case_fail(path, number, "more values than CASE_VALUES_MOST");
    row->values[row->value_count].key = key;
    row->values[row->value_count++].value = slice_trim(line);
}

static inline void case_begin(struct case_set *set, struct slice line, struct slice zone,
                              const char *path, int number)
{
    const char *file = strrchr(path, '/') + 1;
    if (set->count == CASES_MOST || !slice_starts_with(line, "case "))
        case_fail(path, number, "neither \"zone\" nor \"case NAME\"");
    struct case_row *row = &set->rows[set->count++];
    line = slice_trim(slice_from(line, strlen("case ")));
    row->zone = zone;
    row->name = arena_printf(set->arena, "%.*s: " SLICE_FORMAT, (int)strcspn(file, "."), file,
                             SLICE_ARGUMENTS(line));
}

static inline void case_read_file(struct case_set *set, const char *path)
{
    BUFFER_CLEANUP text = buffer_new(1 * MIB), zone = buffer_new(1 * MIB);
    struct error err = {0};
    if (file_read(path, &text, &err) != 0)
        case_fail(path, 0, err.text);
    struct slice rest = arena_copy(set->arena, buffer_slice(&text)), line, kept = {NULL, 0};
    bool is_in_zone = false;
    for (int number = 1; slice_next(&rest, '\n', &line); number++) {
        struct slice trimmed = slice_trim(line);
        if (trimmed.size == 0 || trimmed.data[0] == '#')
            continue;
        if (line.data[0] != ' ') {
            is_in_zone = slice_is(trimmed, "zone");
            if (kept.size == 0 && !is_in_zone)
                kept = arena_copy(set->arena, buffer_slice(&zone));
            if (!is_in_zone)
                case_begin(set, trimmed, kept, path, number);
        } else if (is_in_zone) {
            buffer_append(&zone, trimmed);
            buffer_append_byte(&zone, '\n');
        } else if (set->count > 0) {
            case_add_value(&set->rows[set->count - 1], trimmed, path, number);
        }
    }
}

/* All cases of tests/cases/AREA, asked for from the repository's top. */
static inline void case_set_read(const char *area, struct case_set *set_out)
{
    char pattern[200];
    glob_t found;
    *set_out = (struct case_set){.arena = arena_new(64 * MIB)};
    set_out->rows = arena_alloc_array(set_out->arena, CASES_MOST, sizeof *set_out->rows);
    snprintf(pattern, sizeof pattern, "tests/cases/%s/*.case", area);
    if (set_out->rows == NULL || glob(pattern, 0, NULL, &found) != 0)
        case_fail(pattern, 0, "no cases: run from the top of the repository");
    for (size_t i = 0; i < found.gl_pathc; i++)
        case_read_file(set_out, found.gl_pathv[i]);
    globfree(&found);
}

#endif
