#include "lists/update/update_work.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/format.h"
#include "lists/format/parse.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_MODE 0755
#define DECISIONS_BYTES (2 * MIB)

static const char *const parts[] = {"coming", "shadow", "active", "previous", "parked", "report"};

static int make_parts(const struct update_work *work, struct error *err)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", work->folder, parts[i]);
        if (file_make_folder(path, FOLDER_MODE, err) != 0)
            return -1;
    }
    return 0;
}

int update_work_begin(struct update_work *work, const struct update_tools *tools, const char *name,
                      struct update_results *results, struct error *err)
{
    char folder[PATH_MAX];
    work->tools = tools;
    work->results = results;
    if (partner_read(tools->settings, name, &work->partner, err) != 0 ||
        partner_write_folder(tools->settings, name, folder, err) != 0)
        return -1;
    if (!slice_to_text(slice_of(folder), work->folder, sizeof work->folder))
        return error_set(err, ERROR_INPUT, "partner_folder: the path is too long");
    if (make_parts(work, err) != 0 ||
        partner_root(tools->settings, &work->partner, &work->root, err) != 0)
        return -1;
    return floors_read(work->folder, &work->floors, err);
}

void update_path(const struct update_work *work, const char *part, struct slice id,
                 const char *ending, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s/" SLICE_FORMAT "%s", work->folder, part, SLICE_ARGUMENTS(id),
             ending);
}

int update_read(const struct update_work *work, const char *part, struct slice id,
                struct list **list_out, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    update_path(work, part, id, ".zl", path);
    if (list_read(path, work->arena, list_out, &trouble) == 0)
        return 1;
    return trouble.kind == ERROR_NOT_FOUND ? 0 : error_set(err, trouble.kind, "%s", trouble.text);
}

int update_write(const struct update_work *work, const char *part, struct slice id,
                 const char *ending, struct slice content, struct error *err)
{
    char path[PATH_MAX];
    update_path(work, part, id, ending, path);
    return file_write(path, content, UPDATE_FILE_MODE, err);
}

int update_write_list(const struct update_work *work, const char *part, const struct list *list,
                      struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(2 * LIMIT_LIST_BYTES);
    list_format(list, &text);
    if (buffer_check(&text, "list", err) != 0)
        return -1;
    return update_write(work, part, list->list_id, ".zl", buffer_slice(&text), err);
}

int update_copy_signatures(const struct update_work *work, const char *from, const char *to,
                           struct slice id, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    BUFFER_CLEANUP text = buffer_new(LIMIT_MINISIG_BYTES);
    update_path(work, from, id, ".zl.minisig", path);
    if (file_read(path, &text, &trouble) == 0)
        return update_write(work, to, id, ".zl.minisig", buffer_slice(&text), err);
    if (trouble.kind != ERROR_NOT_FOUND)
        return error_set(err, trouble.kind, "%s", trouble.text);
    update_remove(work, to, id, ".zl.minisig");
    return 0;
}

void update_remove(const struct update_work *work, const char *part, struct slice id,
                   const char *ending)
{
    char path[PATH_MAX];
    update_path(work, part, id, ending, path);
    unlink(path);
}

/* --- parked/ID: "entry-id action hand|check reason" ------------------------------------------- */

static bool read_decision(struct slice line, struct update_parked *parked)
{
    struct slice rest = line, entry, action, source;
    *parked = (struct update_parked){.action = LIST_ACTION_NONE};
    if (!slice_next_word(&rest, &entry) || entry.data[0] == '#' ||
        !slice_next_word(&rest, &action) || !slice_next_word(&rest, &source) ||
        !list_action_read(action, &parked->action))
        return false;
    parked->is_by_hand = slice_is(source, "hand");
    (void)slice_to_text(slice_part(slice_trim(rest), 0, sizeof parked->reason - 1), parked->reason,
                        sizeof parked->reason);
    return slice_to_text(entry, parked->entry, sizeof parked->entry);
}

int update_read_decisions(const struct update_work *work, struct slice id,
                          struct update_decisions *decisions_out, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    BUFFER_CLEANUP text = buffer_new(DECISIONS_BYTES);
    struct update_decisions decisions = {
        .rows = arena_alloc_array(work->arena, UPDATE_MOST_PARKED + 1, sizeof *decisions.rows)};
    if (decisions.rows == NULL)
        return arena_error(work->arena, err);
    update_path(work, "parked", id, "", path);
    if (file_read(path, &text, &trouble) != 0 && trouble.kind != ERROR_NOT_FOUND)
        return error_set(err, trouble.kind, "%s", trouble.text);
    struct slice rest = buffer_slice(&text), line;
    while (decisions.count <= UPDATE_MOST_PARKED && slice_next(&rest, '\n', &line))
        decisions.count += read_decision(line, &decisions.rows[decisions.count]);
    *decisions_out = decisions;
    return 0;
}

int update_write_decisions(const struct update_work *work, struct slice id,
                           const struct update_decisions *decisions, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(DECISIONS_BYTES);
    buffer_append_text(&text, "# entry, what it may do at most, who says so, why\n");
    for (size_t i = 0; i < decisions->count; i++) {
        const struct update_parked *row = &decisions->rows[i];
        buffer_printf(&text, "%s %s %s %s\n", row->entry, list_action_name(row->action),
                      row->is_by_hand ? "hand" : "check", row->reason);
    }
    if (buffer_check(&text, "parked", err) != 0)
        return -1;
    return update_write(work, "parked", id, "", buffer_slice(&text), err);
}

