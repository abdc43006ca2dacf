#include "common/mail/dkim_canon.h"

#include <pthread.h>
#include <string.h>

/* --- the hash -----------------------------------------------------------------------------------
 */

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256; /* fetched once: doing so for each message costs more than hashing it */

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

int dkim_setup(struct error *err)
{
    pthread_once(&fetched, fetch);
    if (sha256 == NULL)
        return error_set(err, ERROR_SYSTEM, "the OpenSSL library has no SHA-256");
    return 0;
}

void dkim_teardown(void)
{
    EVP_MD_free(sha256);
    sha256 = NULL;
}

int dkim_hash_begin(struct dkim_hash *hash, struct error *err)
{
    if (dkim_setup(err) != 0)
        return -1;
    hash->buffered = 0;
    hash->is_broken = false;
    hash->context = EVP_MD_CTX_new();
    if (hash->context == NULL || EVP_DigestInit_ex2(hash->context, sha256, NULL) != 1)
        return error_set(err, ERROR_SYSTEM, "no memory for SHA-256");
    return 0;
}

static void flush(struct dkim_hash *hash)
{
    if (EVP_DigestUpdate(hash->context, hash->buffer, hash->buffered) != 1)
        hash->is_broken = true;
    hash->buffered = 0;
}

void dkim_hash_add(struct dkim_hash *hash, struct slice piece)
{
    if (piece.size > sizeof hash->buffer - hash->buffered) {
        flush(hash);
        if (piece.size > sizeof hash->buffer) {
            if (EVP_DigestUpdate(hash->context, piece.data, piece.size) != 1)
                hash->is_broken = true;
            return;
        }
    }
    if (piece.size > 0)
        memcpy(hash->buffer + hash->buffered, piece.data, piece.size);
    hash->buffered += piece.size;
}

bool dkim_hash_end(struct dkim_hash *hash, unsigned char digest_out[DKIM_HASH_BYTES])
{
    flush(hash);
    unsigned size = 0;
    return EVP_DigestFinal_ex(hash->context, digest_out, &size) == 1 && !hash->is_broken &&
           size == DKIM_HASH_BYTES;
}

void dkim_hash_free(struct dkim_hash *hash)
{
    EVP_MD_CTX_free(hash->context);
    hash->context = NULL;
}

/* --- fields -------------------------------------------------------------------------------------
 */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Value of a field: line ends away, runs of blanks to one space, none at both ends. */
static void add_relaxed_value(struct dkim_hash *hash, struct slice value, bool *has_text)
{
    size_t at = 0;
    while (at < value.size) {
        size_t begin = at;
        while (at < value.size && !is_blank(value.data[at]) && value.data[at] != '\r' &&
               value.data[at] != '\n')
            at++;
        if (at > begin) {
            dkim_hash_add(hash, slice_part(value, begin, at - begin));
            *has_text = true;
        }
        bool has_blank = false;
        for (; at < value.size; at++) {
            bool is_line_end =
                value.data[at] == '\n' ||
                (value.data[at] == '\r' && at + 1 < value.size && value.data[at + 1] == '\n');
            if (is_blank(value.data[at]))
                has_blank = true;
            else if (!is_line_end)
                break;
        }
        if (at < value.size && has_blank && *has_text)
            dkim_hash_add(hash, SLICE_LITERAL(" "));
        if (at < value.size && value.data[at] == '\r') { /* a CR alone is text */
            dkim_hash_add(hash, slice_part(value, at++, 1));
            *has_text = true;
        }
    }
}

static void add_relaxed_field(struct dkim_hash *hash, struct slice field, struct slice after)
{
    size_t colon = slice_find_byte(field, ':');
    struct slice name = slice_trim(slice_part(field, 0, colon));
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        dkim_hash_add(hash, slice_new(&c, 1));
    }
    dkim_hash_add(hash, SLICE_LITERAL(":"));
    bool has_text = false;
    add_relaxed_value(hash, slice_from(field, colon + 1), &has_text);
    add_relaxed_value(hash, after, &has_text);
}

void dkim_canon_field(struct dkim_hash *hash, enum dkim_canon canon, struct slice field,
                      size_t hidden_begin, size_t hidden_end, bool is_last)
{
    struct slice before = slice_part(field, 0, hidden_begin);
    struct slice after = slice_from(field, hidden_end);
    if (canon == DKIM_SIMPLE) {
        dkim_hash_add(hash, before);
        dkim_hash_add(hash, after);
    } else {
        add_relaxed_field(hash, before, after);
    }
    if (!is_last)
        dkim_hash_add(hash, SLICE_LITERAL("\r\n"));
}

