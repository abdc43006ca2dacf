/*
 * claims: fields of one name that come from outside and claim to be ours (Authentication-Results
 * with our authserv-id, RFC 8601 section 5; X-Zaguan), by their place among the fields of that
 * name, as smfi_chgheader() counts: from 1.
 */
#ifndef ZAGUAN_MILTER_CLAIMS_H
#define ZAGUAN_MILTER_CLAIMS_H

#include "common/base/arena.h"

struct claims {
    int seen;    /* fields of that name */
    int *places; /* of those that claim to be ours, in rising order, in the arena */
    size_t count, capacity;
};

/* Call for every field of that name, in order. */
int claims_note(struct claims *claims, bool is_claim, struct arena *arena,
                struct error *err) MUST_CHECK;

#endif
