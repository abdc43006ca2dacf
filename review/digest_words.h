/*
 * digest_words: what the text and the HTML of a digest both say. Private to review/digest*.
 */
#ifndef ZAGUAN_REVIEW_DIGEST_WORDS_H
#define ZAGUAN_REVIEW_DIGEST_WORDS_H

#include "review/commands.h"
#include "review/digest.h"

/* "3 messages are waiting for you, 2 of them new." */
void digest_words_headline(const struct digest *digest, struct buffer *into);
/* "To end all of this, answer with the word "stop"." in her words. */
void digest_words_ending(const struct digest *digest, struct buffer *into);
/* "2026-11-23 14:05, new, until 2026-11-28" */
void digest_words_detail(const struct digest *digest, const struct digest_line *line,
                         struct buffer *into);

/* The verbs of review/commands.c that a digest offers, in the order of use; ends with NULL. */
extern const char *const digest_verbs[];

#define DIGEST_WARNING                                                                             \
    PHRASE("Below are the texts themselves. They may hurt. There is no need to read them now.")
#define DIGEST_HOW PHRASE("To do something, answer this mail with a line such as:")
#define DIGEST_SILENCE                                                                             \
    PHRASE("Without an answer nothing is delivered and nobody is told. Several numbers are fine: " \
           "1 3-5.")
#define DIGEST_TITLE PHRASE("Your summary")

#endif
