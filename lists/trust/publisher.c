#include "lists/trust/publisher.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MODE 0400
#define PUBLIC_MODE 0644
#define FOLDER_MODE 0700
#define PASSPHRASE_BYTES 1024

void publisher_wipe(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->unlocked_count; i++)
        minisign_secret_wipe(&publisher->unlocked[i]);
    publisher->unlocked_count = 0;
}

static int write_folder(const struct settings *settings, char folder[PATH_MAX], struct error *err)
{
    int length = snprintf(folder, PATH_MAX, "%s/publish", settings->key_folder);
    if (length < 0 || length >= PATH_MAX - 128)
        return error_set(err, ERROR_INPUT, "key_folder: the path is too long");
    return 0;
}

static void join(const char *folder, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

int publisher_read(const struct settings *settings, publisher_ask *ask,
                   struct publisher *publisher_out, struct error *err)
{
    struct publisher publisher = {.ask = ask};
    struct error trouble = {0};
    char path[PATH_MAX];
    if (write_folder(settings, publisher.folder, err) != 0)
        return -1;
    join(publisher.folder, "root.zr", path);
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
    if (file_read(path, &text, &trouble) != 0) {
        if (trouble.kind == ERROR_NOT_FOUND)
            return error_set(err, ERROR_NOT_FOUND,
                             "%s: there are no keys to publish with; `zaguan key init --publish` "
                             "makes them",
                             publisher.folder);
        return error_set(err, trouble.kind, "%s", trouble.text);
    }
    if (root_parse(buffer_slice(&text), path, &publisher.root, err) != 0)
        return -1;
    *publisher_out = publisher;
    return 0;
}

static int is_public_file(const struct dirent *file)
{
    return slice_ends_with_nocase(slice_of(file->d_name), ".pub") && file->d_name[0] != '.';
}

/* The .pub files say which .key file it is: no passphrase is asked for to know. */
static bool is_file_of(const char *path, const unsigned char id[MINISIGN_ID_BYTES])
{
    struct minisign_public public;
    BUFFER_CLEANUP text = buffer_new(4 * KIB);
    return file_read(path, &text, NULL) == 0 &&
           minisign_read_public(buffer_slice(&text), path, &public, NULL) == 0 &&
           minisign_id_equals(public.id, id);
}

bool publisher_has_key(const struct publisher *publisher, const unsigned char id[MINISIGN_ID_BYTES],
                       char path[PATH_MAX])
{
    struct dirent **files = NULL;
    bool has_found = false;
    int count = scandir(publisher->folder, &files, is_public_file, alphasort);
    for (int i = 0; i < count; i++) {
        if (!has_found) {
            join(publisher->folder, files[i]->d_name, path);
            if (is_file_of(path, id)) {
                memcpy(path + strlen(path) - 4, ".key", 4);
                has_found = access(path, F_OK) == 0;
            }
        }
        free(files[i]);
    }
    free(files);
    return has_found;
}

/* Others than the owner must not be able to read it. */
static int check_mode(const char *path, struct error *err)
{
    struct stat file;
    if (stat(path, &file) != 0)
        return error_system(err, "%s", path);
    if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return error_set(err, ERROR_INPUT, "%s: open to others: chmod go= it", path);
    return 0;
}

static int unlock(struct publisher *publisher, const char *path, struct minisign_secret *secret,
                  struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(4 * KIB), passphrase = buffer_new(PASSPHRASE_BYTES);
    int failed = file_read(path, &text, err);
    if (failed == 0)
        failed = check_mode(path, err);
    if (failed == 0 && minisign_secret_is_encrypted(buffer_slice(&text)))
        failed = publisher->ask(path, false, &passphrase, err);
    if (failed == 0)
        failed =
            minisign_read_secret(buffer_slice(&text), path, buffer_slice(&passphrase), secret, err);
    sodium_memzero(text.data, text.size);
    sodium_memzero(passphrase.data, passphrase.size);
    return failed;
}

/* 1 found, 0 not here, -1. Each key is unlocked once. */
static int find_secret(struct publisher *publisher, const struct minisign_public *public,
                       const struct minisign_secret **secret_out, struct error *err)
{
    char path[PATH_MAX];
    struct minisign_secret *secret = &publisher->unlocked[publisher->unlocked_count];
    for (size_t i = 0; i < publisher->unlocked_count; i++) {
        if (minisign_id_equals(publisher->unlocked[i].public.id, public->id)) {
            *secret_out = &publisher->unlocked[i];
            return 1;
        }
    }
    if (!publisher_has_key(publisher, public->id, path) ||
        publisher->unlocked_count == ROOT_MOST_KEYS)
        return 0;
    if (unlock(publisher, path, secret, err) != 0)
        return -1;
    if (memcmp(secret->public.key, public->key, sizeof public->key) != 0)
        return error_set(err, ERROR_INPUT, "%s: not the key that root.zr names", path);
    publisher->unlocked_count++;
    *secret_out = secret;
    return 1;
}

/* Up to the threshold of `root`. */
static int sign_for(struct publisher *publisher, const struct root *root, enum root_role role,
                    struct slice content, const char *comment, struct buffer *into,
                    struct error *err)
{
    int64_t count = 0;
    for (size_t i = 0; i < root->key_count && count < root->thresholds[role]; i++) {
        const struct root_key *key = &root->keys[i];
        const struct minisign_secret *secret;
        if (!key->has_role[role])
            continue;
        int found = find_secret(publisher, &key->public, &secret, err);
        if (found < 0)
            return -1;
        if (found == 0)
            continue;
        count++;
        if (minisign_sign(secret, content, comment, into, err) != 0)
            return -1;
    }
    if (count < root->thresholds[role])
        return error_set(err, ERROR_NOT_FOUND,
                         "%s: %d keys of the role %s are needed and %d are here: sign where they "
                         "are",
                         publisher->folder, (int)root->thresholds[role], root_role_name(role),
                         (int)count);
    return 0;
}

int publisher_sign(struct publisher *publisher, enum root_role role, struct slice content,
                   const char *trusted_comment, struct buffer *into, struct error *err)
{
    return sign_for(publisher, &publisher->root, role, content, trusted_comment, into, err);
}

static int write_new(const char *path, struct slice content, mode_t mode, struct error *err)
{
    if (access(path, F_OK) == 0)
        return error_set(err, ERROR_INPUT, "%s: is there already; nothing was replaced", path);
    return file_write(path, content, mode, err);
}

/* A pair of files; the secret one stays unlocked. */
static int make_key(struct publisher *publisher, const char *name, bool is_bare,
                    struct minisign_public *public_out, struct error *err)
{
    char key_path[PATH_MAX], public_path[PATH_MAX], file[64];
    struct minisign_secret *secret = &publisher->unlocked[publisher->unlocked_count];
    BUFFER_CLEANUP text = buffer_new(4 * KIB), public = buffer_new(4 * KIB),
                   passphrase = buffer_new(PASSPHRASE_BYTES);
    snprintf(file, sizeof file, "%s.key", name);
    join(publisher->folder, file, key_path);
    snprintf(file, sizeof file, "%s.pub", name);
    join(publisher->folder, file, public_path);
    if (publisher->unlocked_count == ROOT_MOST_KEYS)
        return error_set(err, ERROR_LIMIT, "more than %d keys", ROOT_MOST_KEYS);
    int failed = is_bare ? 0 : publisher->ask(key_path, true, &passphrase, err);
    if (failed == 0)
        failed = minisign_make(secret, err);
    if (failed == 0)
        failed = minisign_format_secret(secret, buffer_slice(&passphrase), &text, err);
    if (failed == 0)
        failed = write_new(key_path, buffer_slice(&text), SECRET_MODE, err);
    if (failed == 0) {
        minisign_format_public(&secret->public, &public);
        failed = write_new(public_path, buffer_slice(&public), PUBLIC_MODE, err);
    }
    sodium_memzero(text.data, text.size);
    sodium_memzero(passphrase.data, passphrase.size);
    if (failed != 0)
        return -1;
    publisher->unlocked_count++;
    *public_out = secret->public;
    return 0;
}

/* First under its number, then as the current one: a crash leaves the root before it. */
static int write_root(const struct publisher *publisher, const struct root *root, struct slice text,
                      struct slice signatures, struct error *err)
{
    char name[64], path[PATH_MAX];
    for (size_t i = 0; i < 2; i++) {
        if (i == 0)
            snprintf(name, sizeof name, "root.%" PRId64 ".zr", root->sequence);
        else
            snprintf(name, sizeof name, "root.zr");
        join(publisher->folder, name, path);
        size_t size = strlen(path);
        snprintf(path + size, sizeof path - size, ".minisig");
        if (file_write(path, signatures, PUBLIC_MODE, err) != 0)
            return -1;
        path[size] = '\0';
        if (file_write(path, text, PUBLIC_MODE, err) != 0)
            return -1;
    }
    return 0;
}

/*
 * Signatures by the keys of all roots before, as far as they are here: who was away during several
 * rotations still trusts one of them. A signature of a revoked key is of use to nobody else.
 */
static int sign_for_absent(struct publisher *publisher, const struct root *root,
                           struct slice content, const char *comment, struct buffer *into,
                           struct error *err)
{
    char name[64], path[PATH_MAX];
    struct root signers = *root;
    for (int64_t number = root->sequence - 1; number > 0; number--) {
        struct root old;
        const struct minisign_secret *secret;
        BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
        snprintf(name, sizeof name, "root.%" PRId64 ".zr", number);
        join(publisher->folder, name, path);
        if (file_read(path, &text, NULL) != 0)
            return 0;
        if (root_parse(buffer_slice(&text), path, &old, err) != 0)
            return -1;
        for (size_t i = 0; i < old.key_count; i++) {
            const struct root_key *key = &old.keys[i];
            size_t at = 0;
            while (at < signers.key_count &&
                   !minisign_id_equals(signers.keys[at].public.id, key->public.id))
                at++;
            if (!key->has_role[ROOT_ROLE_ROOT] || at < signers.key_count ||
                signers.key_count == MINISIGN_MOST_SIGNATURES)
                continue;
            signers.keys[signers.key_count++] = *key;
            int found = find_secret(publisher, &key->public, &secret, err);
            if (found < 0 ||
                (found == 1 && minisign_sign(secret, content, comment, into, err) != 0))
                return -1;
        }
    }
    return 0;
}

/* Signed by the new root's keys first, then by those of `before`, then by older ones. */
static int finish_root(struct publisher *publisher, const struct root *before,
                       const struct root *root, struct error *err)
{
    char comment[ROOT_COMMENT_BYTES];
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES),
                   signatures = buffer_new(LIMIT_MINISIG_BYTES);
    struct root again;
    root_write_comment(root, comment);
    if (root_format(root, &text, err) != 0 ||
        root_parse(buffer_slice(&text), "root.zr", &again, err) != 0 ||
        sign_for(publisher, root, ROOT_ROLE_ROOT, buffer_slice(&text), comment, &signatures, err) !=
            0)
        return -1;
    if (before != NULL &&
        sign_for_absent(publisher, root, buffer_slice(&text), comment, &signatures, err) != 0)
        return -1;
    if (write_root(publisher, root, buffer_slice(&text), buffer_slice(&signatures), err) != 0)
        return -1;
    publisher->root = *root;
    return 0;
}

