#include "quarantine/keys.h"

#include "common/base/files.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES 32
#define HEX_BYTES (2 * KEY_BYTES)
#define LONGEST_FILE 256

_Static_assert(KEY_BYTES == crypto_box_PUBLICKEYBYTES, "review.pub");
_Static_assert(KEY_BYTES == crypto_box_SECRETKEYBYTES, "review.key");
_Static_assert(KEY_BYTES == KEYED_KEY_BYTES, "digest.key");

/* The folder keeps others out; within the daemons' group review.key is its owner's alone. */
static const struct key_file {
    const char *name;
    mode_t mode;
} public_file = {"review.pub", 0640}, secret_file = {"review.key", 0600},
  digest_file = {"digest.key", 0640};

static int write_path(const struct settings *settings, const struct key_file *file,
                      char path[PATH_MAX], struct error *err)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", settings->key_folder, file->name);
    if (length < 0 || length >= PATH_MAX)
        return error_set(err, ERROR_INPUT, "key_folder: the path is too long");
    return 0;
}

static int parse_key(struct slice text, const char *path, unsigned char key_out[KEY_BYTES],
                     struct error *err)
{
    struct slice hex = slice_trim(text);
    size_t size = 0;
    if (hex.size != HEX_BYTES ||
        sodium_hex2bin(key_out, KEY_BYTES, hex.data, hex.size, NULL, &size, NULL) != 0 ||
        size != KEY_BYTES)
        return error_set(err, ERROR_INPUT, "%s: not a key: %d hexadecimal digits were expected",
                         path, HEX_BYTES);
    return 0;
}

/* Others than owner and group must not be able to read it. */
static int check_mode(const char *path, struct error *err)
{
    struct stat now;
    if (stat(path, &now) != 0)
        return error_system(err, "%s", path);
    if ((now.st_mode & S_IRWXO) != 0)
        return error_set(err, ERROR_INPUT, "%s: open to everybody: chmod o= it", path);
    return 0;
}

