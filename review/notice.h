/*
 * notice: a short mail to a member about something that was done without her asking in that moment:
 * the end of her shield, an act of the admin. Says nothing of any mail; her answer is understood as
 * always.
 */
#ifndef ZAGUAN_REVIEW_NOTICE_H
#define ZAGUAN_REVIEW_NOTICE_H

#include "policy/member.h"
#include "review/review.h"

/* `text`: a phrase in her language. `digest_id`: what numbers in her answer mean; 0: none. Inside
 * the transaction of what it tells. Needs no secret key.
 */
int notice_queue(const struct review *review, const struct member *member, int64_t digest_id,
                 const char *text, struct error *err) MUST_CHECK;
/* The same with a question: what a "yes" to it does is in do_yes.c. */
int notice_queue_question(const struct review *review, const struct member *member,
                          const char *question, const char *text, struct error *err) MUST_CHECK;
/* To somebody of whom nothing is left here: no reply address, no row with her id. */
int notice_queue_last(const struct review *review, struct slice address, int language,
                      const char *text, struct error *err) MUST_CHECK;

#endif
