/*
 * brake: how many recipients each account writes to, so that a stolen password does not write to
 * thousands. Counts of the last hour, in memory, bounded; accounts are keyed digests. A restart
 * forgets the counts: the brake then lets through at most the limit once more.
 *
 * Off unless the setting outgoing_limit is more than 0. Safe for threads.
 */
#ifndef ZAGUAN_POLICY_BRAKE_H
#define ZAGUAN_POLICY_BRAKE_H

#include "common/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

struct brake;

enum brake_word {
    BRAKE_FREE,
    BRAKE_FIRST, /* the limit is passed, and it is time that the admin is told */
    BRAKE_AGAIN
};

struct brake *brake_new(int64_t limit); /* NULL: no memory */
void brake_free(struct brake *brake);
bool brake_is_on(const struct brake *brake);
/* One more recipient of this account. What is put off does not count: it will come again. */
enum brake_word brake_count(struct brake *brake, struct slice account, int64_t now);

#endif
