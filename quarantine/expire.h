/*
 * expire: deletion with its undo window, pinning, and expiry by age, never by count.
 * An item expires only when it stood in two digests that were accepted for delivery; a pinned one
 * never. At expiry: deleted, or delivered tagged, as the member set.
 */
#ifndef ZAGUAN_QUARANTINE_EXPIRE_H
#define ZAGUAN_QUARANTINE_EXPIRE_H

#include "common/base/settings.h"
#include "quarantine/item.h"

/* 1 done, 0 not in a state for it, or no such item. An item that comes back by undo waits at least
 * a week more; a pinned one stays pinned. */
int delete_request(struct store *store, int64_t item_id, int64_t now, int64_t undo_seconds,
                   struct error *err) MUST_CHECK;
int delete_undo(struct store *store, int64_t item_id, int64_t now, struct error *err) MUST_CHECK;
int keep_item(struct store *store, int64_t item_id, bool is_pinned, struct error *err) MUST_CHECK;

/* For a member who stopped: the answer to her stop says what waits and until when, and no digest
 * follows; from now on her items expire by their age alone. */
int expire_by_age_alone(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;

struct expire_counts {
    int expired, delivered, gone;
};
/* should_deliver(context, member_id): her setting "at expiry". Then removes what is done for good:
 * deleted past undo and expired at once, released after a week; with the last item of a message its
 * key. At most 1000 expire in one run. */
int expire_run(struct store *store, int64_t now,
               bool (*should_deliver)(void *context, int64_t member_id), void *context,
               struct expire_counts *counts_out, struct error *err) MUST_CHECK;

#endif
