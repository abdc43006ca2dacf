/* The trial on live mail, the report at its end, and what becomes active by itself. */
#include "lists/update/update_work.h"

#include "common/base/limits.h"
#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include "lists/format/parse.h"
#include <inttypes.h>
#include <stdio.h>

#define COUNTS_BYTES (64 * MIB)
#define SHOWN_ENTRIES 10
#define PHRASE(text) (text) /* marks it for xgettext; update_words() says it */

struct slice update_count_name(const struct list *list, char name[TALLY_NAME_BYTES])
{
    if (!list->is_shadow)
        return list->name;
    snprintf(name, TALLY_NAME_BYTES, "shadow:" SLICE_FORMAT ":" SLICE_FORMAT,
             SLICE_ARGUMENTS(list->partner), SLICE_ARGUMENTS(list->list_id));
    return slice_of(name);
}

static struct slice shadow_name(const struct update_work *work, struct slice id,
                                char name[TALLY_NAME_BYTES])
{
    const struct list counted = {
        .partner = slice_of(work->partner.name), .list_id = id, .is_shadow = true};
    return update_count_name(&counted, name);
}

int update_forget_hits(const struct update_work *work, struct slice id, struct error *err)
{
    char name[TALLY_NAME_BYTES];
    if (work->tools->store == NULL)
        return 0;
    return store_entry_forget(work->tools->store, shadow_name(work, id, name), err);
}

static void count_entry(const struct update_work *work, const struct list *list,
                        const struct store_entry_counts *row, struct update_counts *counts)
{
    const struct entry *entry = update_find_entry(list, row->entry);
    enum list_action reach = entry == NULL ? LIST_ACTION_NONE : update_reach(work, list, entry);
    counts->hits += row->hits;
    counts->by_reach[reach] += row->hits;
}

int update_count_hits(const struct update_work *work, const struct list *list,
                      struct update_counts *counts_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(COUNTS_BYTES);
    char text[TALLY_NAME_BYTES];
    struct slice name = shadow_name(work, list->list_id, text);
    struct store_entry_counts *entries;
    struct store_counter *counters;
    size_t entry_count, counter_count;
    *counts_out = (struct update_counts){.hits = 0};
    if (work->tools->store == NULL)
        return 0;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for counts");
    if (store_entry_list(work->tools->store, arena, &entries, &entry_count, err) != 0 ||
        store_counter_list(work->tools->store, arena, &counters, &counter_count, err) != 0)
        return -1;
    for (size_t i = 0; i < entry_count; i++)
        if (slice_equals(entries[i].list, name))
            count_entry(work, list, &entries[i], counts_out);
    for (size_t i = 0; i < counter_count; i++)
        if (slice_is(counters[i].name, TALLY_MESSAGES))
            counts_out->messages += counters[i].count;
    return 0;
}

static void write_entry(const char *sign, const struct entry *entry, struct buffer *into)
{
    buffer_printf(into, "  %s " SLICE_FORMAT "  " SLICE_FORMAT "  " SLICE_FORMAT "  %s\n", sign,
                  SLICE_ARGUMENTS(entry->id), SLICE_ARGUMENTS(entry->type_name),
                  SLICE_ARGUMENTS(entry->category_name), list_action_name(entry->max_action));
}

void update_write_change(const struct update_work *work, const struct update_change *change,
                         struct buffer *into)
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
        if (groups[g].count <= SHOWN_ENTRIES)
            continue;
        buffer_printf(into, "  %s ... ", groups[g].sign);
        buffer_printf(into, update_words(work, "and %zu more"), groups[g].count - SHOWN_ENTRIES);
        buffer_append_byte(into, '\n');
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
        return PHRASE("it is the first number of this list");
    if (change->is_brake)
        return PHRASE("it changes so much at once (mass-change brake)");
    if (messages > 0 && hits * 10000 > messages * work->partner.most_hits_per_10000)
        return PHRASE("it hits more mail than max-hits-per-10000 allows");
    if (work->partner.review == (int)PARTNER_REVIEW_ALL)
        return PHRASE("review is all");
    if (work->partner.review == (int)PARTNER_REVIEW_ADDITIONS && added > 0)
        return PHRASE("review is additions");
    return NULL;
}

struct trial_look {
    struct list *coming, *active;
    struct update_trial trial;
    struct update_change change;
    struct update_decisions decisions;
    struct update_counts counts;
};

int update_write_trial_so_far(const struct update_work *work, const struct list *coming,
                              const struct update_trial *trial, struct buffer *into,
                              struct error *err)
{
    struct update_counts counts;
    if (update_count_hits(work, coming, &counts, err) != 0)
        return -1;
    buffer_printf(into, update_words(work, "Shadow %lld h, %lld messages: %lld hits"),
                  (long long)(work->tools->now - trial->since) / 3600,
                  (long long)(counts.messages - trial->messages), (long long)counts.hits);
    if (counts.hits > 0)
        buffer_printf(
            into, update_words(work, " (would at most hold %lld, tag %lld, observe %lld)"),
            (long long)counts.by_reach[LIST_ACTION_HOLD],
            (long long)counts.by_reach[LIST_ACTION_TAG],
            (long long)(counts.by_reach[LIST_ACTION_OBSERVE] + counts.by_reach[LIST_ACTION_NONE]));
    buffer_append_text(into, ".\n");
    if (trial->slowest.entry[0] == '\0')
        return 0;
    buffer_printf(into, update_words(work, "Slowest pattern: %s, %.2f ms on a long text."),
                  trial->slowest.entry, (double)trial->slowest.nanoseconds / 1e6);
    buffer_append_byte(into, '\n');
    return 0;
}

