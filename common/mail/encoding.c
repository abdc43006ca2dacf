#include "common/mail/encoding.h"

#include <stdint.h>
#include <string.h>

/* Value of a base64 digit + 1; 0: none. */
static const unsigned char base64_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

static unsigned value_of(char digit)
{
    return base64_values[(unsigned char)digit];
}

/* Whole groups of four digits without anything between them: nearly all of a real part. */
static size_t decode_run(struct slice text, size_t *at, char *into, size_t room)
{
    size_t size = 0;
    while (text.size - *at >= 4 && room - size >= 3) {
        const char *group = text.data + *at;
        unsigned a = value_of(group[0]), b = value_of(group[1]), c = value_of(group[2]),
                 d = value_of(group[3]);
        if (a == 0 || b == 0 || c == 0 || d == 0)
            break;
        uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        into[size] = (char)(bits >> 16);
        into[size + 1] = (char)(bits >> 8);
        into[size + 2] = (char)bits;
        size += 3;
        *at += 4;
    }
    return size;
}

size_t encoding_from_base64(struct slice text, char *into, size_t room, bool *is_whole_out)
{
    size_t size = 0;
    uint32_t bits = 0;
    int bit_count = 0;
    bool is_whole = true;
    for (size_t i = 0; i < text.size && is_whole;) {
        if (bit_count == 0)
            size += decode_run(text, &i, into + size, room - size);
        if (i == text.size)
            break;
        unsigned value = value_of(text.data[i]);
        /* After padding a new run may begin: several encoded pieces joined by a program. */
        if (text.data[i] == '=')
            bit_count = 0;
        i++;
        if (value == 0)
            continue;
        bits = bits << 6 | (value - 1);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            is_whole = size < room;
            if (is_whole)
                into[size++] = (char)(bits >> bit_count);
        }
    }
    if (is_whole_out != NULL)
        *is_whole_out = is_whole;
    return size;
}

int encoding_hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* The byte written as two hex digits at `offset`; -1 when there are none. */
static int hex_byte(struct slice text, size_t offset)
{
    if (text.size < 2 || offset > text.size - 2)
        return -1;
    int high = encoding_hex_value(text.data[offset]);
    int low = encoding_hex_value(text.data[offset + 1]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Size of "=", blanks and line end at `offset`; 0 when it is no soft line end. */
static size_t soft_line_end(struct slice text, size_t offset)
{
    size_t i = offset + 1;
    while (i < text.size && (text.data[i] == ' ' || text.data[i] == '\t'))
        i++;
    if (i < text.size && text.data[i] == '\r')
        i++;
    if (i < text.size && text.data[i] == '\n')
        return i + 1 - offset;
    return i == text.size ? i - offset : 0;
}

size_t encoding_from_quoted_printable(struct slice text, char *into, size_t room,
                                      bool *is_whole_out)
{
    size_t size = 0, i = 0;
    while (i < text.size && size < room) {
        size_t run = slice_find_byte(slice_from(text, i), '=');
        if (run > room - size)
            run = room - size;
        if (run > 0)
            memcpy(into + size, text.data + i, run);
        size += run;
        i += run;
        if (i >= text.size || size == room)
            break;
        int byte = hex_byte(text, i + 1);
        size_t soft = byte < 0 ? soft_line_end(text, i) : 0;
        if (soft > 0) {
            i += soft;
            continue;
        }
        into[size++] = byte < 0 ? '=' : (char)byte;
        i += byte < 0 ? 1 : 3;
    }
    if (is_whole_out != NULL)
        *is_whole_out = i >= text.size;
    return size;
}

static size_t decode_marked(struct slice text, char mark, bool has_blanks, char *into, size_t room)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size && size < room; i++) {
        int byte = text.data[i] == mark ? hex_byte(text, i + 1) : -1;
        if (byte >= 0)
            i += 2;
        into[size++] =
            byte >= 0 ? (char)byte : (has_blanks && text.data[i] == '_' ? ' ' : text.data[i]);
    }
    return size;
}

size_t encoding_from_q(struct slice text, char *into, size_t room)
{
    return decode_marked(text, '=', true, into, room);
}

size_t encoding_from_percent(struct slice text, char *into, size_t room)
{
    return decode_marked(text, '%', false, into, room);
}
