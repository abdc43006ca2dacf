#include "lists/update/update_work.h"

#include <stdlib.h>
#include <string.h>

#define BRAKE_REMOVED_COUNT 20
#define BRAKE_REMOVED_PERCENT 20
#define BRAKE_ADDED_PERCENT 50

const struct entry *update_find_entry(const struct list *list, struct slice id)
{
    for (size_t i = 0; list != NULL && i < list->entry_count; i++)
        if (slice_equals(list->entries[i].id, id))
            return &list->entries[i];
    return NULL;
}

bool update_is_retracted(const struct list *list, struct slice id)
{
    for (size_t i = 0; i < list->retraction_count; i++)
        if (slice_equals(list->retractions[i].id, id))
            return true;
    return false;
}

/* --- all ids of a list ------------------------------------------------------------------------ */

static int compare_slices(struct slice a, struct slice b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_ids(const void *a, const void *b)
{
    const struct update_id *x = a, *y = b;
    return compare_slices(x->id, y->id);
}

int update_ids_of_entries(const struct list *list, struct arena *arena, struct update_ids *ids_out,
                          struct error *err)
{
    size_t count = list == NULL ? 0 : list->entry_count;
    ids_out->count = count;
    ids_out->rows = arena_alloc_array(arena, count + 1, sizeof *ids_out->rows);
    if (ids_out->rows == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < count; i++)
        ids_out->rows[i] = (struct update_id){list->entries[i].id, &list->entries[i]};
    qsort(ids_out->rows, count, sizeof *ids_out->rows, compare_ids);
    return 0;
}

int update_ids_of_retractions(const struct list *list, struct arena *arena,
                              struct update_ids *ids_out, struct error *err)
{
    size_t count = list == NULL ? 0 : list->retraction_count;
    ids_out->count = count;
    ids_out->rows = arena_alloc_array(arena, count + 1, sizeof *ids_out->rows);
    if (ids_out->rows == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < count; i++)
        ids_out->rows[i] = (struct update_id){.id = list->retractions[i].id};
    qsort(ids_out->rows, count, sizeof *ids_out->rows, compare_ids);
    return 0;
}

const struct update_id *update_ids_find(const struct update_ids *ids, struct slice id)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_slices(ids->rows[middle].id, id);
        if (order == 0)
            return &ids->rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* --- the difference --------------------------------------------------------------------------- */

/* Every word of it counts: an entry that changes its value under its id is a new one. */
static bool is_same(const struct entry *a, const struct entry *b)
{
    return slice_equals(a->type_name, b->type_name) && slice_equals(a->value, b->value) &&
           a->scope == b->scope && a->category == b->category &&
           a->has_subdomains == b->has_subdomains && a->needs_dmarc == b->needs_dmarc &&
           slice_equals(a->basis, b->basis) && a->severity == b->severity;
}

/* Much more than it was, or so much less that it may be an accident or a stolen key
 * (docs/lists.md). */
static void find_mass_change(struct update_change *change)
{
    size_t before = change->before_count;
    size_t added = change->added_count + change->changed_count;
    change->is_mass_removal = change->removed_count > BRAKE_REMOVED_COUNT &&
                              change->removed_count * 100 > before * BRAKE_REMOVED_PERCENT;
    change->is_brake = change->is_mass_removal || added * 100 > before * BRAKE_ADDED_PERCENT;
}

int update_compare(const struct list *active, const struct list *coming, struct arena *arena,
                   struct update_change *change_out, struct error *err)
{
    size_t before = active == NULL ? 0 : active->entry_count;
    struct update_change change = {
        .added = arena_alloc_array(arena, coming->entry_count + 1, sizeof *change.added),
        .changed = arena_alloc_array(arena, coming->entry_count + 1, sizeof *change.changed),
        .removed = arena_alloc_array(arena, before + 1, sizeof *change.removed),
        .before_count = before};
    struct update_ids old_ids, new_ids, retracted;
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    if (update_ids_of_entries(active, arena, &old_ids, err) != 0 ||
        update_ids_of_entries(coming, arena, &new_ids, err) != 0 ||
        update_ids_of_retractions(coming, arena, &retracted, err) != 0)
        return -1;
    for (size_t i = 0; i < coming->entry_count; i++) {
        const struct entry *entry = &coming->entries[i];
        const struct update_id *old = update_ids_find(&old_ids, entry->id);
        if (entry->is_retracted)
            continue;
        if (old == NULL)
            change.added[change.added_count++] = entry;
        else if (!is_same(old->entry, entry))
            change.changed[change.changed_count++] = entry;
    }
    for (size_t i = 0; i < before; i++) {
        const struct entry *old = &active->entries[i];
        const struct update_id *now = update_ids_find(&new_ids, old->id);
        if (now != NULL && !now->entry->is_retracted)
            continue;
        change.removed[change.removed_count++] = old;
        change.retracted_count += update_ids_find(&retracted, old->id) != NULL;
    }
    find_mass_change(&change);
    *change_out = change;
    return 0;
}

/* `max-action` as if the publisher had written it. */
static int cap(struct entry *entry, enum list_action most, struct arena *arena, struct error *err)
{
    struct attribute *rows;
    size_t count = 0;
    if (entry->max_action <= most)
        return 0;
    rows = arena_alloc_array(arena, entry->attribute_count + 1, sizeof *rows);
    if (rows == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < entry->attribute_count; i++)
        if (!slice_is(entry->attributes[i].key, "max-action"))
            rows[count++] = entry->attributes[i];
    rows[count++] = (struct attribute){.key = SLICE_LITERAL("max-action"),
                                       .written = slice_of(list_action_name(most))};
    entry->attributes = rows;
    entry->attribute_count = count;
    entry->max_action = most;
    return 0;
}

int update_select(const struct list *list, const struct update_decisions *decisions,
                  struct arena *arena, struct list **list_out, struct error *err)
{
    struct list *selected = arena_alloc(arena, sizeof *selected);
    struct entry *entries = arena_alloc_array(arena, list->entry_count + 1, sizeof *entries);
    size_t count = 0;
    if (selected == NULL || entries == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct update_parked *decision = update_find_decision(decisions, list->entries[i].id);
        if (list->entries[i].is_retracted ||
            (decision != NULL && decision->action == LIST_ACTION_NONE))
            continue;
        entries[count] = list->entries[i];
        if (decision != NULL && cap(&entries[count], decision->action, arena, err) != 0)
            return -1;
        count++;
    }
    *selected = *list;
    selected->entries = entries;
    selected->entry_count = count;
    *list_out = selected;
    return 0;
}
