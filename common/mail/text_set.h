/*
 * text_set: adding pieces and limits to a struct text_set, with the bounds of one message. Private
 * to text and html.
 */
#ifndef ZAGUAN_MAIL_TEXT_SET_H
#define ZAGUAN_MAIL_TEXT_SET_H

#include "common/mail/text.h"

/* Links of one message beyond this number are not taken: they are named in `limits`. */
#define TEXT_MAX_LINKS 2000

/* -1 only for lack of room. Empty texts are left out. */
int text_set_add(struct text_set *set, const struct text_piece *piece,
                 struct arena *arena) MUST_CHECK;
/* The same words are added once. */
int text_set_add_limit(struct text_set *set, const char *words, struct arena *arena) MUST_CHECK;

#endif
