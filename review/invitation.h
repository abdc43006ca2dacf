/*
 * invitation: the mail that asks. Plain words: what would be looked at, what stored, how long, who
 * could see it, how to stop. Nothing happens before her "yes"; silence is a no.
 */
#ifndef ZAGUAN_REVIEW_INVITATION_H
#define ZAGUAN_REVIEW_INVITATION_H

#include "common/base/settings.h"
#include "policy/member.h"
#include "quarantine/keys.h"

#define INVITATION_DAYS 90 /* how long her answer counts */

/* Makes the token and puts the mail into the outbox, in one transaction: the caller's, from
 * member_invite() on. */
int invitation_queue(struct store *store, const struct keys *keys, const struct settings *settings,
                     const struct member *member, int64_t now, struct error *err) MUST_CHECK;

/* The text alone, for `--dry-run` and tests. */
void invitation_write(const struct member *member, struct buffer *text);

#endif
