/*
 * release: the inner door. Asking (anyone, any number of times) moves an item from held to
 * releasing; sending is done by zaguan-review alone, one at a time: the same bytes, original
 * envelope sender, one recipient, on top of them a Received field of arrival and the
 * Authentication-Results of then.
 *
 * A crash before the listener's 250 sends again; a crash between that 250 and the commit right
 * after it can send a second copy (SMTP has no way to ask): docs/decisions says so.
 */
#ifndef ZAGUAN_QUARANTINE_RELEASE_H
#define ZAGUAN_QUARANTINE_RELEASE_H

#include "quarantine/find.h"

/* 1 asked now, 0 it was not held any more (state in *state_out); ERROR_NOT_FOUND: no such item. One
 * that was refused may be asked for again. */
int release_request(struct store *store, int64_t item_id, int64_t now,
                    enum store_item_state *state_out, struct error *err) MUST_CHECK;

/* The trace fields, with CRLF, that stand on top of the bytes: of a split copy or one delivered at
 * expiry X-Zaguan, then Authentication-Results and Received of arrival. Pure. (trace.c) */
int release_write_trace(const struct found_item *found, const struct settings *settings,
                        struct buffer *into, struct error *err) MUST_CHECK;

struct release_counts {
    int sent, postponed, refused;
    struct error trouble; /* of the last that was not sent, for the log; ERROR_NONE: none */
};
/* Sends what is due, unless another process does so now. Trouble with one item postpones that item
 * (backoff); a 5xx of the listener makes it STORE_ITEM_REFUSED, with a line in her log; -1 only for
 * the store, and then nothing more is sent. */
int release_run(struct store *store, const struct keys *keys, const struct settings *settings,
                int64_t now, struct release_counts *counts_out, struct error *err) MUST_CHECK;

#endif
