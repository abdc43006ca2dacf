/*
 * plain: one line of a person's reply as commands are compared: lower case, without accents,
 * invisible characters, markup stars and the punctuation that phones add; typographic dashes and
 * quotes as ASCII, blanks as one space. "¡Soltar  1–3.” and "soltar 1-3" are the same line.
 */
#ifndef ZAGUAN_REVIEW_PLAIN_H
#define ZAGUAN_REVIEW_PLAIN_H

#include "common/base/buffer.h"

#define PLAIN_LINE_BYTES 240 /* a longer line is prose; its beginning is enough to see that */

/* Writes text and a NUL; what does not fit is left out. Returns the text. */
struct slice plain_fold(struct slice line, char text[PLAIN_LINE_BYTES]);

/* The same without touching case and accents: what may be named back to her. Control characters,
 * invisible and direction marks are gone; at most `most` bytes, whole characters. */
struct slice plain_clean(struct slice line, char *text, size_t most);

/* Text of a stranger, shown: every line behind "| ", so that no line of it can be taken for ours
 * or, in a reply that quotes it without marks, for a command. At most `most` bytes of it; false
 * when it was cut. */
bool plain_show(struct slice text, size_t most, struct buffer *into);

/* The character at *at, which moves on; 0xFFFD for a byte that is no UTF-8. */
unsigned plain_next(struct slice text, size_t *at);

#endif
