/*
 * fold: the two views of a text in which patterns are matched; version "norm 1", since list digests
 * depend on it. Output is UTF-8.
 *
 * FOLD_PLAIN: compatibility forms, lower case, accents removed, zero-width and bidi controls
 * removed, look-alikes of other scripts to Latin letters, typographic quotes and dashes to ' " -,
 * runs of blanks and line ends to one space. Folding it again changes nothing.
 * FOLD_TIGHT, on top: digits and signs for letters in words (4 -> a, @ -> a, 0 -> o, ...),
 * spaced-out letters joined ("t e  v o y", "t.e v.o.y" -> "te voy"), letters repeated three times
 * or more to one, signs between two letters to a space ("te_voy-a" -> "te voy a"). A finding in a
 * folded view is shown in the text a person saw: fold_original().
 */
#ifndef ZAGUAN_MAIL_FOLD_H
#define ZAGUAN_MAIL_FOLD_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include <stdint.h>

#define FOLD_VERSION 1

enum fold_view { FOLD_PLAIN, FOLD_TIGHT };

struct folded {
    struct slice text;         /* UTF-8 */
    const uint32_t *positions; /* text.size + 1 offsets into the original, never decreasing */
    struct slice original;
};

/* `text` is valid UTF-8 of at most LIMIT_TEXT_PART_BYTES and stays the caller's. -1: no room. */
int fold_text(struct slice text, enum fold_view view, struct arena *arena,
              struct folded *folded_out, struct error *err) MUST_CHECK;

/* Both views at once, by enum fold_view: cheaper than one after the other. */
int fold_both(struct slice text, struct arena *arena, struct folded folded_out[2],
              struct error *err) MUST_CHECK;

/* The part of the original that became folded text [begin, end). */
struct slice fold_original(const struct folded *folded, size_t begin, size_t end);

#endif
