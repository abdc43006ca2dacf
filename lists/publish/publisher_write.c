/* What the web server serves: a file and its signatures are two files, and never do not fit. */
#include "lists/trust/publisher.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC_MODE 0644

static void join(const char *folder, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

/* 1 read, 0 there is none. */
static int read_old(const char *path, struct buffer *into, struct error *err)
{
    struct error trouble = {0};
    if (file_read(path, into, &trouble) == 0)
        return 1;
    return trouble.kind == ERROR_NOT_FOUND ? 0 : error_set(err, trouble.kind, "%s", trouble.text);
}

static size_t count_signatures(struct slice text)
{
    struct minisign_signature signature;
    size_t count = 0;
    while (minisign_next_signature(&text, "minisig", &signature, NULL) == 1)
        count++;
    return count;
}

/* The new ones first: minisign(1) looks at the first alone. */
static int write_both(const char *path, struct slice new, struct slice old, struct error *err)
{
    BUFFER_CLEANUP both = buffer_new(LIMIT_MINISIG_BYTES);
    if (new.size + old.size > LIMIT_MINISIG_BYTES ||
        count_signatures(new) + count_signatures(old) > MINISIGN_MOST_SIGNATURES)
        return 0; /* readers would refuse so many */
    buffer_append(&both, new);
    buffer_append(&both, old);
    return buffer_check(&both, path, err) != 0
               ? -1
               : file_write(path, buffer_slice(&both), PUBLIC_MODE, err);
}

int publisher_write_signed(const char *folder, const char *name, struct slice content,
                           struct slice signatures, struct error *err)
{
    char path[PATH_MAX], signature_path[PATH_MAX];
    BUFFER_CLEANUP old = buffer_new(LIMIT_LIST_BYTES);
    BUFFER_CLEANUP old_signatures = buffer_new(LIMIT_MINISIG_BYTES);
    join(folder, name, path);
    snprintf(signature_path, sizeof signature_path, "%.*s.minisig", PATH_MAX - 10, path);
    int found = read_old(path, &old, err);
    if (found < 0 || read_old(signature_path, &old_signatures, err) < 0)
        return -1;
    bool is_same = found == 1 && slice_equals(buffer_slice(&old), content);
    if (is_same && slice_equals(buffer_slice(&old_signatures), signatures))
        return 0;
    if (is_same || found == 0)
        return file_write(signature_path, signatures, PUBLIC_MODE, err) != 0 ||
                       (!is_same && file_write(path, content, PUBLIC_MODE, err) != 0)
                   ? -1
                   : 0;
    if (write_both(signature_path, signatures, buffer_slice(&old_signatures), err) != 0 ||
        file_write(path, content, PUBLIC_MODE, err) != 0)
        return -1;
    return file_write(signature_path, signatures, PUBLIC_MODE, err);
}

static int copy_root(const struct publisher *publisher, const char *folder, const char *name,
                     struct error *err)
{
    char path[PATH_MAX], signature[PATH_MAX];
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
    BUFFER_CLEANUP signatures = buffer_new(LIMIT_MINISIG_BYTES);
    join(publisher->folder, name, path);
    snprintf(signature, sizeof signature, "%.*s.minisig", PATH_MAX - 10, path);
    if (file_read(path, &text, err) != 0 || file_read(signature, &signatures, err) != 0)
        return -1;
    return publisher_write_signed(folder, name, buffer_slice(&text), buffer_slice(&signatures),
                                  err);
}

static int is_old_root(const struct dirent *file)
{
    struct slice name = slice_of(file->d_name);
    return slice_starts_with(name, "root.") && slice_ends_with_nocase(name, ".zr") &&
           !slice_is(name, "root.zr");
}

int publisher_copy_roots(const struct publisher *publisher, const char *folder, struct error *err)
{
    struct dirent **files = NULL;
    int failed = 0;
    int count = scandir(publisher->folder, &files, is_old_root, alphasort);
    if (count < 0)
        return error_system(err, "%s: cannot be read", publisher->folder);
    for (int i = 0; i < count; i++) {
        if (failed == 0)
            failed = copy_root(publisher, folder, files[i]->d_name, err);
        free(files[i]);
    }
    free(files);
    /* The last, when what leads to it is there. */
    return failed != 0 ? -1 : copy_root(publisher, folder, "root.zr", err);
}
