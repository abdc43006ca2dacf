#include "common/mail/html_token.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_REPAIRS = 8 };

struct element {
    char name[HTML_NAME_BYTES];
    unsigned flags;
};

/* Sorted by name. What is not here is an inline element. */
static const struct element elements[] = {
    {"address", HTML_BLOCK},
    {"area", HTML_VOID},
    {"article", HTML_BLOCK},
    {"aside", HTML_BLOCK},
    {"base", HTML_VOID},
    {"blockquote", HTML_BLOCK},
    {"body", HTML_BLOCK | HTML_IN_SCOPE},
    {"br", HTML_BLOCK | HTML_VOID},
    {"caption", HTML_BLOCK | HTML_SCOPE | HTML_IN_SCOPE},
    {"center", HTML_BLOCK},
    {"col", HTML_VOID},
    {"dd", HTML_BLOCK | HTML_SINGLE},
    {"details", HTML_BLOCK},
    {"dialog", HTML_BLOCK},
    {"dir", HTML_BLOCK},
    {"div", HTML_BLOCK},
    {"dl", HTML_BLOCK},
    {"dt", HTML_BLOCK | HTML_SINGLE},
    {"embed", HTML_VOID},
    {"fieldset", HTML_BLOCK},
    {"figcaption", HTML_BLOCK},
    {"figure", HTML_BLOCK},
    {"footer", HTML_BLOCK},
    {"form", HTML_BLOCK},
    {"frame", HTML_VOID},
    {"h1", HTML_BLOCK},
    {"h2", HTML_BLOCK},
    {"h3", HTML_BLOCK},
    {"h4", HTML_BLOCK},
    {"h5", HTML_BLOCK},
    {"h6", HTML_BLOCK},
    {"header", HTML_BLOCK},
    {"hr", HTML_BLOCK | HTML_VOID},
    {"html", HTML_BLOCK | HTML_IN_SCOPE},
    {"iframe", HTML_RAW | HTML_UNSEEN},
    {"img", HTML_VOID},
    {"input", HTML_VOID},
    {"legend", HTML_BLOCK},
    {"li", HTML_BLOCK | HTML_SINGLE},
    {"link", HTML_VOID},
    {"listing", HTML_BLOCK | HTML_PRE},
    {"main", HTML_BLOCK},
    {"menu", HTML_BLOCK},
    {"meta", HTML_VOID},
    {"nav", HTML_BLOCK},
    {"noembed", HTML_RAW | HTML_UNSEEN},
    {"noframes", HTML_RAW | HTML_UNSEEN},
    {"ol", HTML_BLOCK},
    {"optgroup", HTML_BLOCK},
    {"option", HTML_BLOCK | HTML_SINGLE},
    {"p", HTML_BLOCK | HTML_SINGLE},
    {"param", HTML_VOID},
    {"plaintext", HTML_BLOCK | HTML_RAW | HTML_PRE},
    {"pre", HTML_BLOCK | HTML_PRE},
    {"script", HTML_RAW | HTML_UNSEEN},
    {"section", HTML_BLOCK},
    {"select", HTML_BLOCK},
    {"source", HTML_VOID},
    {"style", HTML_RAW | HTML_UNSEEN},
    {"summary", HTML_BLOCK},
    {"table", HTML_BLOCK | HTML_SCOPE | HTML_IN_SCOPE},
    {"tbody", HTML_BLOCK | HTML_IN_SCOPE},
    {"td", HTML_CELL | HTML_SCOPE | HTML_SINGLE | HTML_IN_SCOPE},
    {"template", HTML_UNSEEN},
    {"textarea", HTML_BLOCK | HTML_RAW | HTML_PRE},
    {"tfoot", HTML_BLOCK | HTML_IN_SCOPE},
    {"th", HTML_CELL | HTML_SCOPE | HTML_SINGLE | HTML_IN_SCOPE},
    {"thead", HTML_BLOCK | HTML_IN_SCOPE},
    {"title", HTML_RAW | HTML_UNSEEN},
    {"tr", HTML_BLOCK | HTML_SINGLE | HTML_IN_SCOPE},
    {"track", HTML_VOID},
    {"ul", HTML_BLOCK},
    {"wbr", HTML_VOID},
    {"xmp", HTML_BLOCK | HTML_RAW | HTML_PRE},
};

