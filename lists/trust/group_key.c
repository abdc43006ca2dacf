/* The keys that groups of servers share, as files. */
#include "lists/format/keyed_entry.h"

#include "common/base/files.h"
#include <dirent.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MODE 0640 /* the daemons match with it */

static int write_path(const struct settings *settings, struct slice name, char path[PATH_MAX],
                      struct error *err)
{
    bool is_name = name.size > 0 && name.size < GROUP_KEY_NAME_BYTES;
    for (size_t i = 0; is_name && i < name.size; i++) {
        char c = name.data[i];
        is_name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0);
    }
    if (!is_name)
        return error_set(err, ERROR_INPUT,
                         "a group key's name has lower-case letters, digits and \"-\", at most %d",
                         GROUP_KEY_NAME_BYTES - 1);
    int length = snprintf(path, PATH_MAX, "%s/group-" SLICE_FORMAT ".key", settings->key_folder,
                          SLICE_ARGUMENTS(name));
    if (length < 0 || length >= PATH_MAX)
        return error_set(err, ERROR_INPUT, "key_folder: the path is too long");
    return 0;
}

int group_key_read(const struct settings *settings, struct slice name, struct group_key *key_out,
                   struct error *err)
{
    char path[PATH_MAX];
    struct stat file;
    struct group_key key;
    size_t size = 0;
    if (write_path(settings, name, path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(256);
    if (file_read(path, &text, err) != 0)
        return -1;
    if (stat(path, &file) == 0 && (file.st_mode & S_IRWXO) != 0)
        return error_set(err, ERROR_INPUT, "%s: open to everybody: chmod o= it", path);
    struct slice hex = slice_trim(buffer_slice(&text));
    bool is_key =
        hex.size == 2 * sizeof key.key &&
        sodium_hex2bin(key.key, sizeof key.key, hex.data, hex.size, NULL, &size, NULL) == 0 &&
        size == sizeof key.key && slice_to_text(name, key.name, sizeof key.name);
    sodium_memzero(text.data, text.size);
    if (!is_key)
        return error_set(err, ERROR_INPUT, "%s: not a key: 64 hexadecimal digits were expected",
                         path);
    *key_out = key;
    return 0;
}

/* Made by root it is read by the daemons through the group of the folder, as the other keys are. */
static int give_to_group(const struct settings *settings, const char *path, struct error *err)
{
    struct stat folder;
    if (geteuid() != 0)
        return 0;
    if (stat(settings->key_folder, &folder) != 0 || chown(path, (uid_t)-1, folder.st_gid) != 0)
        return error_system(err, "%s: cannot be given to the group of its folder", path);
    return 0;
}

int group_key_make(const struct settings *settings, const char *name, struct error *err)
{
    char path[PATH_MAX], text[2 * KEYED_KEY_BYTES + 2];
    unsigned char key[KEYED_KEY_BYTES];
    if (write_path(settings, slice_of(name), path, err) != 0)
        return -1;
    if (access(path, F_OK) == 0)
        return error_set(err, ERROR_INPUT, "%s: is there already; nothing was replaced", path);
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(text, sizeof text, key, sizeof key);
    text[2 * sizeof key] = '\n';
    int failed = file_write(path, slice_new(text, 2 * sizeof key + 1), KEY_MODE, err);
    if (failed == 0)
        failed = give_to_group(settings, path, err);
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    return failed;
}

static int is_group_key(const struct dirent *file)
{
    struct slice name = slice_of(file->d_name);
    return slice_starts_with(name, "group-") && slice_ends_with_nocase(name, ".key");
}

size_t group_key_find_all(const struct settings *settings, struct group_key *keys_out, size_t most)
{
    struct dirent **files = NULL;
    size_t count = 0;
    int found = scandir(settings->key_folder, &files, is_group_key, alphasort);
    for (int i = 0; i < found; i++) {
        struct slice name = slice_from(slice_of(files[i]->d_name), strlen("group-"));
        struct error ignored = {0};
        name = slice_part(name, 0, name.size - strlen(".key"));
        if (count < most && group_key_read(settings, name, &keys_out[count], &ignored) == 0)
            count++;
        free(files[i]);
    }
    free(files);
    return count;
}
