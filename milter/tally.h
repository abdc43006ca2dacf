/*
 * tally: counts, by list entry, that it said something of a message; `zaguan stats` sets them
 * against what members called wrong. No message is named, and none waits or fails for it.
 */
#ifndef ZAGUAN_MILTER_TALLY_H
#define ZAGUAN_MILTER_TALLY_H

#include "common/store/store_pool.h"
#include "lists/match/match.h"
#include "lists/update/update.h"

/* One commit for all hits, none without hits. */
int tally_hits(struct store_pool *stores, const struct hit_set *hits, struct error *err) MUST_CHECK;

/* How many messages were matched since the last time: called every few seconds, since a commit for
 * every message without a hit would cost more than the matching. */
int tally_write(struct store_pool *stores, struct error *err) MUST_CHECK;

#endif
