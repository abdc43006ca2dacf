/*
 * buffer: bytes that grow, up to a maximum given at creation (from limits.h).
 *
 * The owner calls buffer_free(), or declares it with BUFFER_CLEANUP. After the bytes there is
 * always a NUL that is not counted, so `data` can be printed. An append that would pass the
 * maximum, or for which there is no memory, changes nothing, returns -1 and sets has_overflowed,
 * which stays set: a writer of many pieces may check once at the end.
 */
#ifndef ZAGUAN_BASE_BUFFER_H
#define ZAGUAN_BASE_BUFFER_H

#include "common/base/error.h"
#include "common/base/slice.h"

struct buffer {
    char *data; /* never NULL after buffer_init() */
    size_t size;
    size_t capacity_bytes;
    size_t max_bytes;
    bool has_overflowed;
};

#define BUFFER_CLEANUP __attribute__((cleanup(buffer_free))) struct buffer

struct buffer buffer_new(size_t max_bytes);
void buffer_free(struct buffer *b);
void buffer_clear(struct buffer *b); /* empty again, memory and maximum kept, overflow forgotten */
int buffer_append(struct buffer *b, struct slice piece);
int buffer_append_text(struct buffer *b, const char *text);
int buffer_append_byte(struct buffer *b, char byte);
int buffer_printf(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Room for `size` more bytes; the caller writes them and adds to b->size. NULL as for append. */
char *buffer_reserve(struct buffer *b, size_t size);
struct slice buffer_slice(const struct buffer *b);
/* -1 with ERROR_LIMIT "WHAT: longer than N bytes" when has_overflowed. */
int buffer_check(const struct buffer *b, const char *what, struct error *err) MUST_CHECK;

#endif