const struct update_parked *update_find_decision(const struct update_decisions *decisions,
                                                 struct slice entry)
{
    const struct update_parked *of_others = NULL;
    for (size_t i = 0; i < decisions->count; i++)
        if (slice_is(entry, decisions->rows[i].entry))
            return &decisions->rows[i];
        else if (strcmp(decisions->rows[i].entry, UPDATE_ALL_OTHERS) == 0)
            of_others = &decisions->rows[i];
    return of_others;
}

int update_decide_entry(struct update_decisions *decisions, const struct update_parked *parked,
                        struct error *err)
{
    for (size_t i = 0; i < decisions->count; i++)
        if (strcmp(decisions->rows[i].entry, parked->entry) == 0) {
            if (parked->is_by_hand || !decisions->rows[i].is_by_hand)
                decisions->rows[i] = *parked;
            return 0;
        }
    bool is_of_others = strcmp(parked->entry, UPDATE_ALL_OTHERS) == 0;
    if (decisions->count >= UPDATE_MOST_PARKED && !is_of_others)
        return error_set(err, ERROR_LIMIT, "more than %d entries are parked", UPDATE_MOST_PARKED);
    decisions->rows[decisions->count++] = *parked;
    return 0;
}

/* --- coming/ID.shadow: five numbers and the slowest pattern ------------------------------------
 */

bool update_read_trial(const struct update_work *work, struct slice id,
                       struct update_trial *trial_out)
{
    char path[PATH_MAX];
    long long values[5];
    struct error ignored = {0};
    BUFFER_CLEANUP text = buffer_new(KIB);
    update_path(work, "coming", id, ".shadow", path);
    if (file_read(path, &text, &ignored) != 0)
        return false;
    struct slice rest = buffer_slice(&text), word;
    for (size_t i = 0; i < 5; i++)
        if (!slice_next_word(&rest, &word) || !slice_to_number(word, 0, INT64_MAX, &values[i]))
            return false;
    *trial_out = (struct update_trial){.since = values[0],
                                       .messages = values[1],
                                       .is_told = values[2] != 0,
                                       .is_stopped = values[3] != 0,
                                       .slowest = {.nanoseconds = values[4]}};
    return !slice_next_word(&rest, &word) ||
           slice_to_text(word, trial_out->slowest.entry, sizeof trial_out->slowest.entry);
}

int update_write_trial(const struct update_work *work, struct slice id,
                       const struct update_trial *trial, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(KIB);
    buffer_printf(&text, "%" PRId64 " %" PRId64 " %d %d %" PRId64 " %s\n", trial->since,
                  trial->messages, trial->is_told, trial->is_stopped, trial->slowest.nanoseconds,
                  trial->slowest.entry);
    if (buffer_check(&text, "shadow", err) != 0)
        return -1;
    return update_write(work, "coming", id, ".shadow", buffer_slice(&text), err);
}

int update_touch(const struct update_work *work, struct error *err)
{
    char path[PATH_MAX], when[CLOCK_DATE_BYTES];
    clock_write_timestamp(work->tools->now, when);
    snprintf(path, sizeof path, "%s/changed", work->tools->settings->partner_folder);
    return file_write(path, slice_of(when), UPDATE_FILE_MODE, err);
}

/* --- report/ID ---------------------------------------------------------------------------------
 */

static int add_result(struct update_results *results, const struct update_result *result,
                      struct error *err)
{
    if (results->count == results->room) {
        size_t room = results->room == 0 ? 16 : results->room * 2;
        struct update_result *rows = arena_alloc_array(results->arena, room, sizeof *rows);
        if (rows == NULL)
            return arena_error(results->arena, err);
        if (results->count > 0)
            memcpy(rows, results->rows, results->count * sizeof *rows);
        results->rows = rows;
        results->room = room;
    }
    results->rows[results->count++] = *result;
    return 0;
}

const char *update_words(const struct update_work *work, const char *english)
{
    return work->voice == NULL ? english : work->voice(english);
}

/* As if both were English when there is no other voice. */
static int write_texts(struct update_work *work, update_writer *write, const void *what,
                       struct buffer *text, struct buffer *told, struct error *err)
{
    work->voice = NULL;
    if (write(work, what, text, err) != 0)
        return -1;
    work->voice = work->tools->say;
    int failed = write(work, what, told, err);
    work->voice = NULL;
    return failed != 0 || buffer_check(text, "report", err) != 0
               ? -1
               : buffer_check(told, "report", err);
}

int update_say(struct update_work *work, struct slice id, struct slice name,
               enum update_outcome outcome, update_writer *write, const void *what,
               struct error *err)
{
    char path[PATH_MAX];
    struct arena *arena = work->results->arena;
    struct error ignored = {0};
    BUFFER_CLEANUP before = buffer_new(UPDATE_TEXT_BYTES);
    BUFFER_CLEANUP text = buffer_new(UPDATE_TEXT_BYTES), told = buffer_new(UPDATE_TEXT_BYTES);
    if (write_texts(work, write, what, &text, &told, err) != 0)
        return -1;
    update_path(work, "report", id, "", path);
    bool is_same = file_read(path, &before, &ignored) == 0 &&
                   slice_equals(buffer_slice(&before), buffer_slice(&text));
    const struct update_result result = {
        .partner = arena_copy_text(arena, work->partner.name),
        .list_id = arena_copy(arena, id).data,
        .name = arena_copy(arena, name).data,
        .outcome = outcome,
        .is_news = !is_same,
        .text = arena_copy(arena, buffer_slice(&text)).data,
        .told = arena_copy(arena, buffer_slice(&told)).data,
    };
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    if (!is_same && file_write(path, buffer_slice(&text), UPDATE_FILE_MODE, err) != 0)
        return -1;
    return add_result(work->results, &result, err);
}
