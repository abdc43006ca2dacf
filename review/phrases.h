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
/* As good as `english` where a format is expected; valid for the life of the process. */
const char *phrase(int language, const char *english) __attribute__((format_arg(2)));
const char *phrase_count(int language, const char *one, const char *many, unsigned long count)
    __attribute__((format_arg(2), format_arg(3)));

#endif
