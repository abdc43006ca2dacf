/*
 * carry: carries the plan of one message out: copies durable first, then fields, recipients, and
 * the answer; one log line says what was done, without an address.
 */
#ifndef ZAGUAN_MILTER_CARRY_H
#define ZAGUAN_MILTER_CARRY_H

#include "milter/apply.h"
#include "milter/claims.h"
#include "milter/session.h"

#define AUTHRES_FIELD_NAME "Authentication-Results"

struct carry {
    struct service *service;
    const struct envelope *envelope;
    const struct message_result *result;
    struct slice whole;                   /* the captured bytes */
    const struct claims *results, *marks; /* fields from outside that claim to be ours */
    const struct session_edits *edits;
    struct arena *arena;
};

/* -1: nothing may be told to the sender but "try again". */
int carry_out(const struct carry *carry, enum session_answer *answer_out,
              struct error *err) MUST_CHECK;

#endif
