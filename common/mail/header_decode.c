#include "common/mail/charset.h"
#include "common/mail/encoding.h"
#include "common/mail/header.h"

#include <string.h>

/*
 * RFC 2047. Real mail breaks nearly every rule of it: words in quoted strings, blanks inside a
 * word, words glued to their neighbours, characters split over two words, no closing "?=". All of
 * that is read as mail programs show it.
 */

enum { CHARSET_BYTES = 60 };

struct word {
    struct slice charset, text;
    char encoding; /* 'b' or 'q' */
    size_t size;   /* of the whole word in the value */
};

struct decoding {
    struct arena *arena;
    struct buffer_part {
        char *data;
        size_t size, room;
    } out, pending;       /* pending: bytes of words of one charset, not yet converted */
    struct slice charset; /* of pending */
    bool has_failed;
};

static size_t find_close(struct slice text)
{
    size_t i = slice_find_byte(text, '?');
    while (i < text.size && !slice_starts_with(slice_from(text, i), "?="))
        i += 1 + slice_find_byte(slice_from(text, i + 1), '?');
    return i < text.size ? i : text.size;
}

/* "=?charset?B?text?=" at the front of s. *is_last_closed remembers that no "?=" follows any more:
 * without it a field of many open words would take quadratic time. */
static bool word_read(struct slice s, bool *is_last_closed, struct word *word_out)
{
    if (!slice_starts_with(s, "=?"))
        return false;
    size_t charset_size = slice_find_byte(slice_part(s, 2, CHARSET_BYTES + 1), '?');
    size_t at = 2 + charset_size + 1;
    if (charset_size == 0 || charset_size > CHARSET_BYTES || at + 2 > s.size ||
        s.data[at + 1] != '?')
        return false;
    char encoding = (char)(s.data[at] | 0x20);
    if (encoding != 'b' && encoding != 'q')
        return false;
    struct slice text = slice_from(s, at + 2);
    size_t end = *is_last_closed ? text.size : find_close(text);
    bool is_closed = end < text.size;
    *is_last_closed = !is_closed;
    if (!is_closed) /* cut off: what is there up to the next blank */
        for (end = 0; end < text.size && text.data[end] != ' ' && text.data[end] != '\t';)
            end++;
    *word_out = (struct word){.charset = slice_part(s, 2, charset_size),
                              .encoding = encoding,
                              .text = {text.data, end},
                              .size = at + 2 + end + (is_closed ? 2 : 0)};
    word_out->charset.size = slice_find_byte(word_out->charset, '*'); /* RFC 2231 section 5 */
    return true;
}

/* Room for `size` more bytes at the end of the part; NULL: none. */
static char *reserve(struct decoding *d, struct buffer_part *part, size_t size)
{
    if (part->room - part->size < size || part->data == NULL) {
        size_t room = 2 * part->room + size + 64;
        char *grown = arena_alloc(d->arena, room);
        if (grown == NULL) {
            d->has_failed = true;
            return NULL;
        }
        if (part->size > 0)
            memcpy(grown, part->data, part->size);
        part->data = grown;
        part->room = room;
    }
    return part->data + part->size;
}

static void append_as(struct decoding *d, struct slice bytes, struct slice charset)
{
    struct charset_text text;
    if (bytes.size == 0)
        return;
    if (!charset_decode(bytes, charset, bytes.size * 4 + 64, d->arena, &text)) {
        d->has_failed = true;
        return;
    }
    char *into = reserve(d, &d->out, text.text.size);
    if (into != NULL && text.text.size > 0)
        memcpy(into, text.text.data, text.text.size);
    d->out.size += into == NULL ? 0 : text.text.size;
}

static void flush(struct decoding *d)
{
    append_as(d, (struct slice){d->pending.data, d->pending.size}, d->charset);
    d->pending.size = 0;
}

static void add_word(struct decoding *d, const struct word *word)
{
    if (d->pending.size > 0 && !slice_equals_nocase(d->charset, word->charset))
        flush(d);
    d->charset = word->charset;
    char *into = reserve(d, &d->pending, word->text.size);
    if (into == NULL)
        return;
    d->pending.size += word->encoding == 'b'
                           ? encoding_from_base64(word->text, into, word->text.size, NULL)
                           : encoding_from_q(word->text, into, word->text.size);
}

static bool is_all_blank(struct slice s)
{
    return slice_trim(s).size == 0;
}

static void decode_words(struct decoding *d, struct slice line)
{
    size_t plain_begin = 0;
    bool is_after_word = false, is_last_closed = false;
    for (size_t i = 0; i < line.size && !d->has_failed;) {
        struct word word;
        i += slice_find_byte(slice_from(line, i), '=');
        if (i >= line.size)
            break;
        if (!word_read(slice_from(line, i), &is_last_closed, &word)) {
            i++;
            continue;
        }
        struct slice plain = slice_part(line, plain_begin, i - plain_begin);
        if (!is_after_word || !is_all_blank(plain)) {
            flush(d);
            append_as(d, plain, SLICE_LITERAL("unknown"));
        }
        add_word(d, &word);
        i += word.size;
        plain_begin = i;
        is_after_word = true;
    }
    flush(d);
    append_as(d, slice_from(line, plain_begin), SLICE_LITERAL("unknown"));
}

struct slice header_decode(struct slice value, struct arena *arena)
{
    struct slice line = header_unfold(value, arena);
    bool has_words = slice_find(line, SLICE_LITERAL("=?")) < line.size;
    if (!has_words && charset_is_ascii(line))
        return line;
    struct decoding decoding = {.arena = arena};
    decode_words(&decoding, line);
    if (decoding.has_failed)
        return (struct slice){NULL, 0};
    return (struct slice){decoding.out.data, decoding.out.size};
}
