/*
 * phrases: texts for people in es, pt and en, through gettext: English stands in the code, the
 * others in po/. One process speaks several languages, so the language is a parameter.
 */
#ifndef ZAGUAN_REVIEW_PHRASES_H
#define ZAGUAN_REVIEW_PHRASES_H

#include "common/base/settings.h"

/* Marks a text for xgettext where it cannot be translated yet (tables). */
#define PHRASE(text) (text)

/* Once per process. Looks for build/share/locale beside the program first, then in PREFIX. */
void phrases_open(void);
const char *phrase(int language, const char *english);
const char *phrase_count(int language, const char *one, const char *many, unsigned long count);

#endif
