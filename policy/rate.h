/*
 * rate: how often something was seen lately, by a keyed name: a sliding window in RATE_PARTS parts,
 * and since when it is known. Thread safe, of a fixed size that is taken at the start, nothing of
 * it on disk: after a restart every counter begins anew, so what hangs on it is only ever a
 * milder treatment for a while (docs/policy.md).
 *
 * When a set of slots is full, the name that was not seen for the longest time is forgotten: a
 * million new senders can make counters too small, never too large.
 */
#ifndef ZAGUAN_POLICY_RATE_H
#define ZAGUAN_POLICY_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RATE_PARTS 8
#define RATE_NAME_BYTES 16 /* of a keyed hash: two that are equal are not to be found */

struct rate;

struct rate_seen {
    int64_t count; /* within the window, with what was added now; at most 65535 a part */
    int64_t since; /* when it was first seen; `now` for what is new */
};

/* `slots`: rounded up to a power of two. `memory_seconds`: what was not seen for so long is
 * forgotten, at least the window. NULL: no memory. */
struct rate *rate_new(size_t slots, int64_t window_seconds, int64_t memory_seconds);
void rate_free(struct rate *rate); /* NULL is fine */
/* amount 0 asks alone and leaves no trace. A clock that goes back counts into the newest part. */
struct rate_seen rate_add(struct rate *rate, const unsigned char name[RATE_NAME_BYTES], int64_t now,
                          unsigned amount);
size_t rate_bytes(const struct rate *rate); /* all of its memory */

#endif