static int compare_names(const void *name, const void *row)
{
    return memcmp(name, ((const struct element *)row)->name, HTML_NAME_BYTES);
}

static unsigned flags_of(const char name[HTML_NAME_BYTES])
{
    const struct element *element = bsearch(name, elements, sizeof elements / sizeof elements[0],
                                            sizeof elements[0], compare_names);
    return element == NULL ? 0 : element->flags;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

struct html_reader html_reader_new(struct slice html)
{
    return (struct html_reader){.rest = html};
}

static size_t name_size(struct slice s)
{
    size_t size = 0;
    while (size < s.size && !is_blank(s.data[size]) && s.data[size] != '/' && s.data[size] != '>')
        size++;
    return size;
}

static void copy_name(struct slice s, char name[HTML_NAME_BYTES])
{
    memset(name, 0, HTML_NAME_BYTES);
    for (size_t i = 0; i < s.size && i < HTML_NAME_BYTES; i++)
        name[i] = s.data[i] >= 'A' && s.data[i] <= 'Z' ? (char)(s.data[i] | 0x20) : s.data[i];
}

/* One attribute at the front of s: its size, 0 at the end of the tag or of s. */
static size_t attribute_size(struct slice s, struct slice *name_out, struct slice *value_out)
{
    size_t i = 0;
    while (i < s.size && (is_blank(s.data[i]) || s.data[i] == '/'))
        i++;
    if (i == s.size || s.data[i] == '>')
        return 0;
    size_t begin = i++; /* a name may begin with "=" */
    while (i < s.size && !is_blank(s.data[i]) && s.data[i] != '/' && s.data[i] != '>' &&
           s.data[i] != '=')
        i++;
    *name_out = slice_part(s, begin, i - begin);
    *value_out = (struct slice){NULL, 0};
    size_t equals = i;
    while (equals < s.size && is_blank(s.data[equals]))
        equals++;
    if (equals == s.size || s.data[equals] != '=')
        return i;
    for (i = equals + 1; i < s.size && is_blank(s.data[i]);)
        i++;
    if (i < s.size && (s.data[i] == '"' || s.data[i] == '\'')) {
        size_t size = slice_find_byte(slice_from(s, i + 1), s.data[i]);
        *value_out = slice_part(s, i + 1, size);
        return i + 1 + size < s.size ? i + 2 + size : s.size;
    }
    begin = i;
    while (i < s.size && !is_blank(s.data[i]) && s.data[i] != '>')
        i++;
    *value_out = slice_part(s, begin, i - begin);
    return i;
}

bool html_attribute_next(struct slice *attributes, struct slice *name_out, struct slice *value_out)
{
    size_t size = attribute_size(*attributes, name_out, value_out);
    *attributes = slice_from(*attributes, size);
    return size > 0;
}

bool html_attribute(struct slice attributes, const char *name, struct slice *value_out)
{
    struct slice seen, value;
    while (html_attribute_next(&attributes, &seen, &value)) {
        if (slice_is_nocase(seen, name)) {
            *value_out = value;
            return true;
        }
    }
    return false;
}

/* "<!-- ... -->", with the short and the broken ends of the standard. */
static size_t comment_size(struct slice s)
{
    if (slice_starts_with(s, "<!-->"))
        return 5;
    if (slice_starts_with(s, "<!--->"))
        return 6;
    for (size_t i = 5; i < s.size; i++) {
        i += slice_find_byte(slice_from(s, i), '>');
        struct slice before = slice_part(s, 4, i < s.size ? i - 4 : 0);
        if (slice_ends_with_nocase(before, "--") || slice_ends_with_nocase(before, "--!"))
            return i + 1;
    }
    return s.size;
}

/* A quote that is not closed would swallow the rest of the mail. Mail programs differ; text that
 * is read too much is the lesser evil. Only some times: each costs a pass over the rest. */
static struct slice tag_end(struct html_reader *reader, struct slice attributes)
{
    struct slice after = attributes, seen, value;
    while (html_attribute_next(&after, &seen, &value))
        continue;
    after = slice_from(after, slice_find_byte(after, '>'));
    if (after.size > 0 || reader->repairs >= MAX_REPAIRS)
        return after;
    reader->repairs++;
    return slice_from(attributes, slice_find_byte(attributes, '>'));
}

/* The tag at the front of s ("<" and a letter, or "</" and a letter); false: it does not end. */
static bool take_tag(struct html_reader *reader, struct html_token *token)
{
    struct slice s = reader->rest;
    token->kind = s.data[1] == '/' ? HTML_END : HTML_START;
    size_t begin = token->kind == HTML_END ? 2 : 1;
    struct slice name = slice_part(s, begin, name_size(slice_from(s, begin)));
    copy_name(name, token->name);
    token->flags = flags_of(token->name);
    struct slice rest = slice_from(s, begin + name.size), after = tag_end(reader, rest);
    token->attributes = slice_part(rest, 0, rest.size - after.size);
    reader->rest = slice_from(after, 1);
    if (after.size == 0)
        return false;
    if (token->kind == HTML_START && (token->flags & HTML_RAW) != 0) {
        reader->is_raw = true;
        memcpy(reader->raw_name, token->name, HTML_NAME_BYTES);
        reader->is_raw_literal = strcmp(token->name, "textarea") != 0;
    }
    return true;
}

/* Where "</name" stands; s.size: nowhere. */
static size_t find_raw_end(struct slice s, const char *name)
{
    size_t size = strnlen(name, HTML_NAME_BYTES);
    for (size_t i = 0; i < s.size; i++) {
        i += slice_find_byte(slice_from(s, i), '<');
        struct slice rest = slice_from(s, i + 2);
        if (i + 1 < s.size && s.data[i + 1] == '/' &&
            slice_equals_nocase(slice_part(rest, 0, size), (struct slice){name, size}) &&
            name_size(rest) == size)
            return i;
    }
    return s.size;
}

/* Text up to the next "<" that begins something; at least one byte. */
static size_t text_size(struct slice s)
{
    size_t i = slice_find_byte(slice_from(s, 1), '<') + 1;
    while (i + 1 < s.size && !is_letter(s.data[i + 1]) && strchr("!?/", s.data[i + 1]) == NULL)
        i += 1 + slice_find_byte(slice_from(s, i + 1), '<');
    return i < s.size ? i : s.size;
}

/* Size of a comment, declaration or broken end tag at the front; 0: something else. */
static size_t unseen_size(struct slice s)
{
    if (slice_starts_with(s, "<!--"))
        return comment_size(s);
    bool is_broken_end =
        s.size > 2 && s.data[0] == '<' && s.data[1] == '/' && !is_letter(s.data[2]);
    if (!is_broken_end && !slice_starts_with(s, "<!") && !slice_starts_with(s, "<?"))
        return 0;
    size_t end = slice_find_byte(s, '>');
    return end < s.size ? end + 1 : s.size;
}

static bool is_tag(struct slice s)
{
    return s.size > 1 && s.data[0] == '<' &&
           (is_letter(s.data[1]) || (s.size > 2 && s.data[1] == '/' && is_letter(s.data[2])));
}

static void take_text(struct html_reader *reader, size_t size, bool is_literal,
                      struct html_token *token_out)
{
    *token_out = (struct html_token){
        .kind = HTML_TEXT, .text = slice_part(reader->rest, 0, size), .is_literal = is_literal};
    reader->rest = slice_from(reader->rest, size);
}

bool html_next(struct html_reader *reader, struct html_token *token_out)
{
    if (reader->is_raw) {
        reader->is_raw = false;
        size_t size = strcmp(reader->raw_name, "plaintext") == 0
                          ? reader->rest.size
                          : find_raw_end(reader->rest, reader->raw_name);
        if (size > 0) {
            take_text(reader, size, reader->is_raw_literal, token_out);
            token_out->flags = flags_of(reader->raw_name);
            memcpy(token_out->name, reader->raw_name, HTML_NAME_BYTES);
            return true;
        }
    }
    while (reader->rest.size > 0) {
        size_t unseen = unseen_size(reader->rest);
        if (unseen > 0) {
            reader->rest = slice_from(reader->rest, unseen);
            continue;
        }
        if (is_tag(reader->rest))
            return take_tag(reader, token_out);
        take_text(reader, text_size(reader->rest), false, token_out);
        return true;
    }
    return false;
}