/* --- the body -----------------------------------------------------------------------------------
 */

static void add_canonical(struct dkim_body *body, struct slice piece)
{
    uint64_t left = body->size < body->limit ? body->limit - body->size : 0;
    body->size += piece.size;
    if (left > 0)
        dkim_hash_add(&body->hash, left < piece.size ? slice_part(piece, 0, (size_t)left) : piece);
}

static void add_line_ends(struct dkim_body *body)
{
    for (; body->held_line_ends > 0; body->held_line_ends--)
        add_canonical(body, SLICE_LITERAL("\r\n"));
}

/* Text of a line: what was held back before it belongs to the body after all. */
static void add_text(struct dkim_body *body, struct slice text)
{
    add_line_ends(body);
    if (body->has_blank)
        add_canonical(body, SLICE_LITERAL(" "));
    body->has_blank = false;
    body->has_line = true;
    add_canonical(body, text);
}

static void end_line(struct dkim_body *body)
{
    body->held_line_ends++;
    body->has_blank = false;
}

/* Bytes of a line that need a look in relaxed form; a table, since every byte of a body is asked.
 */
static const bool needs_look[256] = {[' '] = true, ['\t'] = true, ['\r'] = true};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EACH_BYTE 0x0101010101010101U

/* The high bit of each byte of `word` that is `c`, and perhaps of a byte behind such a one. */
static uint64_t find_bytes(uint64_t word, unsigned char c)
{
    word ^= EACH_BYTE * c;
    return (word - EACH_BYTE) & ~word & EACH_BYTE * 0x80;
}

/* Skips eight bytes at a time while there is no tab, no CR and no blank beside a blank: a branch at
 * each blank of a text is guessed wrong at every other word. Never ends behind a blank. */
static size_t skip_words(const unsigned char *bytes, size_t at, size_t size)
{
    uint64_t word, ends_in_blank = 0;
    for (; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        uint64_t blanks = find_bytes(word, ' ');
        if ((find_bytes(word, '\t') | find_bytes(word, '\r') |
             (blanks & (blanks << 8 | ends_in_blank))) != 0)
            break;
        ends_in_blank = blanks >> 56;
    }
    return bytes[at - 1] == ' ' ? at - 1 : at;
}
#else
static size_t skip_words(const unsigned char *bytes, size_t at, size_t size)
{
    (void)bytes;
    (void)size;
    return at;
}
#endif

/* How far the text at the front goes on without a byte that needs a look; its first byte needs
 * none. One space between two other bytes needs none either. */
static size_t plain_length(const struct dkim_body *body, struct slice piece)
{
    if (body->canon == DKIM_SIMPLE)
        return slice_find_byte(piece, '\r');
    const unsigned char *bytes = (const unsigned char *)piece.data;
    size_t at = skip_words(bytes, 1, piece.size);
    for (;;) {
        while (at < piece.size && !needs_look[bytes[at]])
            at++;
        if (at + 1 >= piece.size || bytes[at] != ' ' || needs_look[bytes[at + 1]])
            return at;
        at += 2;
    }
}

void dkim_body_add(struct dkim_body *body, struct slice piece)
{
    for (size_t at = 0; at < piece.size;) {
        char c = piece.data[at];
        if (body->has_cr) {
            body->has_cr = false;
            if (c == '\n') {
                end_line(body);
                at++;
                continue;
            }
            add_text(body, SLICE_LITERAL("\r"));
        }
        if (c == '\r') {
            body->has_cr = true;
            at++;
        } else if (body->canon == DKIM_RELAXED && is_blank(c)) {
            body->has_blank = true;
            at++;
        } else {
            size_t length = plain_length(body, slice_from(piece, at));
            add_text(body, slice_part(piece, at, length));
            at += length;
        }
    }
}

bool dkim_body_end(struct dkim_body *body, unsigned char digest_out[DKIM_HASH_BYTES])
{
    if (body->has_cr)
        add_text(body, SLICE_LITERAL("\r"));
    /* Simple: the body is one CRLF at least; relaxed: nothing stays nothing (section 3.4.4). */
    if (body->has_line || body->canon == DKIM_SIMPLE)
        add_canonical(body, SLICE_LITERAL("\r\n"));
    return dkim_hash_end(&body->hash, digest_out);
}
