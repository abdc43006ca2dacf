#include "lists/match/source.h"

#include "lists/format/parse.h"
#include "lists/match/source_add.h"
#include <string.h>

static void make_local(struct list_source *source, const char *path)
{
    *source = (struct list_source){.path = path,
                                   .is_local = true,
                                   .publisher = "",
                                   .freshness = LIST_ACTION_HOLD,
                                   .hold_quorum = 1};
    for (size_t i = 0; i < CATEGORY_COUNT; i++)
        source->ceilings[i] = LIST_ACTION_HOLD;
}

void source_set_add(struct source_set *set, const struct list_source *source)
{
    if (set->count < SOURCES_MOST)
        set->rows[set->count++] = *source;
}

static int add_local(const char *folder, struct source_set *set, struct error *err)
{
    const char *const *paths;
    size_t count;
    if (list_find_files(folder, set->arena, &paths, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct list_source source;
        make_local(&source, paths[i]);
        source_set_add(set, &source);
    }
    return 0;
}

int sources_read(const struct settings *settings, struct arena *arena,
                 struct list_source **sources_out, size_t *count_out, struct error *err)
{
    struct source_set set = {.arena = arena,
                             .rows = arena_alloc_array(arena, SOURCES_MOST, sizeof *set.rows)};
    if (set.rows == NULL)
        return arena_error(arena, err);
    if (add_local(settings->list_folder, &set, err) != 0 ||
        source_set_add_partners(settings, &set, err) != 0)
        return -1;
    *sources_out = set.rows;
    *count_out = set.count;
    return 0;
}

void list_set_source(struct list *list, const struct list_source *source)
{
    list->partner = slice_of(source->publisher);
    memcpy(list->ceilings, source->ceilings, sizeof list->ceilings);
    list->freshness = source->freshness;
    list->counts_for_quorum = source->counts_for_quorum;
    list->is_shadow = source->is_shadow;
    list->hold_quorum = source->hold_quorum;
    if (!source->is_local)
        list->is_local = false;
}
