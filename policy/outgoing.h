/*
 * outgoing: a mail of ours becomes a row of the outbox, with its recipient sealed to the review key
 * at once. Sending is done by zaguan-review alone (review/outbox.h). Inside the caller's
 * transaction, if there is one.
 */
#ifndef ZAGUAN_POLICY_OUTGOING_H
#define ZAGUAN_POLICY_OUTGOING_H

#include "common/base/limits.h"
#include "common/store/store_mail.h"
#include "quarantine/keys.h"

#define OUTBOX_MAIL_BYTES (8 * LIMIT_DIGEST_BYTES + LIMIT_ADDRESS_BYTES) /* quoted-printable */

/* `member_id` 0: nobody's. `mail`: as compose_write() wrote it. `digest_id`: 0 but for digests. */
int outgoing_queue(struct store *store, const struct keys *keys, const char *kind,
                   int64_t member_id, struct slice recipient, struct slice mail, int64_t digest_id,
                   int64_t now, struct error *err) MUST_CHECK;

#endif
