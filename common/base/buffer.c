#include "common/base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char empty_text[1]; /* what an unused buffer points to; never written, never freed */

struct buffer buffer_new(size_t max_bytes)
{
    return (struct buffer){.data = empty_text, .max_bytes = max_bytes};
}

void buffer_free(struct buffer *b)
{
    if (b->data != empty_text)
        free(b->data);
    *b = buffer_new(b->max_bytes);
}

void buffer_clear(struct buffer *b)
{
    b->size = 0;
    b->has_overflowed = false;
    if (b->data != empty_text)
        b->data[0] = '\0';
}

char *buffer_reserve(struct buffer *b, size_t size)
{
    if (size > b->max_bytes || b->size > b->max_bytes - size) {
        b->has_overflowed = true;
        return NULL;
    }
    size_t needed = b->size + size + 1;
    if (needed > b->capacity_bytes) {
        size_t capacity = b->capacity_bytes < 64 ? 64 : b->capacity_bytes;
        while (capacity < needed)
            capacity *= 2;
        if (capacity > b->max_bytes + 1)
            capacity = b->max_bytes + 1;
        char *data = realloc(b->data == empty_text ? NULL : b->data, capacity);
        if (data == NULL) {
            b->has_overflowed = true;
            return NULL;
        }
        b->data = data;
        b->capacity_bytes = capacity;
    }
    b->data[b->size + size] = '\0';
    return b->data + b->size;
}

int buffer_append(struct buffer *b, struct slice piece)
{
    char *room = buffer_reserve(b, piece.size);
    if (room == NULL)
        return -1;
    if (piece.size > 0)
        memcpy(room, piece.data, piece.size);
    b->size += piece.size;
    return 0;
}

int buffer_append_text(struct buffer *b, const char *text)
{
    return buffer_append(b, slice_of(text));
}

int buffer_append_byte(struct buffer *b, char byte)
{
    return buffer_append(b, slice_new(&byte, 1));
}

int buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return -1;
    char *room = buffer_reserve(b, (size_t)wanted);
    if (room == NULL)
        return -1;
    va_start(arguments, format);
    vsnprintf(room, (size_t)wanted + 1, format, arguments);
    va_end(arguments);
    b->size += (size_t)wanted;
    return 0;
}

struct slice buffer_slice(const struct buffer *b)
{
    return slice_new(b->data, b->size);
}

int buffer_check(const struct buffer *b, const char *what, struct error *err)
{
    if (!b->has_overflowed)
        return 0;
    return error_set(err, ERROR_LIMIT, "%s: longer than %zu bytes, or no memory", what,
                     b->max_bytes);
}
