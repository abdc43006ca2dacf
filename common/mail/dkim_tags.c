#include "common/mail/dkim_tags.h"

#include "common/mail/address.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_tag_name(struct slice name)
{
    if (name.size == 0 || !is_letter(name.data[0]))
        return false;
    for (size_t i = 1; i < name.size; i++)
        if (!is_letter(name.data[i]) && !is_digit(name.data[i]) && name.data[i] != '_')
            return false;
    return true;
}

static bool is_tag_value(struct slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if ((c < 0x21 && !is_blank(value.data[i])) || c == 0x7f)
            return false;
    }
    return true;
}

/* One tag-spec, which begins at offset `at` of the list. */
static const char *parse_tag(struct slice spec, size_t at, struct dkim_tags *tags)
{
    size_t equals = slice_find_byte(spec, '=');
    if (equals == spec.size)
        return "a tag without =";
    struct dkim_tag tag = {.name = slice_trim(slice_part(spec, 0, equals)),
                           .value = slice_trim(slice_from(spec, equals + 1)),
                           .begin = at + equals + 1,
                           .end = at + spec.size};
    if (!is_tag_name(tag.name))
        return "a tag with a wrong name";
    if (!is_tag_value(tag.value))
        return "a control character in a tag";
    for (size_t i = 0; i < tags->count; i++)
        if (slice_equals(tags->tags[i].name, tag.name))
            return "a tag twice";
    if (tags->count == DKIM_TAGS_MOST)
        return "too many tags";
    tags->tags[tags->count++] = tag;
    return NULL;
}

const char *dkim_tags_parse(struct slice list, struct dkim_tags *tags_out)
{
    tags_out->count = 0;
    for (size_t at = 0; at < list.size || at == 0;) {
        struct slice rest = slice_from(list, at);
        struct slice spec = slice_part(rest, 0, slice_find_byte(rest, ';'));
        bool is_last = spec.size == rest.size;
        if (slice_trim(spec).size == 0)
            return is_last && tags_out->count > 0 ? NULL : "an empty tag";
        const char *wrong = parse_tag(spec, at, tags_out);
        if (wrong != NULL)
            return wrong;
        at += spec.size + 1;
    }
    return NULL;
}

const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name)
{
    for (size_t i = 0; i < tags->count; i++)
        if (slice_is(tags->tags[i].name, name))
            return &tags->tags[i];
    return NULL;
}

struct slice dkim_tags_value(const struct dkim_tags *tags, const char *name)
{
    const struct dkim_tag *tag = dkim_tags_find(tags, name);
    return tag == NULL ? (struct slice){NULL, 0} : tag->value;
}

bool dkim_list_has(struct slice list, const char *word)
{
    struct slice piece;
    while (slice_next(&list, ':', &piece))
        if (slice_is_nocase(slice_trim(piece), word))
            return true;
    return false;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct slice dkim_base64(struct slice text, struct arena *arena)
{
    const struct slice none = {NULL, 0};
    char *bytes = arena_alloc(arena, text.size / 4 * 3 + 3);
    if (bytes == NULL)
        return none;
    size_t size = 0, digits = 0, pads = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (is_blank(text.data[i]))
            continue;
        if (text.data[i] == '=') {
            pads++;
            continue;
        }
        int digit = base64_digit(text.data[i]);
        if (digit < 0 || pads > 0)
            return none;
        bits = (bits << 6 | (unsigned)digit) & 0xffffffU;
        if (digits++ % 4 != 0)
            bytes[size++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)) & 0xff);
    }
    bool is_padded_right = pads == 0 || (digits % 4 >= 2 && pads == 4 - digits % 4);
    return size == 0 || digits % 4 == 1 || !is_padded_right ? none : slice_new(bytes, size);
}

static bool is_domain_name(struct slice name)
{
    struct slice label;
    if (name.size == 0 || name.size > 253)
        return false;
    while (slice_next(&name, '.', &label)) {
        if (label.size == 0 || label.size > 63)
            return false;
        for (size_t i = 0; i < label.size; i++) {
            char c = label.data[i];
            if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_')
                return false;
        }
    }
    return true;
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] > 127)
            return false;
    return true;
}

struct slice dkim_domain_name(struct slice text, struct arena *arena)
{
    const struct slice none = {NULL, 0};
    char ascii[256];
    if (!is_ascii(text)) {
        if (address_domain_to_ascii(text, ascii, sizeof ascii, NULL) != 0)
            return none;
        text = slice_of(ascii);
    }
    if (!is_domain_name(text))
        return none;
    char *lower = arena_alloc(arena, text.size + 1);
    if (lower == NULL)
        return none;
    for (size_t i = 0; i < text.size; i++)
        lower[i] =
            (char)(text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] + 32 : text.data[i]);
    return slice_new(lower, text.size);
}
