/*
 * exact: test input in a block of its exact size, so that ASan sees a read beyond its end.
 */
#ifndef ZAGUAN_TESTS_EXACT_H
#define ZAGUAN_TESTS_EXACT_H

#include "common/base/slice.h"
#include <stdlib.h>
#include <string.h>

static inline struct slice exact_copy(const char *bytes, size_t size)
{
    char *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size);
    return (struct slice){copy, size};
}

static inline struct slice exact_text(const char *text)
{
    return exact_copy(text, strlen(text));
}

static inline void exact_free(struct slice s)
{
    free((void *)(size_t)s.data);
}

/* As C text, for assert_string_equal; the caller frees. */
static inline char *exact_string(struct slice s)
{
    char *text = calloc(1, s.size + 1);
    if (text == NULL)
        abort();
    if (s.size > 0)
        memcpy(text, s.data, s.size);
    return text;
}

#define assert_slice_is(slice, wanted)                                                             \
    do {                                                                                           \
        char *seen_ = exact_string(slice);                                                         \
        assert_string_equal(seen_, wanted);                                                        \
        free(seen_);                                                                               \
    } while (0)

#endif
