/*
 * delta: the difference of two numbers of a list as an RCS script (what `diff --rcs` writes), so
 * that who has yesterday's list asks for the twenty entries of today and not for ten thousand.
 * Nothing of it is trusted: what comes out must have the hash that the signed head names.
 *
 *     dL N    delete N lines from line L of the old text on
 *     aL N    behind line L of the old text add the N lines that follow
 *
 * in the order of the old lines. Every line ends with LF, as in lists.
 */
#ifndef ZAGUAN_LISTS_FORMAT_DELTA_H
#define ZAGUAN_LISTS_FORMAT_DELTA_H

#include "common/base/buffer.h"

/* Appends the script. -1 only for lack of room, or a text that does not end with LF. */
int delta_make(struct slice old, struct slice new, struct buffer *script,
               struct error *err) MUST_CHECK;
/* Appends the new text, at most into->max_bytes. ERROR_INPUT names the line of the script. */
int delta_apply(struct slice old, struct slice script, const char *name, struct buffer *into,
                struct error *err) MUST_CHECK;

#endif
