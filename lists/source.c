#include "lists/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SOURCES 4096

static int is_list_file(const struct dirent *file)
{
    struct slice name = slice_of(file->d_name);
    return slice_ends_with_nocase(name, ".zl") && name.data[0] != '.';
}

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

static int read_local(const char *folder, struct arena *arena, struct list_source *sources,
                      size_t *count, struct error *err)
{
    struct dirent **files = NULL;
    int found = scandir(folder, &files, is_list_file, alphasort);
    if (found < 0)
        return error_system(err, "%s: cannot be read", folder);
    for (int i = 0; i < found; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, files[i]->d_name);
        if (path != NULL && *count < MOST_SOURCES)
            make_local(&sources[(*count)++], path);
        free(files[i]);
    }
    free(files);
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

int sources_read(const struct settings *settings, struct arena *arena,
                 struct list_source **sources_out, size_t *count_out, struct error *err)
{
    size_t count = 0;
    struct list_source *sources = arena_alloc_array(arena, MOST_SOURCES, sizeof *sources);
    if (sources == NULL)
        return arena_error(arena, err);
    if (read_local(settings->list_folder, arena, sources, &count, err) != 0)
        return -1;
    *sources_out = sources;
    *count_out = count;
    return 0;
}

void list_set_source(struct list *list, const struct list_source *source)
{
    struct list_source local;
    if (source == NULL) {
        make_local(&local, NULL);
        source = &local;
    }
    list->partner = slice_of(source->publisher);
    memcpy(list->ceilings, source->ceilings, sizeof list->ceilings);
    list->freshness = source->freshness;
    list->counts_for_quorum = source->counts_for_quorum;
    list->is_shadow = source->is_shadow;
    list->hold_quorum = source->hold_quorum;
    if (!source->is_local)
        list->is_local = false;
}
