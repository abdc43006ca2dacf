/*
 * attend: what a member is owed by the clock: the end of her shield, her digest.
 */
#ifndef ZAGUAN_REVIEW_ATTEND_H
#define ZAGUAN_REVIEW_ATTEND_H

#include "policy/member.h"
#include "review/review.h"

struct attend_counts {
    int digests, shields_ended, troubles;
    struct error trouble; /* of the last member with whom something went wrong */
};
/* Everyone who is on. Trouble with one member is counted and keeps nothing from the others; -1 only
 * when the members cannot be read. */
int attend_members(const struct review *review, struct attend_counts *counts_out,
                   struct error *err) MUST_CHECK;

#endif
