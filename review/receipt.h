/*
 * receipt: the one mail that answers a reply: what was done, how to undo it, and the words that
 * were not understood. In her language, marked Auto-Submitted: auto-replied, to her own address
 * (never to the From of the reply), with the same token as reply address. It names no sender and no
 * subject; what she asked to see stands at its end, below a warning and empty lines.
 */
#ifndef ZAGUAN_REVIEW_RECEIPT_H
#define ZAGUAN_REVIEW_RECEIPT_H

#include "common/base/buffer.h"
#include "common/base/settings.h"
#include "quarantine/keys.h"
#include "review/token.h"

#define RECEIPT_SEEN_BYTES (64 * KIB) /* of the text of one item; the rest is cut and says so */

struct receipt {
    int language;
    struct buffer done;           /* paragraphs */
    struct buffer seen;           /* of `see`: comes last */
    char token[TOKEN_TEXT_BYTES]; /* of the reply address; "" when there is none any more */
    const char *kind;             /* of the outbox: "receipt" or "help" */
};

struct receipt receipt_new(int language);
void receipt_free(struct receipt *receipt);
#define RECEIPT_CLEANUP __attribute__((cleanup(receipt_free))) struct receipt

/* One paragraph. Texts are phrases in her language. */
void receipt_say(struct receipt *receipt, const char *format, ...) PRINTF_LIKE(2, 3);

struct receipt_address {
    struct slice to;         /* bare address of the member */
    int64_t member_id;       /* 0 when she was forgotten */
    const char *in_reply_to; /* Message-ID with < >, or NULL */
};

/* Composes the mail and puts it into the outbox, inside the caller's transaction. */
int receipt_queue(const struct receipt *receipt, struct store *store, const struct keys *keys,
                  const struct settings *settings, const struct receipt_address *address,
                  int64_t now, struct error *err) MUST_CHECK;

#endif
