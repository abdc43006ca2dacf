/*
 * fold_views: the two passes of fold, private to it.
 */
#ifndef ZAGUAN_MAIL_FOLD_VIEWS_H
#define ZAGUAN_MAIL_FOLD_VIEWS_H

#include "common/mail/fold.h"

/* Stands in the first pass, when the second will follow, for a run of several blanks: the gap
 * between words whose letters are spaced out. */
#define FOLD_WIDE_BLANK '\x1f'

struct fold_output {
    char *text;
    uint32_t *positions; /* one more than bytes of text */
    size_t size;
};

/* False: no room. */
bool fold_to_plain(struct slice text, bool marks_wide_blanks, struct arena *arena,
                   struct fold_output *output_out);
/* Changes `plain` (with marks) too. */
bool fold_to_tight(struct fold_output *plain, struct arena *arena, struct fold_output *output_out);

#endif