/* 1 read, 0 there is no such file, -1 */
static int read_key(const struct settings *settings, const struct key_file *file,
                    unsigned char key_out[KEY_BYTES], struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    if (write_path(settings, file, path, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(LONGEST_FILE);
    if (file_read(path, &text, &trouble) != 0) {
        if (err != NULL)
            *err = trouble;
        return trouble.kind == ERROR_NOT_FOUND ? 0 : -1;
    }
    int failed = parse_key(buffer_slice(&text), path, key_out, err);
    if (failed == 0 && file != &public_file)
        failed = check_mode(path, err);
    sodium_memzero(text.data, text.size);
    return failed == 0 ? 1 : -1;
}

static int read_needed(const struct settings *settings, const struct key_file *file,
                       unsigned char key_out[KEY_BYTES], struct error *err)
{
    int found = read_key(settings, file, key_out, err);
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "%s/%s: is not there; `zaguan key init` makes it",
                         settings->key_folder, file->name);
    return found < 0 ? -1 : 0;
}

static int check_pair(const struct settings *settings, const unsigned char secret[KEY_BYTES],
                      const unsigned char public[KEY_BYTES], struct error *err)
{
    unsigned char derived[KEY_BYTES];
    if (crypto_scalarmult_base(derived, secret) != 0 || memcmp(derived, public, KEY_BYTES) != 0)
        return error_set(err, ERROR_INPUT,
                         "%s: review.pub and review.key do not belong together: restore the pair",
                         settings->key_folder);
    return 0;
}

int keys_read(const struct settings *settings, enum keys_needed needed, struct keys *keys_out,
              struct error *err)
{
    struct keys keys = {.has_secret = needed == KEYS_SECRET};
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    if (read_needed(settings, &public_file, keys.review_public, err) != 0 ||
        read_needed(settings, &digest_file, keys.digest_key, err) != 0)
        return -1;
    if (keys.has_secret && (read_needed(settings, &secret_file, keys.review_secret, err) != 0 ||
                            check_pair(settings, keys.review_secret, keys.review_public, err) != 0))
        return -1;
    *keys_out = keys;
    sodium_memzero(&keys, sizeof keys);
    return 0;
}

/* link() refuses to replace, which rename() does not: two `key init` at once make one key. */
static int write_new_file(const char *path, mode_t mode, struct slice text, struct error *err)
{
    char temporary[PATH_MAX + 32];
    snprintf(temporary, sizeof temporary, "%s.new-%ld", path, (long)getpid());
    unlink(temporary);
    CLEANUP_FD int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_system(err, "%s: cannot be created", temporary);
    int failed = file_write_fd(fd, text, err);
    if (failed != 0)
        error_context(err, "%s", temporary);
    else if (fchmod(fd, mode) != 0 || fsync(fd) != 0 || link(temporary, path) != 0)
        failed = error_system(err, "%s: cannot be written", path);
    unlink(temporary);
    return failed;
}

static int write_key(const struct settings *settings, const struct key_file *file,
                     const unsigned char key[KEY_BYTES], struct error *err)
{
    char path[PATH_MAX], text[HEX_BYTES + 2];
    if (write_path(settings, file, path, err) != 0)
        return -1;
    sodium_bin2hex(text, HEX_BYTES + 1, key, KEY_BYTES);
    text[HEX_BYTES] = '\n';
    int failed = write_new_file(path, file->mode, slice_new(text, HEX_BYTES + 1), err);
    sodium_memzero(text, sizeof text);
    return failed;
}

/* The secret first: a public key without it would seal what nobody can open. */
static int make_pair(const struct settings *settings, struct error *err)
{
    unsigned char secret[KEY_BYTES], public[KEY_BYTES], there[KEY_BYTES];
    int has_secret = read_key(settings, &secret_file, secret, err);
    int has_public = has_secret < 0 ? -1 : read_key(settings, &public_file, there, err);
    if (has_secret < 0 || has_public < 0)
        return -1;
    if (has_public == 1 && has_secret == 0)
        return error_set(err, ERROR_INPUT,
                         "%s: review.pub is there and review.key is not: restore it, else what is "
                         "held cannot be opened",
                         settings->key_folder);
    int failed = 0;
    if (has_secret == 0) {
        randombytes_buf(secret, sizeof secret);
        failed = write_key(settings, &secret_file, secret, err);
    }
    if (failed == 0 && crypto_scalarmult_base(public, secret) != 0)
        failed = error_set(err, ERROR_INPUT, "%s/review.key: not a key", settings->key_folder);
    if (failed == 0 && has_public == 1)
        failed = check_pair(settings, secret, there, err);
    else if (failed == 0)
        failed = write_key(settings, &public_file, public, err);
    sodium_memzero(secret, sizeof secret);
    return failed;
}

static int make_digest_key(const struct settings *settings, struct error *err)
{
    unsigned char key[KEY_BYTES];
    int found = read_key(settings, &digest_file, key, err);
    if (found == 0) {
        randombytes_buf(key, sizeof key);
        found = write_key(settings, &digest_file, key, err);
    }
    sodium_memzero(key, sizeof key);
    return found < 0 ? -1 : 0;
}

static int sync_folder(const char *path, struct error *err)
{
    CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return error_system(err, "%s: cannot be synced", path);
    return 0;
}

int keys_make(const struct settings *settings, struct error *err)
{
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    if (mkdir(settings->key_folder, 0750) != 0 && errno != EEXIST)
        return error_system(err, "%s: cannot be created", settings->key_folder);
    if (make_pair(settings, err) != 0 || make_digest_key(settings, err) != 0)
        return -1;
    return sync_folder(settings->key_folder, err);
}

int keys_seal(const struct keys *keys, struct slice plain, struct buffer *sealed, struct error *err)
{
    char *room = buffer_reserve(sealed, plain.size + crypto_box_SEALBYTES);
    if (room == NULL)
        return buffer_check(sealed, "sealed text", err);
    if (crypto_box_seal((unsigned char *)room, (const unsigned char *)plain.data, plain.size,
                        keys->review_public) != 0)
        return error_set(err, ERROR_SYSTEM, "review.pub: nothing can be sealed to it");
    sealed->size += plain.size + crypto_box_SEALBYTES;
    return 0;
}

int keys_open(const struct keys *keys, struct slice sealed, struct buffer *plain, struct error *err)
{
    if (!keys->has_secret)
        return error_set(err, ERROR_BUG, "review.key was not read");
    if (sealed.size < crypto_box_SEALBYTES)
        return error_set(err, ERROR_INPUT, "sealed text: cut short");
    char *room = buffer_reserve(plain, sealed.size - crypto_box_SEALBYTES);
    if (room == NULL)
        return buffer_check(plain, "opened text", err);
    if (crypto_box_seal_open((unsigned char *)room, (const unsigned char *)sealed.data, sealed.size,
                             keys->review_public, keys->review_secret) != 0)
        return error_set(err, ERROR_INPUT,
                         "sealed text: damaged, or sealed to another key than review.key");
    plain->size += sealed.size - crypto_box_SEALBYTES;
    return 0;
}
