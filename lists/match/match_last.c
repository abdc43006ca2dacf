/* A list out of the last image: what stays active when its file cannot be read any more. */
#include "lists/match/matcher.h"

/* Of a text in the image, which may be unmapped before the list is gone. */
static struct slice keep(const struct image *image, struct image_text text, struct arena *arena)
{
    return arena_copy(arena, image_text(image, text));
}

static int keep_entries(const struct image *image, uint32_t index, struct list *list,
                        struct arena *arena, struct error *err)
{
    const struct image_entry *record;
    const struct image_class *class;
    struct slice value;
    size_t room = image->lists[index].entry_count;
    if (room > image->entries.size / sizeof *record)
        return error_set(err, ERROR_INPUT, "the last image counts its entries wrongly");
    list->entries = arena_alloc_array(arena, room, sizeof *list->entries);
    if (list->entries == NULL)
        return arena_error(arena, err);
    for (uint32_t at = 4;
         list->entry_count < room && image_entry_at(image, at, &record, &class, &value);
         at = image_entry_end(record, at)) {
        struct entry *entry = &list->entries[list->entry_count];
        uint32_t owner;
        if (class->list != index)
            continue;
        if (!image_read_entry(image, at, arena, entry, &owner, &entry->expires_at))
            return arena_error(arena, err);
        entry->value = arena_copy(arena, entry->value);
        entry->category_name = arena_copy(arena, entry->category_name);
        entry->language = arena_copy(arena, entry->language);
        entry->basis = arena_copy(arena, entry->basis);
        entry->from = arena_copy(arena, entry->from);
        list->entry_count++;
    }
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

static int keep_disagreements(const struct image *image, uint32_t index, struct list *list,
                              struct arena *arena, struct error *err)
{
    list->disagreements =
        arena_alloc_array(arena, image->disagreement_count, sizeof *list->disagreements);
    if (list->disagreements == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < image->disagreement_count; i++) {
        const struct image_disagreement *row = &image->disagreements[i];
        if (row->list == index)
            list->disagreements[list->disagreement_count++] =
                (struct disagreement){.publisher = keep(image, row->publisher, arena),
                                      .list_id = keep(image, row->list_id, arena),
                                      .entry_id = keep(image, row->entry_id, arena)};
    }
    return 0;
}

static int keep_list(const struct image *image, uint32_t index, struct list *list,
                     struct arena *arena, struct error *err)
{
    const struct image_list *row = &image->lists[index];
    list->name = keep(image, row->name, arena);
    list->list_id = keep(image, row->list_id, arena);
    list->publisher = keep(image, row->publisher, arena);
    list->digest_key = keep(image, row->digest_key, arena);
    list->appeals = keep(image, row->appeals, arena);
    list->sequence = row->sequence;
    list->issued_at = row->issued_at;
    list->max_action = (enum list_action)row->max_action;
    list->is_local = row->is_local != 0;
    return keep_entries(image, index, list, arena, err) != 0
               ? -1
               : keep_disagreements(image, index, list, arena, err);
}

int matcher_read_last(const struct image *last, const char *path, struct arena *arena,
                      struct list **list_out, bool *is_kept_out, struct error *err)
{
    struct list *list = arena_alloc(arena, sizeof *list);
    if (list == NULL)
        return arena_error(arena, err);
    list->name = slice_of(path);
    list->max_action = LIST_ACTION_HOLD;
    list_make_whole(list);
    *is_kept_out = false;
    for (uint32_t i = 0; last != NULL && i < last->list_count && !*is_kept_out; i++) {
        *is_kept_out = slice_is(image_text(last, last->lists[i].path), path);
        if (*is_kept_out && keep_list(last, i, list, arena, err) != 0)
            return -1;
    }
    *list_out = list;
    return 0;
}
