#include "lists/trust/minisign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "
#define PREHASH_BYTES 64
#define PUBLIC_BYTES (2 + MINISIGN_ID_BYTES + 32)
#define SIGNATURE_BYTES (2 + MINISIGN_ID_BYTES + 64)
#define LINES_BASE64_BYTES 128

_Static_assert(sizeof((struct minisign_signature *)0)->signature == crypto_sign_BYTES, "Ed25519");

bool minisign_id_equals(const unsigned char a[MINISIGN_ID_BYTES],
                        const unsigned char b[MINISIGN_ID_BYTES])
{
    return memcmp(a, b, MINISIGN_ID_BYTES) == 0;
}

void minisign_write_id(const unsigned char id[MINISIGN_ID_BYTES], char text[MINISIGN_ID_TEXT_BYTES])
{
    for (size_t i = 0; i < MINISIGN_ID_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02X", id[MINISIGN_ID_BYTES - 1 - i]);
}

bool minisign_read_id(struct slice text, unsigned char id_out[MINISIGN_ID_BYTES])
{
    unsigned char id[MINISIGN_ID_BYTES];
    size_t size = 0;
    if (text.size != 2 * sizeof id ||
        sodium_hex2bin(id, sizeof id, text.data, text.size, NULL, &size, NULL) != 0 ||
        size != sizeof id)
        return false;
    for (size_t i = 0; i < sizeof id; i++)
        id_out[i] = id[sizeof id - 1 - i];
    return true;
}

/* Exactly `size` bytes in padded base64, nothing else. */
static bool read_base64(struct slice text, unsigned char *bytes, size_t size)
{
    size_t got = 0;
    const char *end = NULL;
    return text.size > 0 &&
           sodium_base642bin(bytes, size, text.data, text.size, NULL, &got, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == size && end == text.data + text.size;
}

static void append_base64(struct buffer *into, const unsigned char *bytes, size_t size)
{
    char text[LINES_BASE64_BYTES];
    sodium_bin2base64(text, sizeof text, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    buffer_printf(into, "%s\n", text);
}

/* minisign ends lines with LF and takes CR LF too. */
static bool next_line(struct slice *rest, struct slice *line_out)
{
    if (rest->size == 0 || !slice_next(rest, '\n', line_out))
        return false;
    if (line_out->size > 0 && line_out->data[line_out->size - 1] == '\r')
        line_out->size--;
    return true;
}

static bool is_printable(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
            return false;
    return true;
}

/* What stands behind `prefix` in the next line, without control characters. */
static int take_comment(struct slice *rest, const char *prefix, const char *name,
                        struct slice *comment_out, struct error *err)
{
    struct slice line;
    if (!next_line(rest, &line) || !slice_starts_with(line, prefix))
        return error_set(err, ERROR_INPUT, "%s: a line \"%s...\" is expected", name, prefix);
    if (line.size >= MINISIGN_COMMENT_BYTES)
        return error_set(err, ERROR_INPUT, "%s: a comment is longer than %d bytes", name,
                         MINISIGN_COMMENT_BYTES - 1);
    if (!is_printable(line))
        return error_set(err, ERROR_INPUT, "%s: a control character in a comment", name);
    *comment_out = slice_from(line, strlen(prefix));
    return 0;
}

int minisign_read_public(struct slice text, const char *name, struct minisign_public *public_out,
                         struct error *err)
{
    unsigned char bytes[PUBLIC_BYTES];
    struct slice rest = slice_trim(text), comment;
    if (slice_starts_with(rest, UNTRUSTED) &&
        take_comment(&rest, UNTRUSTED, name, &comment, err) != 0)
        return -1;
    if (!read_base64(slice_trim(rest), bytes, sizeof bytes) || memcmp(bytes, "Ed", 2) != 0)
        return error_set(err, ERROR_INPUT,
                         "%s: not a minisign public key: RW and 54 more characters are expected",
                         name);
    memcpy(public_out->id, bytes + 2, MINISIGN_ID_BYTES);
    memcpy(public_out->key, bytes + 2 + MINISIGN_ID_BYTES, sizeof public_out->key);
    return 0;
}

void minisign_write_public(const struct minisign_public *public,
                           char text[MINISIGN_PUBLIC_TEXT_BYTES])
{
    unsigned char bytes[PUBLIC_BYTES];
    memcpy(bytes, "Ed", 2);
    memcpy(bytes + 2, public->id, MINISIGN_ID_BYTES);
    memcpy(bytes + 2 + MINISIGN_ID_BYTES, public->key, sizeof public->key);
    sodium_bin2base64(text, MINISIGN_PUBLIC_TEXT_BYTES, bytes, sizeof bytes,
                      sodium_base64_VARIANT_ORIGINAL);
}

void minisign_format_public(const struct minisign_public *public, struct buffer *into)
{
    char id[MINISIGN_ID_TEXT_BYTES], text[MINISIGN_PUBLIC_TEXT_BYTES];
    minisign_write_id(public->id, id);
    minisign_write_public(public, text);
    buffer_printf(into, UNTRUSTED "minisign public key %s\n%s\n", id, text);
}

static int take_signature(struct slice *rest, const char *name,
                          struct minisign_signature *signature, struct error *err)
{
    unsigned char bytes[SIGNATURE_BYTES];
    struct slice line, comment;
    if (take_comment(rest, UNTRUSTED, name, &comment, err) != 0)
        return -1;
    if (!next_line(rest, &line) || !read_base64(line, bytes, sizeof bytes))
        return error_set(err, ERROR_INPUT, "%s: the signature is not %d bytes in base64", name,
                         SIGNATURE_BYTES);
    if (memcmp(bytes, "Ed", 2) == 0)
        return error_set(err, ERROR_INPUT,
                         "%s: signed in minisign's old form, without a hash: sign it again with a "
                         "minisign of 0.10 or later",
                         name);
    if (memcmp(bytes, "ED", 2) != 0)
        return error_set(err, ERROR_INPUT, "%s: not a signature of minisign", name);
    memcpy(signature->id, bytes + 2, MINISIGN_ID_BYTES);
    memcpy(signature->signature, bytes + 2 + MINISIGN_ID_BYTES, sizeof signature->signature);
    if (take_comment(rest, TRUSTED, name, &comment, err) != 0)
        return -1;
    if (!slice_to_text(comment, signature->trusted_comment, sizeof signature->trusted_comment))
        return error_set(err, ERROR_INPUT, "%s: the trusted comment is too long", name);
    if (!next_line(rest, &line) || !read_base64(line, signature->global, sizeof signature->global))
        return error_set(err, ERROR_INPUT,
                         "%s: the signature of the trusted comment is not %zu bytes in base64",
                         name, sizeof signature->global);
    return 0;
}

int minisign_next_signature(struct slice *rest, const char *name,
                            struct minisign_signature *signature_out, struct error *err)
{
    struct minisign_signature signature = {.id = {0}};
    struct slice left = *rest;
    if (slice_is_empty(slice_trim(left)))
        return 0;
    if (take_signature(&left, name, &signature, err) != 0)
        return -1;
    *rest = left;
    *signature_out = signature;
    return 1;
}

static void prehash(struct slice content, unsigned char hash[PREHASH_BYTES])
{
    crypto_generichash(hash, PREHASH_BYTES, (const unsigned char *)content.data, content.size, NULL,
                       0);
}

/* What the second signature covers: the first one and the comment. */
static size_t join_global(const unsigned char signature[64], const char *comment,
                          unsigned char joined[64 + MINISIGN_COMMENT_BYTES])
{
    size_t size = strlen(comment);
    memcpy(joined, signature, 64);
    memcpy(joined + 64, comment, size);
    return 64 + size;
}

int minisign_verify(const struct minisign_public *public, struct slice content,
                    const struct minisign_signature *signature, struct error *err)
{
    unsigned char hash[PREHASH_BYTES], joined[64 + MINISIGN_COMMENT_BYTES];
    char theirs[MINISIGN_ID_TEXT_BYTES], ours[MINISIGN_ID_TEXT_BYTES];
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    if (!minisign_id_equals(public->id, signature->id)) {
        minisign_write_id(signature->id, theirs);
        minisign_write_id(public->id, ours);
        return error_set(err, ERROR_INPUT, "signed with the key %s, not with %s", theirs, ours);
    }
    prehash(content, hash);
    if (crypto_sign_verify_detached(signature->signature, hash, sizeof hash, public->key) != 0)
        return error_set(err, ERROR_INPUT, "the signature does not fit the file");
    size_t size = join_global(signature->signature, signature->trusted_comment, joined);
    if (crypto_sign_verify_detached(signature->global, joined, size, public->key) != 0)
        return error_set(err, ERROR_INPUT, "the trusted comment was changed");
    return 0;
}

int minisign_sign(const struct minisign_secret *secret, struct slice content,
                  const char *trusted_comment, struct buffer *into, struct error *err)
{
    unsigned char bytes[SIGNATURE_BYTES], hash[PREHASH_BYTES], global[64];
    unsigned char joined[64 + MINISIGN_COMMENT_BYTES];
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    if (strlen(trusted_comment) + sizeof TRUSTED > MINISIGN_COMMENT_BYTES ||
        !is_printable(slice_of(trusted_comment)))
        return error_set(err, ERROR_INPUT, "the trusted comment is too long or has more than text");
    prehash(content, hash);
    memcpy(bytes, "ED", 2);
    memcpy(bytes + 2, secret->public.id, MINISIGN_ID_BYTES);
    unsigned char *signature = bytes + 2 + MINISIGN_ID_BYTES;
    crypto_sign_detached(signature, NULL, hash, sizeof hash, secret->secret);
    size_t size = join_global(signature, trusted_comment, joined);
    crypto_sign_detached(global, NULL, joined, size, secret->secret);
    buffer_append_text(into, UNTRUSTED "signature of zaguan, verified by minisign too\n");
    append_base64(into, bytes, sizeof bytes);
    buffer_printf(into, TRUSTED "%s\n", trusted_comment);
    append_base64(into, global, sizeof global);
    return buffer_check(into, "the signature", err);
}
