/*
 * slice: a run of bytes that belongs to somebody else (an arena, a buffer, a literal).
 * Never NUL-terminated by promise, may hold NUL bytes, never freed. {NULL, 0} is the empty slice.
 * Letter case is ASCII case: names of fields, domains and tags are ASCII (U-labels come as
 * A-labels).
 */
#ifndef ZAGUAN_BASE_SLICE_H
#define ZAGUAN_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
    const char *data;
    size_t size;
};

#define SLICE_FORMAT "%.*s"
#define SLICE_ARGUMENTS(s) (int)(s).size, (s).data == NULL ? "" : (s).data
#define SLICE_LITERAL(text) ((struct slice){(text), sizeof(text) - 1})

struct slice slice_of(const char *text); /* NULL gives the empty slice */
struct slice slice_new(const char *data, size_t size);
bool slice_is_empty(struct slice s);
bool slice_equals(struct slice a, struct slice b);
bool slice_equals_nocase(struct slice a, struct slice b);
bool slice_is(struct slice s, const char *text);
bool slice_is_nocase(struct slice s, const char *text);
bool slice_starts_with(struct slice s, const char *prefix);
bool slice_starts_with_nocase(struct slice s, const char *prefix);
bool slice_ends_with_nocase(struct slice s, const char *suffix);

/* Order of bytes, shorter first when one is the beginning of the other: <0, 0, >0. */
int slice_compare(struct slice a, struct slice b);

/* Offset of the first / last such byte, or of the text; s.size when there is none. */
size_t slice_find_byte(struct slice s, char byte);
size_t slice_find_last_byte(struct slice s, char byte);
size_t slice_find(struct slice s, struct slice wanted);
size_t slice_find_nocase(struct slice s, struct slice wanted);

/* The part from offset on (cut to what is there), or of at most `size` bytes. */
struct slice slice_from(struct slice s, size_t offset);
struct slice slice_part(struct slice s, size_t offset, size_t size);

/* Without blanks (space, tab, CR, LF) at both ends. */
struct slice slice_trim(struct slice s);

/*
 * Takes the piece before the next `separator` off the front of *rest: true with *piece_out set,
 * false when *rest was used up ({NULL,0}). "a,,b" gives "a", "", "b"; "" gives "" once.
 */
bool slice_next(struct slice *rest, char separator, struct slice *piece_out);

/* The next run of non-blank bytes; false when only blanks are left. */
bool slice_next_word(struct slice *rest, struct slice *word_out);

/* Whole decimal number without sign within [minimum, maximum]; false otherwise. */
bool slice_to_number(struct slice s, long long minimum, long long maximum, long long *number_out);

/* Copies into text[size] and ends it with NUL; false (and "") when it does not fit or has a NUL. */
bool slice_to_text(struct slice s, char *text, size_t size);

#endif