static int make_keys(struct publisher *publisher, const struct publisher_wish *wish,
                     struct root *root, struct error *err)
{
    if (!wish->is_split) {
        root->key_count = 1;
        root->keys[0].has_role[ROOT_ROLE_ROOT] = root->keys[0].has_role[ROOT_ROLE_LIST] =
            root->keys[0].has_role[ROOT_ROLE_HEAD] = true;
        return make_key(publisher, "all", wish->is_bare, &root->keys[0].public, err);
    }
    for (size_t role = 0; role < ROOT_ROLE_COUNT; role++) {
        struct root_key *key = &root->keys[root->key_count++];
        key->has_role[role] = true;
        if (make_key(publisher, root_role_name((enum root_role)role),
                     wish->is_bare || role == ROOT_ROLE_HEAD, &key->public, err) != 0)
            return -1;
    }
    return 0;
}

int publisher_make(const struct settings *settings, const struct publisher_wish *wish,
                   publisher_ask *ask, struct publisher *publisher_out, struct error *err)
{
    PUBLISHER_CLEANUP publisher = {.ask = ask};
    struct root root = {.sequence = 1, .issued_at = wish->now, .thresholds = {1, 1, 1}};
    char path[PATH_MAX];
    if (!record_is_publisher(slice_of(wish->name)) ||
        !slice_to_text(slice_of(wish->name), root.publisher, sizeof root.publisher))
        return error_set(err, ERROR_INPUT,
                         "%.80s: a publisher is a domain in lower case, with a dot", wish->name);
    if (write_folder(settings, publisher.folder, err) != 0)
        return -1;
    join(publisher.folder, "root.zr", path);
    if (access(path, F_OK) == 0)
        return error_set(err, ERROR_INPUT,
                         "%s: is there already; nothing was replaced (`zaguan key rotate`)", path);
    if (mkdir(publisher.folder, FOLDER_MODE) != 0 && errno != EEXIST)
        return error_system(err, "%s: cannot be made", publisher.folder);
    if (make_keys(&publisher, wish, &root, err) != 0 ||
        finish_root(&publisher, NULL, &root, err) != 0)
        return -1;
    *publisher_out = publisher;
    publisher_out->unlocked_count = 0;
    sodium_memzero(publisher_out->unlocked, sizeof publisher_out->unlocked);
    return 0;
}

