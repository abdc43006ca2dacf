/* letter: characters of UTF-8 text, one at a time (RFC 3629). */
#ifndef ZAGUAN_LISTS_FORMAT_LETTER_H
#define ZAGUAN_LISTS_FORMAT_LETTER_H

#include "common/base/slice.h"
#include <stdint.h>

/* The character at *at, which moves behind it; -1 and one byte further when it is not UTF-8. */
int32_t letter_next(struct slice text, size_t *at);
/* Into bytes[4]; how many were written. */
size_t letter_write(int32_t letter, char *bytes);
size_t letter_count(struct slice text);
/* What \w means with PCRE2_UCP: letters, numbers and the underscore. */
bool letter_is_word(int32_t letter);
/* True when a word ends or begins at this offset, or nothing of a word is beside it. */
bool letter_is_edge(struct slice text, size_t at);
/* The longest beginning of at most `size` bytes that ends with a whole character. */
struct slice letter_cut(struct slice text, size_t size);

#endif
