#include "common/base/slice.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct slice slice_of(const char *text)
{
    return (struct slice){text, text == NULL ? 0 : strlen(text)};
}

struct slice slice_new(const char *data, size_t size)
{
    return (struct slice){data, size};
}

bool slice_is_empty(struct slice s)
{
    return s.size == 0;
}

bool slice_equals(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool slice_equals_nocase(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || strncasecmp(a.data, b.data, a.size) == 0);
}

bool slice_is(struct slice s, const char *text)
{
    return slice_equals(s, slice_of(text));
}

bool slice_is_nocase(struct slice s, const char *text)
{
    return slice_equals_nocase(s, slice_of(text));
}

bool slice_starts_with(struct slice s, const char *prefix)
{
    size_t size = strlen(prefix);
    return s.size >= size && (size == 0 || memcmp(s.data, prefix, size) == 0);
}

bool slice_starts_with_nocase(struct slice s, const char *prefix)
{
    size_t size = strlen(prefix);
    return s.size >= size && (size == 0 || strncasecmp(s.data, prefix, size) == 0);
}

bool slice_ends_with_nocase(struct slice s, const char *suffix)
{
    size_t size = strlen(suffix);
    return s.size >= size && (size == 0 || strncasecmp(s.data + s.size - size, suffix, size) == 0);
}

int slice_compare(struct slice a, struct slice b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size == 0 ? 0 : memcmp(a.data, b.data, size);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

size_t slice_find_byte(struct slice s, char byte)
{
    const char *found = s.size == 0 ? NULL : memchr(s.data, byte, s.size);
    return found == NULL ? s.size : (size_t)(found - s.data);
}

size_t slice_find_last_byte(struct slice s, char byte)
{
    const char *found = s.size == 0 ? NULL : memrchr(s.data, byte, s.size);
    return found == NULL ? s.size : (size_t)(found - s.data);
}

size_t slice_find(struct slice s, struct slice wanted)
{
    if (wanted.size == 0)
        return 0;
    const char *found = s.size == 0 ? NULL : memmem(s.data, s.size, wanted.data, wanted.size);
    return found == NULL ? s.size : (size_t)(found - s.data);
}

size_t slice_find_nocase(struct slice s, struct slice wanted)
{
    for (size_t i = 0; i + wanted.size <= s.size; i++)
        if (slice_equals_nocase(slice_part(s, i, wanted.size), wanted))
            return i;
    return s.size;
}

struct slice slice_from(struct slice s, size_t offset)
{
    if (offset >= s.size)
        return (struct slice){NULL, 0};
    return (struct slice){s.data + offset, s.size - offset};
}

struct slice slice_part(struct slice s, size_t offset, size_t size)
{
    struct slice part = slice_from(s, offset);
    if (part.size > size)
        part.size = size;
    return part;
}

struct slice slice_trim(struct slice s)
{
    while (s.size > 0 && is_blank(s.data[0])) {
        s.data++;
        s.size--;
    }
    while (s.size > 0 && is_blank(s.data[s.size - 1]))
        s.size--;
    return s;
}

bool slice_next(struct slice *rest, char separator, struct slice *piece_out)
{
    if (rest->data == NULL)
        return false;
    size_t end = slice_find_byte(*rest, separator);
    *piece_out = (struct slice){rest->data, end};
    if (end == rest->size)
        *rest = (struct slice){NULL, 0};
    else
        *rest = (struct slice){rest->data + end + 1, rest->size - end - 1};
    return true;
}

bool slice_next_word(struct slice *rest, struct slice *word_out)
{
    struct slice s = *rest;
    while (s.size > 0 && is_blank(s.data[0])) {
        s.data++;
        s.size--;
    }
    if (s.size == 0)
        return false;
    size_t end = 0;
    while (end < s.size && !is_blank(s.data[end]))
        end++;
    *word_out = (struct slice){s.data, end};
    *rest = (struct slice){s.data + end, s.size - end};
    return true;
}

bool slice_to_number(struct slice s, long long minimum, long long maximum, long long *number_out)
{
    if (s.size == 0 || s.size > 18)
        return false;
    long long number = 0;
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        number = number * 10 + (s.data[i] - '0');
    }
    if (number < minimum || number > maximum)
        return false;
    *number_out = number;
    return true;
}

bool slice_to_text(struct slice s, char *text, size_t size)
{
    text[0] = '\0';
    if (s.size >= size || slice_find_byte(s, '\0') != s.size)
        return false;
    if (s.size > 0)
        memcpy(text, s.data, s.size);
    text[s.size] = '\0';
    return true;
}