/* "all" or the role, and the root's number: names stay apart. */
static void write_key_name(const struct root_key *key, int64_t sequence, char name[64])
{
    const char *word = "all";
    size_t count = 0;
    for (size_t role = 0; role < ROOT_ROLE_COUNT; role++) {
        count += key->has_role[role];
        if (key->has_role[role] && count == 1)
            word = root_role_name((enum root_role)role);
    }
    snprintf(name, 64, "%s-%" PRId64, count == ROOT_ROLE_COUNT ? "all" : word, sequence);
}

int publisher_rotate(struct publisher *publisher, const unsigned char old[MINISIGN_ID_BYTES],
                     const struct root_revoked *revoked, size_t revoked_count, bool is_bare,
                     int64_t now, struct error *err)
{
    struct root before = publisher->root, root = before;
    char name[64];
    size_t at = 0;
    while (at < root.key_count && !minisign_id_equals(root.keys[at].public.id, old))
        at++;
    if (at == root.key_count)
        return error_set(err, ERROR_NOT_FOUND, "root.zr has no such key");
    if (root.revoked_count + revoked_count > ROOT_MOST_REVOKED)
        return error_set(err, ERROR_LIMIT, "more than %d revoked keys", ROOT_MOST_REVOKED);
    root.sequence++;
    root.issued_at = now;
    write_key_name(&root.keys[at], root.sequence, name);
    for (size_t i = 0; i < revoked_count; i++) {
        root.revoked[root.revoked_count] = revoked[i];
        memcpy(root.revoked[root.revoked_count++].id, old, MINISIGN_ID_BYTES);
    }
    /* Before anything is made: the keys that vouch for the new one can be unlocked. */
    BUFFER_CLEANUP trial = buffer_new(LIMIT_MINISIG_BYTES);
    if (sign_for(publisher, &before, ROOT_ROLE_ROOT, SLICE_LITERAL("trial"), "trial", &trial,
                 err) != 0 ||
        make_key(publisher, name, is_bare, &root.keys[at].public, err) != 0)
        return -1;
    return finish_root(publisher, &before, &root, err);
}
