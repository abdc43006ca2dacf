#include "common/mail/charset.h"
#include "common/mail/fold_views.h"

#include <string.h>

enum { SEPARATOR_BYTES = 3, CHAIN_LETTERS = 3 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == FOLD_WIDE_BLANK;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_ascii_letter(char byte)
{
    return byte >= 'a' && byte <= 'z';
}

/* The letter a digit or sign stands for; '\0': none. */
static char letter_for(char byte)
{
    static const char letters[128] = {
        ['0'] = 'o', ['1'] = 'i', ['3'] = 'e', ['4'] = 'a', ['5'] = 's', ['7'] = 't',
        ['8'] = 'b', ['@'] = 'a', ['$'] = 's', ['!'] = 'i', ['|'] = 'i'};
    return (unsigned char)byte < 128 ? letters[(unsigned char)byte] : '\0';
}

/* Bytes of the letter at i, 0 when there is none: a-z, and beyond ASCII whatever stands outside
 * the blocks of signs and pictures. */
static size_t letter_size(struct slice text, size_t i)
{
    if (i >= text.size)
        return 0;
    const unsigned char *s = (const unsigned char *)text.data + i;
    if (s[0] < 0x80)
        return is_ascii_letter(text.data[i]);
    size_t size = charset_character_size(slice_from(text, i));
    if (size == 0 || s[0] == 0xc2 || s[0] == 0xef || s[0] >= 0xf0)
        return 0;
    bool is_sign = (s[0] == 0xe2 && s[1] < 0xb0) || (s[0] == 0xe3 && s[1] == 0x80);
    return is_sign ? 0 : size;
}

static bool is_letter_before(struct slice text, size_t i)
{
    return i > 0 && (is_ascii_letter(text.data[i - 1]) || (unsigned char)text.data[i - 1] >= 0x80);
}

/* --- digits and signs for letters ------------------------------------------------------------- */

static bool is_word_byte(char byte)
{
    return is_ascii_letter(byte) || (unsigned char)byte >= 0x80 || is_digit(byte) ||
           letter_for(byte) != '\0';
}

/* "!" and "|" at the end of a word are what they look like. */
static void undo_word(char *text, size_t begin, size_t end)
{
    while (end > begin && (text[end - 1] == '!' || text[end - 1] == '|'))
        end--;
    for (size_t i = begin; i < end; i++)
        if (letter_for(text[i]) != '\0')
            text[i] = letter_for(text[i]);
}

/* In words that have at least one letter: "4" and "$50" stay numbers. */
static void undo_digits(struct fold_output *plain)
{
    for (size_t i = 0; i < plain->size;) {
        size_t begin = i, letters = 0;
        for (; i < plain->size && is_word_byte(plain->text[i]); i++)
            letters += is_ascii_letter(plain->text[i]);
        if (letters > 0 && letters < i - begin)
            undo_word(plain->text, begin, i);
        i += i < plain->size && !is_word_byte(plain->text[i]);
    }
}

/* --- letters one by one ----------------------------------------------------------------------- */

/* A run of single letters with something between each two: "t e  v-o-y". */
struct chain {
    size_t end; /* behind its last letter */
    size_t letters, digits;
    size_t narrowest; /* rank of the smallest gap: that one is inside of words */
};

/* Bytes of a single letter, or of a digit or sign for one; 0: none, or a longer word. */
static size_t unit_size(struct slice text, size_t i)
{
    size_t size = letter_size(text, i);
    if (size == 0 && i < text.size && letter_for(text.data[i]) != '\0')
        size = 1;
    /* Three bytes: a word of Chinese or Korean may be one character. */
    if (size == 0 || size > 2 || letter_size(text, i + size) > 0)
        return 0;
    return i + size < text.size && is_digit(text.data[i + size]) ? 0 : size;
}

static bool is_separator(char byte)
{
    return (unsigned char)byte < 0x80 && !is_ascii_letter(byte) && !is_digit(byte);
}

static size_t separator_size(struct slice text, size_t i)
{
    size_t size = 0;
    while (i + size < text.size && size <= SEPARATOR_BYTES && is_separator(text.data[i + size]))
        size++;
    return size > SEPARATOR_BYTES ? 0 : size;
}

/* Wider is higher; a blank is wider than a sign. */
static size_t separator_rank(struct slice text, size_t i, size_t size)
{
    size_t rank = 0;
    for (size_t k = i; k < i + size; k++)
        rank += text.data[k] == FOLD_WIDE_BLANK ? 10 : is_blank(text.data[k]) ? 5 : 4;
    return rank;
}

static struct chain chain_read(struct slice text, size_t i)
{
    struct chain chain = {.end = i, .narrowest = SIZE_MAX};
    for (size_t size = unit_size(text, i); size > 0; size = unit_size(text, i)) {
        bool is_letter = letter_size(text, i) > 0;
        chain.letters += is_letter;
        chain.digits += !is_letter;
        i += size;
        chain.end = i;
        size_t gap = separator_size(text, i);
        if (gap == 0 || unit_size(text, i + gap) == 0)
            break;
        size_t rank = separator_rank(text, i, gap);
        chain.narrowest = rank < chain.narrowest ? rank : chain.narrowest;
        i += gap;
    }
    return chain;
}

/* --- the output ------------------------------------------------------------------------------- */

struct tight {
    struct slice text; /* of the first pass */
    const uint32_t *positions;
    struct fold_output *out;
    size_t repeated;  /* how often the last character was asked for in a row */
    size_t last_size; /* of that character */
};

/* A letter three times or more in a row is written once. */
static void add_letter(struct tight *t, const char *bytes, size_t size, size_t from)
{
    struct fold_output *out = t->out;
    bool is_same = t->repeated > 0 && t->last_size == size &&
                   memcmp(out->text + out->size - size, bytes, size) == 0;
    t->repeated = is_same ? t->repeated + 1 : 1;
    t->last_size = size;
    if (t->repeated == 3)
        out->size -= size;
    if (t->repeated >= 3)
        return;
    for (size_t k = 0; k < size; k++) {
        out->text[out->size] = bytes[k];
        out->positions[out->size++] = t->positions[from];
    }
}

static void add_sign(struct tight *t, char byte, size_t from)
{
    t->repeated = 0;
    if (byte == ' ' && t->out->size > 0 && t->out->text[t->out->size - 1] == ' ')
        return;
    t->out->text[t->out->size] = byte;
    t->out->positions[t->out->size++] = t->positions[from];
}

/* The letters of each word of the chain together, a space between words. */
static void add_chain(struct tight *t, size_t i, const struct chain *chain)
{
    while (i < chain->end) {
        size_t size = unit_size(t->text, i);
        char letter = letter_for(t->text.data[i]);
        if (letter_size(t->text, i) > 0)
            add_letter(t, t->text.data + i, size, i);
        else
            add_letter(t, &letter, 1, i);
        i += size;
        size_t gap = i < chain->end ? separator_size(t->text, i) : 0;
        if (gap > 0 && separator_rank(t->text, i, gap) > chain->narrowest)
            add_sign(t, ' ', i);
        i += gap;
    }
}

/* "te_voy-a.matar": a sign between two letters is a gap between words. */
static bool is_gap(struct slice text, size_t i)
{
    return text.data[i] != '\0' && strchr("_.-*+~=/^", text.data[i]) != NULL &&
           is_letter_before(text, i) && letter_size(text, i + 1) > 0;
}

/* The rest of a word in ASCII, which nearly all text is. */
static size_t add_word(struct tight *t, size_t i)
{
    size_t begin = i;
    struct fold_output *out = t->out;
    for (; i < t->text.size && is_ascii_letter(t->text.data[i]); i++) {
        char byte = t->text.data[i];
        if (t->repeated > 0 && out->text[out->size - 1] == byte) {
            add_letter(t, &t->text.data[i], 1, i);
            continue;
        }
        out->text[out->size] = byte;
        out->positions[out->size++] = t->positions[i];
        t->repeated = t->last_size = 1;
    }
    return i - begin;
}

static size_t add_one(struct tight *t, size_t i)
{
    char byte = t->text.data[i];
    if (is_ascii_letter(byte))
        return add_word(t, i);
    size_t size = letter_size(t->text, i);
    if (size > 0) {
        add_letter(t, t->text.data + i, size, i);
        return size;
    }
    add_sign(t, is_blank(byte) || is_gap(t->text, i) ? ' ' : byte, i);
    return 1;
}

bool fold_to_tight(struct fold_output *plain, struct arena *arena, struct fold_output *output_out)
{
    struct fold_output out = {.text = arena_alloc(arena, plain->size + 1),
                              .positions =
                                  arena_alloc_array(arena, plain->size + 1, sizeof(uint32_t))};
    if (out.text == NULL || out.positions == NULL)
        return false;
    undo_digits(plain);
    struct tight t = {{plain->text, plain->size}, plain->positions, &out, 0, 0};
    size_t chain_end =
        0; /* a chain that was not joined is not read again from each of its letters */
    for (size_t i = 0; i < plain->size;) {
        bool may_begin = i >= chain_end && !is_letter_before(t.text, i) &&
                         (i == 0 || !is_digit(t.text.data[i - 1])) && unit_size(t.text, i) > 0;
        struct chain chain = may_begin ? chain_read(t.text, i) : (struct chain){.end = 0};
        chain_end = chain.end > chain_end ? chain.end : chain_end;
        if (chain.letters + chain.digits >= CHAIN_LETTERS && chain.letters > chain.digits) {
            add_chain(&t, i, &chain);
            i = chain.end;
        } else {
            i += add_one(&t, i);
        }
    }
    *output_out = out;
    return true;
}
