/* Where partners stand on disk. */
#include "lists/trust/partner.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PARTNER_FILE_BYTES (16 * KIB)
#define FILE_MODE 0644 /* zaguan-fetch reads the URL */
#define FOLDER_MODE 0755
#define MOST_PARTNERS 1000

int partner_write_folder(const struct settings *settings, const char *name, char path[PATH_MAX],
                         struct error *err)
{
    if (!record_is_publisher(slice_of(name)))
        return error_set(err, ERROR_INPUT, "%.80s: a partner is named by its domain, in lower case",
                         name);
    int length = snprintf(path, PATH_MAX, "%s/%s", settings->partner_folder, name);
    if (length < 0 || length >= PATH_MAX - 64)
        return error_set(err, ERROR_INPUT, "partner_folder: the path is too long");
    return 0;
}

static int write_file_path(const struct settings *settings, const char *name, const char *file,
                           char path[PATH_MAX], struct error *err)
{
    if (partner_write_folder(settings, name, path, err) != 0)
        return -1;
    size_t size = strlen(path);
    snprintf(path + size, PATH_MAX - size, "/%s", file);
    return 0;
}

int partner_read(const struct settings *settings, const char *name, struct partner *partner_out,
                 struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    struct partner partner;
    if (write_file_path(settings, name, "partner", path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(PARTNER_FILE_BYTES);
    if (file_read(path, &text, &trouble) != 0) {
        if (trouble.kind == ERROR_NOT_FOUND)
            return error_set(err, ERROR_NOT_FOUND,
                             "%.80s: there is no such partner; `zaguan partner list` shows them",
                             name);
        return error_set(err, trouble.kind, "%s", trouble.text);
    }
    if (partner_parse(buffer_slice(&text), path, &partner, err) != 0)
        return -1;
    snprintf(partner.name, sizeof partner.name, "%s", name);
    *partner_out = partner;
    return 0;
}

int partner_write(const struct settings *settings, const struct partner *partner, struct error *err)
{
    char folder[PATH_MAX], path[PATH_MAX];
    struct partner again;
    if (partner_write_folder(settings, partner->name, folder, err) != 0 ||
        write_file_path(settings, partner->name, "partner", path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(PARTNER_FILE_BYTES);
    buffer_printf(&text, "# zaguan partner %s; `zaguan partner set` changes it\n", partner->name);
    for (const struct option_row *row = partner_rows; row->name != NULL; row++) {
        buffer_printf(&text, "%s = ", row->name);
        option_print(row, partner, &text);
        buffer_append_byte(&text, '\n');
    }
    /* Read back first: what is written must be a partner. */
    if (buffer_check(&text, path, err) != 0 ||
        partner_parse(buffer_slice(&text), partner->name, &again, err) != 0 ||
        file_make_folder(settings->partner_folder, FOLDER_MODE, err) != 0 ||
        file_make_folder(folder, FOLDER_MODE, err) != 0)
        return -1;
    return file_write(path, buffer_slice(&text), FILE_MODE, err);
}

static int is_partner(const struct dirent *file)
{
    return record_is_publisher(slice_of(file->d_name));
}

int partner_find_all(const struct settings *settings, struct arena *arena,
                     const char *const **names_out, size_t *count_out, struct error *err)
{
    struct dirent **files = NULL;
    char path[PATH_MAX];
    struct stat file;
    size_t count = 0;
    const char **names = arena_alloc_array(arena, MOST_PARTNERS, sizeof *names);
    if (names == NULL)
        return arena_error(arena, err);
    int found = scandir(settings->partner_folder, &files, is_partner, alphasort);
    if (found < 0 && errno != ENOENT)
        return error_system(err, "%s: cannot be read", settings->partner_folder);
    for (int i = 0; i < found; i++) {
        if (count < MOST_PARTNERS &&
            write_file_path(settings, files[i]->d_name, "partner", path, NULL) == 0 &&
            stat(path, &file) == 0)
            names[count++] = arena_copy_text(arena, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *names_out = names;
    *count_out = count;
    return 0;
}

int partner_root(const struct settings *settings, const struct partner *partner,
                 struct root *root_out, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    struct minisign_public keys[PARTNER_MOST_KEYS];
    size_t count;
    if (write_file_path(settings, partner->name, "root.zr", path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
    if (file_read(path, &text, &trouble) == 0)
        return root_parse(buffer_slice(&text), path, root_out, err);
    if (trouble.kind != ERROR_NOT_FOUND)
        return error_set(err, trouble.kind, "%s", trouble.text);
    if (partner_keys(partner, keys, &count, err) != 0)
        return -1;
    root_from_pinned(partner->name, keys, count, root_out);
    return 0;
}
