/* What a person decides about a list, and the entry that members released too often. */
#include "common/base/limits.h"
#include "common/store/store_item.h"
#include "lists/format/parse.h"
#include "lists/update/update_work.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PARTNER_BYTES (512 * MIB)

/* The list-id of a name, from what stands in the partner's folder; the empty slice: none. */
static int find_id(struct update_work *work, const char *wanted, struct slice *id_out,
                   struct error *err)
{
    static const char *const parts[] = {"coming", "active", "previous"};
    for (size_t p = 0; p < 3; p++) {
        const char *const *paths;
        size_t count;
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s/%s", work->folder, parts[p]);
        if (list_find_files(folder, work->arena, &paths, &count, err) != 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            struct list *list;
            struct error ignored = {0};
            if (list_read(paths[i], work->arena, &list, &ignored) != 0 ||
                (!slice_is(list->name, wanted) && !slice_is(list->list_id, wanted)))
                continue;
            *id_out = list->list_id;
            return 0;
        }
    }
    return error_set(err, ERROR_NOT_FOUND, "%s has no list %.80s here", work->partner.name, wanted);
}

static int begin(struct update_work *work, const struct update_tools *tools, const char *partner,
                 const char *list, struct update_results *results, struct slice *id_out,
                 struct error *err)
{
    if (work->arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an update");
    if (update_work_begin(work, tools, partner, results, err) != 0)
        return -1;
    return find_id(work, list, id_out, err);
}

static int write_accepted(struct update_work *work, const void *what, struct buffer *into,
                          struct error *err)
{
    const struct list *list = what;
    (void)err;
    buffer_printf(into, "%s/" SLICE_FORMAT ": number %" PRId64 " is active.\n", work->partner.name,
                  SLICE_ARGUMENTS(list->name), list->sequence);
    return 0;
}

int update_accept(const struct update_tools *tools, const char *partner, const char *list,
                  struct update_results *results, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    struct update_trial trial;
    struct list *coming;
    struct slice id;
    if (begin(&work, tools, partner, list, results, &id, err) != 0)
        return -1;
    int found = update_read(&work, "coming", id, &coming, err);
    if (found < 0)
        return -1;
    if (found == 0 || !update_read_trial(&work, id, &trial))
        return error_set(err, ERROR_NOT_FOUND, "%s/%s: nothing waits", partner, list);
    if (update_activate(&work, coming, err) != 0)
        return -1;
    return update_say(&work, id, coming->name, UPDATE_ACTIVATED, write_accepted, coming, err);
}

/* Retractions of the newer number stay: what its publisher took back is not brought again. */
static int without_retracted(struct update_work *work, struct list *list, struct slice id,
                             struct error *err)
{
    struct list *coming;
    struct update_ids retracted;
    size_t count = 0;
    int found = update_read(work, "coming", id, &coming, err);
    if (found != 1)
        return found;
    if (update_ids_of_retractions(coming, work->arena, &retracted, err) != 0)
        return -1;
    for (size_t i = 0; i < list->entry_count; i++)
        if (update_ids_find(&retracted, list->entries[i].id) == NULL)
            list->entries[count++] = list->entries[i];
    list->entry_count = count;
    list->retractions = coming->retractions;
    list->retraction_count = coming->retraction_count;
    return 0;
}

int update_undo(const struct update_tools *tools, const char *partner, const char *list,
                struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    const struct update_trial stopped = {.since = tools->now, .is_told = true, .is_stopped = true};
    struct list *before;
    struct slice id;
    if (begin(&work, tools, partner, list, NULL, &id, err) != 0)
        return -1;
    int found = update_read(&work, "previous", id, &before, err);
    if (found < 0)
        return -1;
    if (found == 0)
        update_remove(&work, "active", id, ".zl"); /* the first one: nothing acted before */
    else if (without_retracted(&work, before, id, err) != 0 ||
             update_write_list(&work, "active", before, err) != 0)
        return -1;
    if (update_copy_signatures(&work, "previous", "active", id, err) != 0)
        return -1;
    update_remove(&work, "previous", id, ".zl");
    update_remove(&work, "previous", id, ".zl.minisig");
    update_remove(&work, "shadow", id, ".zl");
    if (update_write_trial(&work, id, &stopped, err) != 0)
        return -1;
    return update_touch(&work, err);
}

/* The signed text of what acts, which still has what is parked; 0: it is not the one here. */
static int read_signed(struct update_work *work, struct slice id, const struct list *active,
                       struct list **list_out, struct error *err)
{
    struct update_trial trial;
    int found = update_read(work, "coming", id, list_out, err);
    if (found != 1)
        return found;
    return (*list_out)->sequence == active->sequence && !update_read_trial(work, id, &trial);
}

/* What was decided about entries, on what acts and on what is tried. */
static int select_again(struct update_work *work, struct slice id,
                        const struct update_decisions *decisions, struct error *err)
{
    static const char *const parts[] = {"active", "shadow"};
    for (size_t i = 0; i < 2; i++) {
        struct list *list, *whole, *selected;
        int found = update_read(work, parts[i], id, &list, err);
        if (found < 0)
            return -1;
        int is_whole = found == 1 && i == 0 ? read_signed(work, id, list, &whole, err) : 0;
        if (is_whole < 0)
            return -1;
        if (is_whole == 1)
            list = whole;
        if (found == 1 && (update_select(list, decisions, work->arena, &selected, err) != 0 ||
                           update_write_list(work, parts[i], selected, err) != 0))
            return -1;
    }
    return update_touch(work, err);
}

static int park(struct update_work *work, struct slice id, const struct update_parked *parked,
                struct error *err)
{
    struct update_decisions decisions;
    if (update_read_decisions(work, id, &decisions, err) != 0 ||
        update_decide_entry(&decisions, parked, err) != 0 ||
        update_write_decisions(work, id, &decisions, err) != 0)
        return -1;
    return select_again(work, id, &decisions, err);
}

int update_park(const struct update_tools *tools, const char *partner, const char *list,
                struct slice entry_id, enum list_action action, const char *reason,
                struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    struct update_parked parked = {.action = action, .is_by_hand = true};
    struct list *active = NULL, *coming = NULL;
    struct slice id;
    if (begin(&work, tools, partner, list, NULL, &id, err) != 0 ||
        update_read(&work, "active", id, &active, err) < 0 ||
        update_read(&work, "coming", id, &coming, err) < 0)
        return -1;
    if (update_find_entry(active, entry_id) == NULL && update_find_entry(coming, entry_id) == NULL)
        return error_set(err, ERROR_NOT_FOUND, "%s/%s has no entry " SLICE_FORMAT, partner, list,
                         SLICE_ARGUMENTS(entry_id));
    if (!slice_to_text(entry_id, parked.entry, sizeof parked.entry))
        return error_set(err, ERROR_INPUT, "an id has 8 to 16 hex digits");
    for (const char *c = reason; *c != '\0'; c++)
        if (*c == '\n')
            return error_set(err, ERROR_INPUT, "a reason is one line");
    snprintf(parked.reason, sizeof parked.reason, "%s", reason);
    return park(&work, id, &parked, err);
}

int update_diff(const struct update_tools *tools, const char *partner, const char *list,
                struct buffer *into, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    struct update_change change;
    struct update_decisions decisions;
    struct update_trial trial;
    struct list *active = NULL, *coming = NULL;
    struct slice id;
    if (begin(&work, tools, partner, list, NULL, &id, err) != 0 ||
        update_read(&work, "active", id, &active, err) < 0 ||
        update_read(&work, "coming", id, &coming, err) < 0 ||
        update_read_decisions(&work, id, &decisions, err) != 0)
        return -1;
    if (coming == NULL)
        return error_set(err, ERROR_NOT_FOUND, "%s/%s: nothing has come", partner, list);
    if (update_compare(active, coming, arena, &change, err) != 0)
        return -1;
    buffer_printf(into, "%s/" SLICE_FORMAT " %" PRId64 " -> %" PRId64 ": +%zu *%zu -%zu\n", partner,
                  SLICE_ARGUMENTS(coming->name), active == NULL ? 0 : active->sequence,
                  coming->sequence, change.added_count, change.changed_count, change.removed_count);
    update_write_change(&work, &change, into);
    if (update_write_ring(&work, coming, &change, into, err) != 0)
        return -1;
    for (size_t i = 0; i < decisions.count; i++)
        update_write_decision(&work, &decisions.rows[i], into);
    bool is_tried = update_read_trial(&work, id, &trial);
    if (is_tried && !trial.is_stopped &&
        update_write_trial_so_far(&work, coming, &trial, into, err) != 0)
        return -1;
    if (is_tried)
        buffer_printf(into, "%s\n",
                      trial.is_stopped ? "undone: waits for the next number, or for accept"
                      : trial.is_told  ? "the shadow run has ended: waits for accept"
                                       : "in shadow: counted, of no effect");
    return buffer_check(into, "diff", err);
}

/* --- demotion ----------------------------------------------------------------------------------
 */

struct demotion {
    const char *list;
    const struct update_parked *parked;
    int64_t released;
};

static int write_demotion(struct update_work *work, const void *what, struct buffer *into,
                          struct error *err)
{
    const struct demotion *told = what;
    (void)err;
    buffer_printf(into,
                  update_words(work, "%s/%s: entry %s only tags now: members released %lld mails "
                                     "that it held."),
                  work->partner.name, told->list, told->parked->entry, (long long)told->released);
    buffer_append_byte(into, '\n');
    return 0;
}

static int demote(struct update_work *work, const struct list *list, const struct entry *entry,
                  int64_t released, struct error *err)
{
    struct update_parked parked = {.action = LIST_ACTION_TAG, .is_by_hand = true};
    if (!slice_to_text(entry->id, parked.entry, sizeof parked.entry))
        return 0;
    snprintf(parked.reason, sizeof parked.reason, "members released %" PRId64 " mails that it held",
             released);
    if (park(work, list->list_id, &parked, err) != 0)
        return -1;
    const struct demotion told = {arena_copy(work->arena, list->name).data, &parked, released};
    if (told.list == NULL)
        return arena_error(work->arena, err);
    return update_say(work, list->list_id, list->name, UPDATE_WAITING, write_demotion, &told, err);
}

static int demote_of_list(struct update_work *work, const struct list *list,
                          const struct store_entry_counts *counts, size_t count, struct error *err)
{
    struct update_decisions decisions;
    if (update_read_decisions(work, list->list_id, &decisions, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!slice_equals(counts[i].list, list->name) || counts[i].released <= UPDATE_MOST_RELEASES)
            continue;
        const struct entry *entry = update_find_entry(list, counts[i].entry);
        const struct update_parked *said =
            entry == NULL ? NULL : update_find_decision(&decisions, entry->id);
        bool is_decided = said != NULL && said->is_by_hand; /* the admin saw it and said hold */
        if (entry != NULL && !is_decided && entry->max_action > LIST_ACTION_TAG &&
            demote(work, list, entry, counts[i].released, err) != 0)
            return -1;
    }
    return 0;
}

static int demote_of_partner(const struct update_tools *tools, const char *name,
                             const struct store_entry_counts *counts, size_t count,
                             struct update_results *results, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    const char *const *paths;
    size_t path_count;
    char folder[PATH_MAX];
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an update");
    if (update_work_begin(&work, tools, name, results, err) != 0)
        return -1;
    snprintf(folder, sizeof folder, "%s/active", work.folder);
    if (list_find_files(folder, arena, &paths, &path_count, err) != 0)
        return -1;
    for (size_t i = 0; i < path_count; i++) {
        struct list *list;
        if (list_read(paths[i], arena, &list, err) != 0 ||
            demote_of_list(&work, list, counts, count, err) != 0)
            return -1;
    }
    return 0;
}

int update_demote(const struct update_tools *tools, struct update_results *results,
                  struct error *err)
{
    struct store_entry_counts *counts;
    const char *const *names;
    size_t count, name_count;
    if (tools->store == NULL)
        return 0;
    if (store_entry_list(tools->store, results->arena, &counts, &count, err) != 0 ||
        partner_find_all(tools->settings, results->arena, &names, &name_count, err) != 0)
        return -1;
    for (size_t i = 0; i < name_count; i++)
        if (demote_of_partner(tools, names[i], counts, count, results, err) != 0)
            return -1;
    return 0;
}
