/*
 * flood_notice: one mail to a member about a flood that zaguan-policy noticed: the offer of the
 * shield, answered with one word, or that it was raised because she had set so. Once a flood.
 */
#ifndef ZAGUAN_REVIEW_FLOOD_NOTICE_H
#define ZAGUAN_REVIEW_FLOOD_NOTICE_H

#include "policy/member.h"
#include "review/review.h"

#define FLOOD_QUESTION "shield" /* a "yes" to it raises the shield for a day */

/* 1 she was written to, 0 there is nothing to tell, -1. */
int flood_notice(const struct review *review, const struct member *member,
                 struct error *err) MUST_CHECK;

#endif
