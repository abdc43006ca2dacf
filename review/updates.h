/*
 * updates: lists of partners in zaguan-review's round: what came is taken (lists/update/update.h),
 * the admin is told by mail, and held mail whose reason was withdrawn is offered to its member
 * again.
 */
#ifndef ZAGUAN_REVIEW_UPDATES_H
#define ZAGUAN_REVIEW_UPDATES_H

#include "review/review.h"

struct updates_counts {
    int activated, waiting, refused, offered;
};
int updates_run(const struct review *review, struct updates_counts *counts_out,
                struct error *err) MUST_CHECK;

/* Changes when a file came into the inbox, or something was decided by hand. */
uint64_t updates_signature(const struct settings *settings);

/* withdrawn.c: every held item all of whose reasons were withdrawn, once. */
int withdrawn_offer(const struct review *review, int *offered_out, struct error *err) MUST_CHECK;

#endif
