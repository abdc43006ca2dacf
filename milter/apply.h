/*
 * apply: the verdicts of all recipients of a message to one plan. A pure function: it knows no
 * Postfix and no database; session.c carries the plan out in this order: copies durable, fields,
 * recipients, answer.
 *
 *   held                       her copy into the hold, she is removed from the envelope
 *   tag, the same for all that remain      the field goes on top of the one copy, in place
 *   tag, and somebody without it or with another     her copy is split off through the hold and
 *                              released at once with the field: neither learns of the other's
 *   nobody remains             the message is discarded, after the hold is durable
 *
 * Nothing here can refuse mail, and mail of those who did not say yes gets no field of ours.
 */
#ifndef ZAGUAN_MILTER_APPLY_H
#define ZAGUAN_MILTER_APPLY_H

#include "milter/message.h"
#include "quarantine/hold.h"

#define APPLY_FIELD_NAME "X-Zaguan"
#define APPLY_SPLIT_DAYS 30 /* how long a split copy is tried to be sent on */

enum plan_answer { PLAN_ACCEPT, PLAN_DISCARD };

struct plan {
    enum plan_answer answer;
    struct hold_copy *copies; /* must be durable before anything else is done */
    size_t copy_count;
    size_t *removed; /* recipients, as places in result->recipients */
    size_t removed_count;
    struct slice mark; /* value of our field on the copy that remains; empty: none */
    /* X-Zaguan fields from outside are taken off: everybody who gets this copy said yes. */
    bool should_remove_claims;
};

/* `now` starts the time a copy is kept. -1: no room. */
int apply_plan(const struct message_result *result, int64_t now, struct arena *arena,
               struct plan *plan_out, struct error *err) MUST_CHECK;

#endif
