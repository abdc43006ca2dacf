/* `zaguan list fmt` and `zaguan list show`. */
#include "admin/command_list.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/format.h"
#include "lists/format/parse.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const struct args_row list_format_rows[] = {
    {"write", ARGS_FLAG, offsetof(struct list_wanted, is_write), NULL,
     "rewrite the files that differ"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_show_rows[] = {
    {"id", ARGS_VALUE, offsetof(struct list_wanted, id), "ID", "this entry alone"},
    {"json", ARGS_FLAG, offsetof(struct list_wanted, is_json), NULL, "machine-readable output"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static int format_file(const char *path, bool is_write, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    BUFFER_CLEANUP before = buffer_new(LIMIT_LIST_BYTES);
    BUFFER_CLEANUP after = buffer_new(LIMIT_LIST_BYTES);
    struct list *list;
    struct stat file;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (file_read(path, &before, err) != 0 ||
        list_parse(buffer_slice(&before), path, arena, &list, err) != 0)
        return -1;
    list_format(list, &after);
    if (buffer_check(&after, path, err) != 0)
        return -1;
    if (!is_write) {
        fwrite(after.data, 1, after.size, stdout);
        return 0;
    }
    if (slice_equals(buffer_slice(&before), buffer_slice(&after)))
        return 0;
    if (stat(path, &file) != 0)
        return error_system(err, "%s", path);
    if (file_write(path, buffer_slice(&after), file.st_mode & 07777, err) != 0)
        return -1;
    printf("%s\n", path);
    return 0;
}

int list_verb_format(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    const char *const *paths;
    size_t count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (list_files(context, wanted, arena, &paths, &count, err) != 0)
        return -1;
    if (!wanted->is_write && count > 1)
        return error_set(err, ERROR_USAGE, "several files: fmt --write rewrites them");
    for (size_t i = 0; i < count; i++)
        if (format_file(paths[i], wanted->is_write, err) != 0)
            return -1;
    return 0;
}

static const char *state_of(const struct list *list, const struct entry *entry,
                            const struct findings *findings)
{
    if (entry->inactive != NULL)
        return entry->inactive;
    for (size_t i = 0; i < findings->count; i++)
        if (findings->rows[i].level == FINDING_ERROR && findings->rows[i].entry == entry)
            return findings->rows[i].text;
    return clock_now() >= entry_ends_at(list, entry) ? "expired" : NULL;
}

static void print_entry(const struct list *list, const struct entry *entry, const char *inactive)
{
    char until[CLOCK_DATE_BYTES];
    clock_write_timestamp(entry_ends_at(list, entry), until);
    printf("  " SLICE_FORMAT "  " SLICE_FORMAT " %d  until %.10s  at most %s\n",
           SLICE_ARGUMENTS(entry->id), SLICE_ARGUMENTS(entry->category_name), entry->severity,
           entry->expires_at == 0 ? "?" : until, list_action_name(entry->max_action));
    printf("      " SLICE_FORMAT " " SLICE_FORMAT "%s\n", SLICE_ARGUMENTS(entry->type_name),
           SLICE_ARGUMENTS(entry->value_written), entry->has_subdomains ? " sub" : "");
    if (entry->why.size > 0)
        printf("      why " SLICE_FORMAT "\n", SLICE_ARGUMENTS(entry->why));
    if (inactive != NULL)
        printf("      not active: %s\n", inactive);
}

static json_t *entry_json(const struct list *list, const struct entry *entry, const char *inactive)
{
    char until[CLOCK_DATE_BYTES];
    clock_write_timestamp(entry_ends_at(list, entry), until);
    json_t *tests = json_array();
    for (size_t i = 0; i < entry->test_count; i++)
        json_array_append_new(tests,
                              json_pack("{s:o,s:b}", "text", list_json_text(entry->tests[i].text),
                                        "match", (int)entry->tests[i].should_match));
    return json_pack("{s:o,s:o,s:o,s:b,s:o,s:i,s:o,s:s,s:s,s:o,s:b,s:s?,s:o,s:i}", "id",
                     list_json_text(entry->id), "type", list_json_text(entry->type_name), "value",
                     list_json_text(entry->value), "sub", (int)entry->has_subdomains, "category",
                     list_json_text(entry->category_name), "severity", entry->severity, "language",
                     list_json_text(entry->language), "until", until, "max_action",
                     list_action_name(entry->max_action), "why", list_json_text(entry->why),
                     "active", (int)(inactive == NULL), "inactive", inactive, "tests", tests,
                     "line", entry->line);
}

/* How many entries were shown; -1 for an error. */
static int show_file(const char *path, const struct list_wanted *wanted, json_t *answer,
                     struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    struct findings findings = {.arena = arena};
    struct list *list;
    int shown = 0;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (list_read(path, arena, &list, err) != 0 ||
        lint_list(list, clock_now(), &findings, err) != 0)
        return -1;
    json_t *rows = answer == NULL ? NULL : json_array();
    if (answer == NULL && wanted->id == NULL)
        printf(SLICE_FORMAT ": %zu entries (%s)\n", SLICE_ARGUMENTS(list->name), list->entry_count,
               path);
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (wanted->id != NULL && !slice_is(entry->id, wanted->id))
            continue;
        const char *inactive = state_of(list, entry, &findings);
        if (rows != NULL)
            json_array_append_new(rows, entry_json(list, entry, inactive));
        else
            print_entry(list, entry, inactive);
        shown++;
    }
    if (answer != NULL)
        json_array_append_new(answer, json_pack("{s:s,s:o,s:o}", "file", path, "list",
                                                list_json_text(list->name), "entries", rows));
    return shown;
}

int list_verb_show(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    const char *const *paths;
    size_t count;
    int shown = 0;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (list_files(context, wanted, arena, &paths, &count, err) != 0)
        return -1;
    json_t *files = wanted->is_json ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        int answer = show_file(paths[i], wanted, files, err);
        if (answer < 0) {
            json_decref(files);
            return -1;
        }
        shown += answer;
    }
    if (files != NULL && list_print_json(json_pack("{s:o}", "files", files), err) != 0)
        return -1;
    if (wanted->id != NULL && shown == 0)
        return error_set(err, ERROR_NOT_FOUND, "there is no entry %.40s", wanted->id);
    return 0;
}