void update_write_decision(const struct update_work *work, const struct update_parked *parked,
                           struct buffer *into)
{
    static const char *const words[] = {[LIST_ACTION_NONE] = PHRASE("Parked"),
                                        [LIST_ACTION_OBSERVE] = PHRASE("Only observes"),
                                        [LIST_ACTION_TAG] = PHRASE("Tags only"),
                                        [LIST_ACTION_HOLD] = PHRASE("As the list has it")};
    buffer_printf(into, "%s %s: %s\n", update_words(work, words[parked->action]), parked->entry,
                  parked->reason);
}

/* What a person may do now. */
static void write_commands(const struct update_work *work, const char *name, const char *brake,
                           struct buffer *into)
{
    const char *partner = work->partner.name;
    if (brake == NULL) {
        buffer_printf(into, "%s\n  zaguan list accept --undo %s/%s\n",
                      update_words(work, "It is active now. To undo it:"), partner, name);
        return;
    }
    buffer_printf(into, update_words(work, "It waits for you, because %s."),
                  update_words(work, brake));
    buffer_printf(into,
                  "\n  zaguan list accept %s/%s\n  zaguan list park %s/%s ENTRY [--as tag]\n"
                  "  zaguan list diff %s/%s\n",
                  partner, name, partner, name, partner, name);
}

struct report {
    const struct trial_look *look;
    const char *brake, *name;
};

static int write_report(struct update_work *work, const void *what, struct buffer *into,
                        struct error *err)
{
    const struct report *report = what;
    const struct trial_look *look = report->look;
    const struct list *coming = look->coming;
    buffer_printf(into, "%s/%s %" PRId64 " -> %" PRId64 ": +%zu *%zu -%zu\n", work->partner.name,
                  report->name, look->active == NULL ? 0 : look->active->sequence, coming->sequence,
                  look->change.added_count, look->change.changed_count, look->change.removed_count);
    update_write_change(work, &look->change, into);
    if (update_write_ring(work, coming, &look->change, into, err) != 0 ||
        update_write_trial_so_far(work, coming, &look->trial, into, err) != 0)
        return -1;
    for (size_t i = 0; i < look->decisions.count && i < SHOWN_ENTRIES; i++)
        update_write_decision(work, &look->decisions.rows[i], into);
    buffer_printf(into, update_words(work, "Parked in all: %zu."), count_parked(&look->decisions));
    buffer_append_byte(into, '\n');
    write_commands(work, report->name, report->brake, into);
    return 0;
}

/* 1 it has ended, 0 it goes on or there is none. */
static int look(struct update_work *work, struct slice id, struct trial_look *look_out,
                struct error *err)
{
    struct trial_look look = {.active = NULL};
    const struct partner *partner = &work->partner;
    if (!update_read_trial(work, id, &look.trial) || look.trial.is_stopped)
        return 0;
    int found = update_read(work, "coming", id, &look.coming, err);
    if (found != 1)
        return found;
    if (update_count_hits(work, look.coming, &look.counts, err) != 0)
        return -1;
    look.counts.messages -= look.trial.messages;
    if (update_read(work, "active", id, &look.active, err) < 0 ||
        update_read_decisions(work, id, &look.decisions, err) != 0 ||
        update_compare(look.active, look.coming, work->arena, &look.change, err) != 0)
        return -1;
    bool has_ended = work->tools->now >= look.trial.since + partner->shadow_hours * 3600 &&
                     look.counts.messages >= partner->shadow_messages;
    bool is_nothing_new = look.change.added_count + look.change.changed_count == 0;
    *look_out = look;
    return has_ended || is_nothing_new;
}

static int look_at(struct update_work *work, struct slice id, struct error *err)
{
    struct trial_look ended;
    int has_ended = look(work, id, &ended, err);
    if (has_ended != 1 || ended.trial.is_told)
        return has_ended < 0 ? -1 : 0;
    const char *brake = find_brake(work, &ended.change, ended.counts.hits, ended.counts.messages);
    const struct report report = {&ended, brake, arena_copy(work->arena, ended.coming->name).data};
    if (report.name == NULL)
        return arena_error(work->arena, err);
    if (brake == NULL) {
        if (update_activate(work, ended.coming, err) != 0)
            return -1;
    } else {
        ended.trial.is_told = true;
        if (update_write_trial(work, id, &ended.trial, err) != 0)
            return -1;
    }
    return update_say(work, id, ended.coming->name,
                      brake == NULL ? UPDATE_ACTIVATED : UPDATE_WAITING, write_report, &report,
                      err);
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
