/* The trial on live mail, the report at its end, and what becomes active by itself. */
#include "lists/update_work.h"

#include "common/base/limits.h"
#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include "lists/parse.h"
#include <inttypes.h>
#include <stdio.h>

#define COUNTS_BYTES (64 * MIB)
#define SHOWN_ENTRIES 10

struct slice update_count_name(const struct list *list, char name[TALLY_NAME_BYTES])
{
    if (!list->is_shadow)
        return list->name;
    snprintf(name, TALLY_NAME_BYTES, "shadow:" SLICE_FORMAT ":" SLICE_FORMAT,
             SLICE_ARGUMENTS(list->partner), SLICE_ARGUMENTS(list->list_id));
    return slice_of(name);
}

int update_count_hits(const struct update_work *work, struct slice id, int64_t *hits_out,
                      int64_t *messages_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(COUNTS_BYTES);
    const struct list counted = {
        .partner = slice_of(work->partner.name), .list_id = id, .is_shadow = true};
    char text[TALLY_NAME_BYTES];
    struct slice name = update_count_name(&counted, text);
    struct store_entry_counts *entries;
    struct store_counter *counters;
    size_t entry_count, counter_count;
    *hits_out = *messages_out = 0;
    if (work->tools->store == NULL)
        return 0;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for counts");
    if (store_entry_list(work->tools->store, arena, &entries, &entry_count, err) != 0 ||
        store_counter_list(work->tools->store, arena, &counters, &counter_count, err) != 0)
        return -1;
    for (size_t i = 0; i < entry_count; i++)
        *hits_out += slice_equals(entries[i].list, name) ? entries[i].hits : 0;
    for (size_t i = 0; i < counter_count; i++)
        *messages_out += slice_is(counters[i].name, TALLY_MESSAGES) ? counters[i].count : 0;
    return 0;
}

static void write_entry(const char *sign, const struct entry *entry, struct buffer *into)
{
    buffer_printf(into, "  %s " SLICE_FORMAT "  " SLICE_FORMAT "  " SLICE_FORMAT "  %s\n", sign,
                  SLICE_ARGUMENTS(entry->id), SLICE_ARGUMENTS(entry->type_name),
                  SLICE_ARGUMENTS(entry->category_name), list_action_name(entry->max_action));
}

void update_write_change(const struct update_change *change, struct buffer *into)
{
    const struct {
        const char *sign;
        const struct entry **rows;
        size_t count;
    } groups[] = {{"+", change->added, change->added_count},
                  {"*", change->changed, change->changed_count},
                  {"-", change->removed, change->removed_count}};
    for (size_t g = 0; g < 3; g++) {
        for (size_t i = 0; i < groups[g].count && i < SHOWN_ENTRIES; i++)
            write_entry(groups[g].sign, groups[g].rows[i], into);
        if (groups[g].count > SHOWN_ENTRIES)
            buffer_printf(into, "  %s ... and %zu more\n", groups[g].sign,
                          groups[g].count - SHOWN_ENTRIES);
    }
}

static size_t count_parked(const struct update_decisions *decisions)
{
    size_t count = 0;
    for (size_t i = 0; i < decisions->count; i++)
        count += decisions->rows[i].action == LIST_ACTION_NONE;
    return count;
}

int update_activate(struct update_work *work, const struct list *coming, struct error *err)
{
    struct update_decisions decisions;
    struct list *selected, *active = NULL;
    struct slice id = coming->list_id;
    if (update_read_decisions(work, id, &decisions, err) != 0 ||
        update_select(coming, &decisions, work->arena, &selected, err) != 0 ||
        update_read(work, "active", id, &active, err) < 0)
        return -1;
    if (active != NULL && (update_copy_signatures(work, "active", "previous", id, err) != 0 ||
                           update_write_list(work, "previous", active, err) != 0))
        return -1;
    if (update_copy_signatures(work, "coming", "active", id, err) != 0 ||
        update_write_list(work, "active", selected, err) != 0)
        return -1;
    update_remove(work, "shadow", id, ".zl");
    update_remove(work, "coming", id, ".shadow");
    return update_touch(work, err);
}

/* Why it needs a person; NULL: it may act by itself. */
static const char *find_brake(const struct update_work *work, const struct update_change *change,
                              int64_t hits, int64_t messages)
{
    size_t added = change->added_count + change->changed_count;
    if (change->before_count == 0)
        return "it is the first number of this list";
    if (change->is_brake)
        return "it changes so much at once (mass-change brake)";
    if (messages > 0 && hits * 10000 > messages * work->partner.most_hits_per_10000)
        return "it hits more mail than max-hits-per-10000 allows";
    if (work->partner.review == (int)PARTNER_REVIEW_ALL)
        return "review is all";
    if (work->partner.review == (int)PARTNER_REVIEW_ADDITIONS && added > 0)
        return "review is additions";
    return NULL;
}

