/*
 * round: all that zaguan-review does by itself, as a table of steps. An error in one step is logged
 * and keeps nothing from the others.
 */
#ifndef ZAGUAN_REVIEW_ROUND_H
#define ZAGUAN_REVIEW_ROUND_H

#include "review/review.h"

struct round_state; /* what was logged last, when aging ran last */

struct round_state *round_new(void); /* NULL: no memory */
void round_free(struct round_state *state);

/* One round. 0 when every step went well, else how many did not. */
int round_run(struct round_state *state, const struct review *review);

#endif
