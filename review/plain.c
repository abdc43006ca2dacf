#include "review/plain.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* Letters with marks that es, pt and their neighbours write, U+00C0 to U+00FF. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo\0ouuuuyts"
                            "aaaaaaaceeeeiiiidnooooo\0ouuuuyty";
_Static_assert(sizeof latin == 65, "one letter for each of U+00C0 to U+00FF");

unsigned plain_next(struct slice text, size_t *at)
{
    UChar32 letter = -1;
    int32_t place = 0;
    size_t left = text.size - *at;
    int32_t size = left > 8 ? 8 : (int32_t)left;
    U8_NEXT((const uint8_t *)text.data + *at, place, size, letter);
    *at += (size_t)place;
    return letter < 0 ? 0xFFFD : (unsigned)letter;
}

static bool is_blank(unsigned letter)
{
    return letter <= ' ' || letter == 0x7F || letter == 0xA0 || letter == 0x1680 ||
           (letter >= 0x2000 && letter <= 0x200A) || letter == 0x2028 || letter == 0x2029 ||
           letter == 0x202F || letter == 0x205F || letter == 0x3000;
}

/* Joiners, direction marks, variation selectors, byte order mark: nobody sees them. */
static bool is_invisible(unsigned letter)
{
    return letter == 0xAD || letter == 0x034F || letter == 0x061C || letter == 0x180E ||
           (letter >= 0x200B && letter <= 0x200F) || (letter >= 0x202A && letter <= 0x202E) ||
           (letter >= 0x2060 && letter <= 0x206F) || (letter >= 0xFE00 && letter <= 0xFE0F) ||
           letter == 0xFEFF || (letter >= 0xE0000 && letter <= 0xE0FFF);
}

/* One ASCII character for what is written in many ways; 0: nothing of it stays. */
static unsigned fold_letter(unsigned letter)
{
    if (letter < 0x80)
        return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter == '*' ? 0 : letter;
    if (letter >= 0xC0 && letter <= 0xFF)
        return (unsigned char)latin[letter - 0xC0];
    if (letter >= 0x300 && letter <= 0x36F) /* combining marks: accents typed as two */
        return 0;
    if ((letter >= 0x2010 && letter <= 0x2015) || letter == 0x2212)
        return '-';
    if (letter == 0x2018 || letter == 0x2019 || letter == 0xB4)
        return '\'';
    if (letter == 0x201C || letter == 0x201D || letter == 0xAB || letter == 0xBB)
        return '"';
    if (letter == 0xA1 || letter == 0xBF || letter == 0xAA || letter == 0xBA || letter == 0x2022 ||
        letter == 0xB7) /* opening marks, ordinals, bullets */
        return 0;
    if (letter == 0x2026)
        return '.';
    if (letter >= 0xFF01 && letter <= 0xFF5E) /* fullwidth */
        return fold_letter(letter - 0xFF01 + '!');
    return (unsigned)u_tolower((UChar32)letter);
}

static bool append(char *text, size_t *size, size_t most, unsigned letter)
{
    uint8_t bytes[4];
    int32_t count = 0;
    U8_APPEND_UNSAFE(bytes, count, (uint32_t)letter);
    if (*size + (size_t)count > most)
        return false;
    memcpy(text + *size, bytes, (size_t)count);
    *size += (size_t)count;
    return true;
}

static bool is_wrapping(char byte)
{
    return byte != '\0' && strchr("\"'`().,;!:_ ", byte) != NULL;
}

struct slice plain_fold(struct slice line, char text[PLAIN_LINE_BYTES])
{
    size_t size = 0;
    for (size_t at = 0; at < line.size;) {
        unsigned letter = plain_next(line, &at);
        if (is_blank(letter)) {
            if (size > 0 && text[size - 1] != ' ' &&
                !append(text, &size, PLAIN_LINE_BYTES - 1, ' '))
                break;
            continue;
        }
        letter = is_invisible(letter) ? 0 : fold_letter(letter);
        if (letter != 0 && !append(text, &size, PLAIN_LINE_BYTES - 1, letter))
            break;
    }
    text[size] = '\0';
    struct slice folded = slice_new(text, size);
    while (folded.size > 0 && is_wrapping(folded.data[0]))
        folded = slice_from(folded, 1);
    while (folded.size > 0 && is_wrapping(folded.data[folded.size - 1]))
        folded.size--;
    return folded;
}

struct slice plain_clean(struct slice line, char *text, size_t most)
{
    size_t size = 0;
    for (size_t at = 0; at < line.size;) {
        unsigned letter = plain_next(line, &at);
        if (is_invisible(letter))
            continue;
        if (is_blank(letter) || u_iscntrl((UChar32)letter))
            letter = ' ';
        if (!append(text, &size, most, letter))
            break;
    }
    return slice_trim(slice_new(text, size));
}

bool plain_show(struct slice text, size_t most, struct buffer *into)
{
    char line[4 * 256];
    struct slice rest = slice_trim(slice_part(text, 0, most)), piece;
    while (slice_next(&rest, '\n', &piece)) {
        size_t at = 0;
        do { /* a long line in pieces, at whole characters */
            size_t begin = at;
            while (at < piece.size && at - begin < 250)
                plain_next(piece, &at);
            struct slice clean =
                plain_clean(slice_part(piece, begin, at - begin), line, sizeof line);
            buffer_append_text(into, begin == 0 ? "| " : " ");
            buffer_append(into, clean);
        } while (at < piece.size);
        buffer_append_byte(into, '\n');
    }
    return text.size <= most;
}
