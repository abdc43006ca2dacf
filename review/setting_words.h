/*
 * setting_words: names and values of settings as people say them in es and pt, beside the names of
 * policy/wishes.c, which always work. All as plain_fold() writes them.
 */
#ifndef ZAGUAN_REVIEW_SETTING_WORDS_H
#define ZAGUAN_REVIEW_SETTING_WORDS_H

#include "common/base/arena.h"
#include "policy/wishes.h"

/* Takes the longest name of a setting off the front of *rest; NULL when none stands there. A
 * category's name may stand without "category." */
const struct option_row *setting_find(struct slice *rest);

/* The value as wishes_set() wants it; what it does not know stays as it is. Time zones get their
 * letter case back: "america/bogota" is America/Bogota. */
struct slice setting_value(const struct option_row *row, struct slice value, struct arena *arena);

#endif