struct trial_look {
    struct list *coming, *active;
    struct update_trial trial;
    struct update_change change;
    struct update_decisions decisions;
    int64_t hits, messages;
};

static void write_report(const struct update_work *work, const struct trial_look *look,
                         const char *brake, struct buffer *into)
{
    const struct list *coming = look->coming;
    int64_t hours = (work->tools->now - look->trial.since) / 3600;
    buffer_printf(into, "%s/" SLICE_FORMAT " %" PRId64 " -> %" PRId64 ": +%zu *%zu -%zu\n",
                  work->partner.name, SLICE_ARGUMENTS(coming->name),
                  look->active == NULL ? 0 : look->active->sequence, coming->sequence,
                  look->change.added_count, look->change.changed_count, look->change.removed_count);
    update_write_change(&look->change, into);
    buffer_printf(into, "Shadow %" PRId64 " h, %" PRId64 " messages: %" PRId64 " hits.\n", hours,
                  look->messages, look->hits);
    for (size_t i = 0; i < look->decisions.count && i < SHOWN_ENTRIES; i++)
        buffer_printf(into, "%s %s: %s\n",
                      look->decisions.rows[i].action == LIST_ACTION_NONE ? "Parked" : "Tags only",
                      look->decisions.rows[i].entry, look->decisions.rows[i].reason);
    buffer_printf(into, "Parked in all: %zu.\n", count_parked(&look->decisions));
    if (brake == NULL)
        buffer_printf(into, "It is active now. To undo it:\n  zaguan list accept --undo %s/",
                      work->partner.name);
    else
        buffer_printf(into,
                      "It waits for you, because %s.\n  zaguan list accept %s/" SLICE_FORMAT
                      "\n  zaguan list park %s/" SLICE_FORMAT " ENTRY [--as tag]\nTo see it: "
                      "zaguan list diff %s/",
                      brake, work->partner.name, SLICE_ARGUMENTS(coming->name), work->partner.name,
                      SLICE_ARGUMENTS(coming->name), work->partner.name);
    buffer_printf(into, SLICE_FORMAT "\n", SLICE_ARGUMENTS(coming->name));
}

/* 1 it has ended, 0 it goes on or there is none. */
static int look(struct update_work *work, struct slice id, struct trial_look *look_out,
                struct error *err)
{
    struct trial_look look = {.active = NULL};
    const struct partner *partner = &work->partner;
    if (!update_read_trial(work, id, &look.trial) || look.trial.is_stopped)
        return 0;
    if (update_count_hits(work, id, &look.hits, &look.messages, err) != 0)
        return -1;
    look.hits -= look.trial.hits;
    look.messages -= look.trial.messages;
    int found = update_read(work, "coming", id, &look.coming, err);
    if (found != 1)
        return found;
    if (update_read(work, "active", id, &look.active, err) < 0 ||
        update_read_decisions(work, id, &look.decisions, err) != 0 ||
        update_compare(look.active, look.coming, work->arena, &look.change, err) != 0)
        return -1;
    bool has_ended = work->tools->now >= look.trial.since + partner->shadow_hours * 3600 &&
                     look.messages >= partner->shadow_messages;
    bool is_nothing_new = look.change.added_count + look.change.changed_count == 0;
    *look_out = look;
    return has_ended || is_nothing_new;
}

static int look_at(struct update_work *work, struct slice id, struct error *err)
{
    struct trial_look ended;
    BUFFER_CLEANUP text = buffer_new(UPDATE_TEXT_BYTES);
    int has_ended = look(work, id, &ended, err);
    if (has_ended != 1 || ended.trial.is_told)
        return has_ended < 0 ? -1 : 0;
    const char *brake = find_brake(work, &ended.change, ended.hits, ended.messages);
    write_report(work, &ended, brake, &text);
    if (buffer_check(&text, "report", err) != 0)
        return -1;
    if (brake == NULL) {
        if (update_activate(work, ended.coming, err) != 0)
            return -1;
    } else {
        ended.trial.is_told = true;
        if (update_write_trial(work, id, &ended.trial, err) != 0)
            return -1;
    }
    return update_say(work, id, ended.coming->name,
                      brake == NULL ? UPDATE_ACTIVATED : UPDATE_WAITING, buffer_slice(&text), err);
}

int update_look_at_trials(struct update_work *work, struct error *err)
{
    const char *const *paths;
    size_t count;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/coming", work->folder);
    if (list_find_files(folder, work->arena, &paths, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_of(paths[i]);
        name = slice_from(name, slice_find_last_byte(name, '/') + 1);
        if (look_at(work, slice_part(name, 0, name.size - 3), err) != 0)
            return -1;
    }
    return 0;
}
