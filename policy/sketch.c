#include "policy/sketch.h"

#include "common/mail/fold.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SHINGLE_WORDS 3

_Static_assert(KEYED_DIGEST_BYTES >= crypto_shorthash_KEYBYTES, "a digest keys SipHash");

struct reading {
    const unsigned char *key;
    struct arena *arena;
    size_t room; /* bytes of text that are still read */
    uint64_t *hashes;
    size_t count;
    size_t plain_words, other_words; /* the same text comes as plain text and as HTML */
};

static bool is_quoted(struct slice line)
{
    struct slice text = slice_trim(line);
    return text.size > 0 && text.data[0] == '>';
}

/* At most `room` bytes, to the end of a character. */
static struct slice cut(struct slice text, size_t room)
{
    if (text.size <= room)
        return text;
    while (room > 0 && ((unsigned char)text.data[room] & 0xc0) == 0x80)
        room--;
    return slice_part(text, 0, room);
}

/* What this sender wrote of it. */
static struct slice own_lines(struct reading *r, struct slice text)
{
    text = cut(text, r->room);
    char *own = arena_alloc(r->arena, text.size + 1);
    size_t size = 0;
    struct slice line;
    if (own == NULL)
        return slice_of(NULL);
    r->room -= text.size;
    while (slice_next(&text, '\n', &line)) {
        if (is_quoted(line))
            continue;
        if (line.size > 0)
            memcpy(own + size, line.data, line.size);
        size += line.size;
        own[size++] = '\n';
    }
    return slice_new(own, size > 0 ? size - 1 : 0);
}

/* Letters and digits of every script; the fold has made signs and blanks ASCII where it could. */
static bool is_word_byte(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool next_word(struct slice *rest, struct slice *word_out)
{
    size_t begin = 0, end;
    while (begin < rest->size && !is_word_byte((unsigned char)rest->data[begin]))
        begin++;
    for (end = begin; end < rest->size && is_word_byte((unsigned char)rest->data[end]);)
        end++;
    *word_out = slice_part(*rest, begin, end - begin);
    *rest = slice_from(*rest, end);
    return word_out->size > 0;
}

/* The same on every machine: a database may move. */
static uint64_t number_at(const unsigned char bytes[8])
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

static void add_shingle(struct reading *r, struct slice shingle)
{
    unsigned char hash[crypto_shorthash_BYTES];
    if (r->count == SKETCH_MOST_SHINGLES)
        return;
    crypto_shorthash(hash, (const unsigned char *)shingle.data, shingle.size, r->key);
    r->hashes[r->count++] = number_at(hash);
}

/* The words with one space behind each; a shingle is a run of bytes of that. */
static size_t add_words(struct reading *r, struct slice folded)
{
    char *text = arena_alloc(r->arena, folded.size + 1);
    size_t starts[SHINGLE_WORDS] = {0}, size = 0, words = 0;
    struct slice word;
    if (text == NULL)
        return 0;
    while (next_word(&folded, &word)) {
        starts[words++ % SHINGLE_WORDS] = size;
        memcpy(text + size, word.data, word.size);
        size += word.size;
        text[size++] = ' ';
        if (words >= SHINGLE_WORDS) {
            size_t start = starts[words % SHINGLE_WORDS];
            add_shingle(r, slice_new(text + start, size - start));
        }
    }
    return words;
}

static int read_piece(struct reading *r, const struct text_piece *piece, struct error *err)
{
    struct folded folded;
    if (piece->where != TEXT_BODY || piece->is_hidden)
        return 0;
    if (fold_text(own_lines(r, piece->text), FOLD_TIGHT, r->arena, &folded, err) != 0)
        return -1;
    size_t words = add_words(r, folded.text);
    if (strcmp(piece->source, "text/plain") == 0)
        r->plain_words += words;
    else
        r->other_words += words;
    return 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

static size_t make_distinct(uint64_t *hashes, size_t count)
{
    size_t kept = 0;
    qsort(hashes, count, sizeof *hashes, compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || hashes[i] != hashes[kept - 1])
            hashes[kept++] = hashes[i];
    return kept;
}

int shingles_read(const struct text_set *texts, const unsigned char key[KEYED_DIGEST_BYTES],
                  struct arena *arena, struct shingles *shingles_out, struct error *err)
{
    struct reading r = {.key = key, .arena = arena, .room = SKETCH_TEXT_BYTES};
    r.hashes = arena_alloc_array(arena, SKETCH_MOST_SHINGLES, sizeof *r.hashes);
    if (r.hashes == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < texts->count; i++)
        if (read_piece(&r, &texts->pieces[i], err) != 0)
            return -1;
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    size_t words = r.plain_words > r.other_words ? r.plain_words : r.other_words;
    size_t count = words < SKETCH_LEAST_WORDS ? 0 : make_distinct(r.hashes, r.count);
    *shingles_out = (struct shingles){r.hashes, count < SKETCH_LEAST_SHINGLES ? 0 : count};
    return 0;
}

/* Finalizer of a 64-bit hash: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void sketch_make(const struct shingles *shingles, const unsigned char seed[KEYED_DIGEST_BYTES],
                 unsigned char sketch_out[SKETCH_BYTES])
{
    uint64_t first = number_at(seed);
    for (uint64_t slot = 0; slot < SKETCH_SLOTS; slot++) {
        uint64_t own = mix(first + slot * UINT64_C(0x9e3779b97f4a7c15)), least = UINT64_MAX;
        for (size_t i = 0; i < shingles->count; i++) {
            uint64_t value = mix(shingles->hashes[i] ^ own);
            least = value < least ? value : least;
        }
        for (int byte = 0; byte < 4; byte++)
            sketch_out[slot * 4 + (uint64_t)byte] = (unsigned char)(least >> (32 + 8 * byte));
    }
}

int sketch_same_slots(const unsigned char a[SKETCH_BYTES], const unsigned char b[SKETCH_BYTES])
{
    int same = 0;
    for (size_t slot = 0; slot < SKETCH_SLOTS; slot++)
        same += memcmp(a + slot * 4, b + slot * 4, 4) == 0 ? 1 : 0;
    return same;
}
