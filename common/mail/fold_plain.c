#include "common/mail/charset.h"
#include "common/mail/fold_table.h"
#include "common/mail/fold_views.h"

#include <string.h>

enum { REMOVED = 0, BLOCK = 128 };

/* Lower case; blanks to a space; other control characters are removed. */
#define SAME_8(c) (c), (c) + 1, (c) + 2, (c) + 3, (c) + 4, (c) + 5, (c) + 6, (c) + 7
static const char ascii_folded[128] = {
    ['\t'] = ' ', ['\n'] = ' ', ['\v'] = ' ', ['\f'] = ' ', ['\r'] = ' ', [' '] = ' ', ['!'] = '!',
    '"',          '#',          '$',          '%',          '&',          '\'',        SAME_8('('),
    SAME_8('0'),  SAME_8('8'),  '@',          'a',          'b',          'c',         'd',
    'e',          'f',          'g',          SAME_8('h'),  SAME_8('p'),  'x',         'y',
    'z',          '[',          '\\',         ']',          '^',          '_',         '`',
    'a',          'b',          'c',          'd',          'e',          'f',         'g',
    SAME_8('h'),  SAME_8('p'),  'x',          'y',          'z',          '{',         '|',
    '}',          '~',          REMOVED};

struct character {
    uint32_t code;
    size_t size;
};

/* A byte that is no UTF-8 (the caller's mistake) counts as U+FFFD, so that output is UTF-8. */
static struct character character_at(struct slice text, size_t i)
{
    const unsigned char *s = (const unsigned char *)text.data + i;
    size_t size = charset_character_size(slice_from(text, i));
    switch (size) {
    case 2:
        return (struct character){(s[0] & 0x1fU) << 6 | (s[1] & 0x3fU), 2};
    case 3:
        return (struct character){(s[0] & 0xfU) << 12 | (s[1] & 0x3fU) << 6 | (s[2] & 0x3fU), 3};
    case 4:
        return (struct character){
            (s[0] & 7U) << 18 | (s[1] & 0x3fU) << 12 | (s[2] & 0x3fU) << 6 | (s[3] & 0x3fU), 4};
    default:
        return (struct character){size == 0 ? 0xfffd : s[0], 1};
    }
}

static struct slice folded_character(struct slice text, size_t i, struct character c)
{
    uint16_t entry = fold_entries[fold_block_of[c.code / BLOCK] * BLOCK + c.code % BLOCK];
    if (entry != 0)
        return (struct slice){(const char *)fold_pool + entry + 1, fold_pool[entry]};
    if (c.code == 0xfffd)
        return SLICE_LITERAL("\xef\xbf\xbd");
    return slice_part(text, i, c.size);
}

/* At least as many bytes as the folded text has. */
static size_t folded_size(struct slice text)
{
    if (charset_is_ascii(text))
        return text.size;
    size_t size = 0;
    for (size_t i = 0; i < text.size;) {
        if ((unsigned char)text.data[i] < 0x80) {
            size++;
            i++;
            continue;
        }
        struct character c = character_at(text, i);
        size += folded_character(text, i, c).size;
        i += c.size;
    }
    return size;
}

static void add_byte(struct fold_output *out, char byte, size_t position, bool marks_wide_blanks)
{
    char last = out->size == 0 ? '\0' : out->text[out->size - 1];
    if (byte == ' ' && (last == ' ' || last == FOLD_WIDE_BLANK)) {
        if (marks_wide_blanks)
            out->text[out->size - 1] = FOLD_WIDE_BLANK;
        return;
    }
    out->text[out->size] = byte;
    out->positions[out->size++] = (uint32_t)position;
}

/* Code point of the last three bytes written, 0 when there are not so many. */
static uint32_t last_of_three(const struct fold_output *out)
{
    if (out->size < 3)
        return 0;
    struct slice last = {out->text + out->size - 3, 3};
    struct character c = character_at(last, 0);
    return c.size == 3 ? c.code : 0;
}

/* Hangul letters typed one by one become the syllable (The Unicode Standard, section 3.12). */
static bool join_hangul(struct fold_output *out, uint32_t code)
{
    uint32_t last = last_of_three(out), syllable = 0;
    if (code >= 0x1161 && code <= 0x1175 && last >= 0x1100 && last <= 0x1112)
        syllable = 0xac00 + ((last - 0x1100) * 21 + (code - 0x1161)) * 28;
    else if (code >= 0x11a8 && code <= 0x11c2 && last >= 0xac00 && last <= 0xd7a3 &&
             (last - 0xac00) % 28 == 0)
        syllable = last + (code - 0x11a7);
    if (syllable == 0)
        return false;
    char *into = out->text + out->size - 3;
    into[0] = (char)(0xe0 | syllable >> 12);
    into[1] = (char)(0x80 | (syllable >> 6 & 0x3f));
    into[2] = (char)(0x80 | (syllable & 0x3f));
    return true;
}

static size_t add_character(struct fold_output *out, struct slice text, size_t i,
                            bool marks_wide_blanks)
{
    struct character c = character_at(text, i);
    struct slice folded = folded_character(text, i, c);
    if (folded.size == 3 && join_hangul(out, character_at(folded, 0).code))
        return c.size;
    for (size_t k = 0; k < folded.size; k++)
        add_byte(out, folded.data[k], i, marks_wide_blanks);
    return c.size;
}

bool fold_to_plain(struct slice text, bool marks_wide_blanks, struct arena *arena,
                   struct fold_output *output_out)
{
    size_t room = folded_size(text);
    struct fold_output out = {.text = arena_alloc(arena, room + 1),
                              .positions = arena_alloc_array(arena, room + 1, sizeof(uint32_t))};
    if (out.text == NULL || out.positions == NULL)
        return false;
    for (size_t i = 0; i < text.size;) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte >= 0x80) {
            i += add_character(&out, text, i, marks_wide_blanks);
            continue;
        }
        char folded = ascii_folded[byte];
        if (folded != REMOVED && folded != ' ') {
            out.text[out.size] = folded;
            out.positions[out.size++] = (uint32_t)i;
        } else if (folded == ' ') {
            add_byte(&out, ' ', i, marks_wide_blanks);
        }
        i++;
    }
    *output_out = out;
    return true;
}
