#include "common/mail/encoding.h"
#include "common/mail/html_entities.h"
#include "common/mail/html_token.h"

#include <string.h>

/* HTML standard, section 13.2.5.80: numbers 128 to 159 mean windows-1252. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

static size_t write_utf8(uint32_t code, char *into)
{
    if (code < 0x80) {
        into[0] = (char)code;
        return 1;
    }
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    into[0] = (char)(leads[size] | code >> 6 * (size - 1));
    for (size_t i = 1; i < size; i++)
        into[i] = (char)(0x80 | (code >> 6 * (size - 1 - i) & 0x3f));
    return size;
}

static uint32_t meant_code(uint32_t code)
{
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0xfffd;
    return code >= 0x80 && code <= 0x9f ? windows_1252[code - 0x80] : code;
}

/* "&#225;", "&#xe1" */
static size_t numeric(struct slice s, char *text, size_t *text_size_out)
{
    bool is_hex = s.size > 2 && (s.data[2] | 0x20) == 'x';
    size_t begin = is_hex ? 3 : 2, i = begin;
    uint32_t code = 0;
    for (; i < s.size; i++) {
        int value = encoding_hex_value(s.data[i]);
        if (value < 0 || (!is_hex && value > 9))
            break;
        code = code > 0x10ffff ? code : code * (is_hex ? 16 : 10) + (uint32_t)value;
    }
    if (i == begin)
        return 0;
    *text_size_out = write_utf8(meant_code(code), text);
    return i < s.size && s.data[i] == ';' ? i + 1 : i;
}

static const struct html_entity *find_entity(struct slice name)
{
    size_t low = 0, high = html_entity_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct html_entity *entity = &html_entities[middle];
        int order = slice_compare(name, slice_of(entity->name));
        if (order == 0)
            return entity;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

size_t html_reference(struct slice s, char text[HTML_REFERENCE_BYTES], size_t *text_size_out)
{
    if (s.size < 3 || s.data[0] != '&')
        return 0;
    if (s.data[1] == '#')
        return numeric(s, text, text_size_out);
    size_t end = 1;
    while (end < s.size && end < sizeof html_entities[0].name && is_name_byte(s.data[end]))
        end++;
    /* The longest name counts; the short ones stand without ";". */
    for (size_t size = end < s.size && s.data[end] == ';' ? end : end - 1; size >= 2; size--) {
        const struct html_entity *entity = find_entity(slice_part(s, 1, size));
        if (entity == NULL)
            continue;
        *text_size_out = strlen(entity->text);
        memcpy(text, entity->text, *text_size_out);
        return 1 + size;
    }
    return 0;
}
