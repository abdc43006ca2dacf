/* `zaguan list lint`, and `zaguan list test` without --corpus. */
#include "admin/command_list.h"

#include "common/base/clock.h"
#include "lists/format/parse.h"
#include <stdio.h>
#include <string.h>

const struct args_row list_check_rows[] = {
    {"json", ARGS_FLAG, offsetof(struct list_wanted, is_json), NULL, "machine-readable output"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_test_rows[] = {
    {"corpus", ARGS_VALUE, offsetof(struct list_wanted, corpus), "FILE.csv",
     "match these texts instead: columns text and expected (abuse or benign)"},
    {"json", ARGS_FLAG, offsetof(struct list_wanted, is_json), NULL,
     "machine-readable output; with --corpus one line a text"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

typedef int list_check(const struct list *list, struct findings *findings, struct error *err);

static int lint(const struct list *list, struct findings *findings, struct error *err)
{
    return lint_list(list, clock_now(), findings, err);
}

/* What a list cannot be read for is a finding too, at the place the error names. */
static void add_parse_error(const char *path, const struct error *fault, struct findings *findings)
{
    struct place place = {1, 1};
    const char *text = fault->text;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    size_t size = strlen(name);
    int used = 0;
    if (strncmp(text, name, size) == 0 &&
        sscanf(text + size, ":%d:%d: %n", &place.line, &place.column, &used) == 2 && used > 0)
        text += size + (size_t)used;
    finding_add(findings, FINDING_ERROR, NULL, place, "%s", text);
}

static const char *level_name(enum finding_level level)
{
    return level == FINDING_ERROR ? "error" : "warning";
}

static void print_findings(const char *path, const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *row = &findings->rows[i];
        printf("%s:%d:%d: %s: %s", path, row->place.line, row->place.column, level_name(row->level),
               row->text);
        if (row->entry != NULL && row->entry->id.size > 0)
            printf(" (entry " SLICE_FORMAT ")", SLICE_ARGUMENTS(row->entry->id));
        puts("");
    }
}

static size_t count_tests(const struct list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->entry_count; i++)
        count += list->entries[i].inactive == NULL ? list->entries[i].test_count : 0;
    return count;
}

static size_t count_parked(const struct list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->entry_count; i++)
        count += list->entries[i].inactive != NULL;
    return count;
}

static void print_summary(const char *path, const struct list *list,
                          const struct findings *findings)
{
    if (list == NULL)
        return;
    printf("%s: %zu entries (%zu not active), %zu texts: %zu errors, %zu warnings\n", path,
           list->entry_count, count_parked(list), count_tests(list), findings->error_count,
           findings->count - findings->error_count);
}

static json_t *findings_json(const char *path, const struct list *list,
                             const struct findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *row = &findings->rows[i];
        json_array_append_new(
            rows, json_pack("{s:i,s:i,s:s,s:o,s:s}", "line", row->place.line, "column",
                            row->place.column, "level", level_name(row->level), "entry",
                            row->entry == NULL ? json_null() : list_json_text(row->entry->id),
                            "text", row->text));
    }
    return json_pack("{s:s,s:I,s:I,s:I,s:o}", "file", path, "entries",
                     (json_int_t)(list == NULL ? 0 : list->entry_count), "parked",
                     (json_int_t)(list == NULL ? 0 : count_parked(list)), "errors",
                     (json_int_t)findings->error_count, "findings", rows);
}

/* 0 right, 1 not; -1 the file or the memory is missing. */
static int check_file(const char *path, list_check *check, json_t *answer, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    struct findings findings = {.arena = arena};
    struct error fault = {0};
    struct list *list = NULL;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int failed = list_read(path, arena, &list, &fault);
    if (failed != 0 && fault.kind != ERROR_INPUT)
        return error_set(err, fault.kind, "%s", fault.text);
    if (failed != 0)
        add_parse_error(path, &fault, &findings);
    else if (check(list, &findings, err) != 0)
        return error_context(err, "%s", path);
    if (answer != NULL) {
        json_array_append_new(answer, findings_json(path, list, &findings));
    } else {
        print_findings(path, &findings);
        print_summary(path, list, &findings);
    }
    return findings.error_count > 0;
}

static int check_files(const struct command_context *context, const struct list_wanted *wanted,
                       list_check *check, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    const char *const *paths;
    size_t count;
    bool is_wrong = false;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (list_files(context, wanted, arena, &paths, &count, err) != 0)
        return -1;
    json_t *files = wanted->is_json ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        int answer = check_file(paths[i], check, files, err);
        if (answer < 0) {
            json_decref(files);
            return -1;
        }
        is_wrong |= answer > 0;
    }
    if (files != NULL &&
        list_print_json(json_pack("{s:b,s:o}", "ok", !is_wrong, "files", files), err) != 0)
        return -1;
    return is_wrong;
}

int list_verb_lint(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err)
{
    return check_files(context, wanted, lint, err);
}

int list_verb_test(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err)
{
    return wanted->corpus != NULL ? list_test_corpus(context, wanted, err)
                                  : check_files(context, wanted, test_list, err);
}
