/*
 * state: what the fetcher remembers of a partner between two runs, in inbox_folder/NAME/state:
 * validators of head.zh, when to ask again, how often it failed, what was loaded today. Only the
 * fetcher reads it; a file that cannot be read is as none.
 */
#ifndef ZAGUAN_FETCH_STATE_H
#define ZAGUAN_FETCH_STATE_H

#include "fetch/transfer.h"

#define STATE_LEAST_SECONDS 3600 /* between two polls, but by hand */

struct fetch_state {
    char etag[TRANSFER_ETAG_BYTES];
    int64_t modified_at, next_at, failures;
    int64_t day, day_bytes; /* days since 1970 */
};

void state_read(const char *folder, struct fetch_state *state);
int state_write(const char *folder, const struct fetch_state *state, struct error *err) MUST_CHECK;

/* What may still be loaded today. */
int64_t state_bytes_left(struct fetch_state *state, int64_t daily_bytes, int64_t now);

/* The next poll: after `interval` and up to a quarter more, so that polls of many servers spread;
 * after failures twice as long each time, a day at most. `random` is any number. */
int64_t state_next_poll(const struct fetch_state *state, int64_t now, int64_t interval_seconds,
                        uint32_t random);

#endif
