/*
 * outbox: mails that zaguan writes, waiting to be sent: digests, receipts, invitations.
 *
 * Queueing is a row of the database, so it shares the transaction of what the mail tells about;
 * sending is done by zaguan-review alone, to the release listener, with a null envelope sender (no
 * bounce of ours ever answers a bounce). Recipient and mail are sealed to the review key at once.
 */
#ifndef ZAGUAN_REVIEW_OUTBOX_H
#define ZAGUAN_REVIEW_OUTBOX_H

#include "common/base/limits.h"
#include "common/store/store_mail.h"
#include "policy/outgoing.h"
#include "quarantine/keys.h"

#define OUTBOX_DAYS 5 /* after that a mail that nobody takes is given up, as Postfix does */

/*
 * `kind`: "digest", "receipt", "invitation", ... . `recipient`: the bare address. `mail`: as
 * compose_write() wrote it. `digest_id`: 0 but for digests. Due at once.
 */
int outbox_queue(struct store *store, const struct keys *keys, const char *kind, int64_t member_id,
                 struct slice recipient, struct slice mail, int64_t digest_id, int64_t now,
                 struct error *err) MUST_CHECK;

struct outbox_counts {
    int sent, postponed, given_up;
    struct error trouble; /* of the last one that was not sent */
};
/* Sends what is due. Trouble with one mail postpones that mail (backoff); -1 only for the store. */
int outbox_run(struct store *store, const struct keys *keys, const struct settings *settings,
               int64_t now, struct outbox_counts *counts_out, struct error *err) MUST_CHECK;

/* 1 when a digest for her waits to be sent: no second one is made meanwhile. 0, -1. */
int outbox_has_digest(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;

#endif
