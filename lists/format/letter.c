#include "lists/format/letter.h"

#include <unicode/uchar.h>

static bool is_tail(struct slice text, size_t at)
{
    return at < text.size && ((unsigned char)text.data[at] & 0xC0) == 0x80;
}

int32_t letter_next(struct slice text, size_t *at)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text.data[*at];
    size_t begin = (*at)++;
    if (first < 0x80)
        return first;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4)
        return -1;
    int32_t letter = first & (0x7F >> size);
    for (size_t i = 1; i < size; i++) {
        if (!is_tail(text, begin + i))
            return -1;
        letter = letter << 6 | ((unsigned char)text.data[begin + i] & 0x3F);
    }
    if (letter < least[size] || letter > 0x10FFFF || (letter >= 0xD800 && letter <= 0xDFFF))
        return -1;
    *at = begin + size;
    return letter;
}

size_t letter_write(int32_t letter, char *bytes)
{
    if (letter < 0x80) {
        bytes[0] = (char)letter;
        return 1;
    }
    size_t size = letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    static const int lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (letter & 0x3F));
        letter >>= 6;
    }
    bytes[0] = (char)(lead[size] | letter);
    return size;
}

size_t letter_count(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += !is_tail(text, i);
    return count;
}

bool letter_is_word(int32_t letter)
{
    if (letter < 0)
        return false;
    return letter == '_' || (U_MASK(u_charType(letter)) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

static size_t previous(struct slice text, size_t at)
{
    do
        at--;
    while (at > 0 && is_tail(text, at));
    return at;
}

bool letter_is_edge(struct slice text, size_t at)
{
    if (at == 0 || at >= text.size)
        return true;
    size_t before = previous(text, at), behind = at;
    return !letter_is_word(letter_next(text, &before)) ||
           !letter_is_word(letter_next(text, &behind));
}

struct slice letter_cut(struct slice text, size_t size)
{
    if (text.size <= size)
        return text;
    while (size > 0 && is_tail(text, size))
        size--;
    return slice_part(text, 0, size);
}
