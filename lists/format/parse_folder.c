#include "lists/format/parse.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

static int is_list_file(const struct dirent *file)
{
    struct slice name = slice_of(file->d_name);
    return name.size > 3 && name.data[0] != '.' && slice_ends_with_nocase(name, ".zl");
}

int list_find_files(const char *folder, struct arena *arena, const char *const **paths_out,
                    size_t *count_out, struct error *err)
{
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_list_file, alphasort);
    if (count < 0) {
        bool is_missing = errno == ENOENT;
        error_system(err, "%s: cannot be read", folder);
        if (is_missing && err != NULL)
            err->kind = ERROR_NOT_FOUND;
        return -1;
    }
    const char **paths = arena_alloc_array(arena, (size_t)count, sizeof *paths);
    for (int i = 0; i < count; i++) {
        if (paths != NULL)
            paths[i] = arena_printf(arena, "%s/%s", folder, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *paths_out = paths;
    *count_out = (size_t)count;
    return 0;
}
