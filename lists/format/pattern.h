/*
 * pattern: the subset of PCRE2 that a list may use (docs/formats/zl.md, "Patterns"), read by a
 * parser of our own: what it does not know is refused, so nothing of PCRE2 is reachable that was
 * not meant. Every repetition has an end, so a match has a greatest length, and a literal that must
 * occur says where it can begin: both bound the time.
 */
#ifndef ZAGUAN_LISTS_FORMAT_PATTERN_H
#define ZAGUAN_LISTS_FORMAT_PATTERN_H

#include "common/base/arena.h"
#include "common/mail/fold.h"

#define PATTERN_MOST_REPEATS 64
#define PATTERN_MOST_GAPS 2
#define PATTERN_MOST_DEPTH 4
#define PATTERN_LEAST_LITERAL 4 /* characters */
#define PATTERN_MOST_LITERALS 32

struct pattern;

/* ERROR_INPUT "at character N: ..." for what is not in the subset. */
int pattern_parse(struct slice text, struct arena *arena, struct pattern **pattern_out,
                  struct error *err) MUST_CHECK;

/* One of `literals` stands in every match, that many bytes behind the match's beginning. */
struct pattern_literal {
    struct slice text;
    size_t least_before, most_before;
};

struct pattern_form {
    struct slice source; /* for PCRE2, its letters folded as the text is */
    struct pattern_literal *literals;
    size_t literal_count; /* 0: no literal is long enough in this view */
};

/*
 * The pattern for one view of the text. ERROR_INPUT when folding leaves a letter no place.
 * `is_joined`: without its spaces, for what was written letter by letter ("t e v o y").
 */
int pattern_fold(const struct pattern *pattern, enum fold_view view, bool is_joined,
                 struct arena *arena, struct pattern_form *form_out, struct error *err) MUST_CHECK;

/* Without its spaces. Empty slice: no room, or nothing is left. */
struct slice pattern_join(struct slice text, struct arena *arena);

/* All that is asked of a `re` value; NULL: it is right. */
int pattern_check(struct slice text, struct arena *arena, struct error *err) MUST_CHECK;

#endif
