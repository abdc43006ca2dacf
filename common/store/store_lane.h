/*
 * store_lane: from which senders of automatic mail a member had mail lately, by day: a newsletter
 * of yesterday is no part of a burst, also after a restart of zaguan-milter. Keyed digests of
 * domains and day numbers (days since 1970), no time of the day. Owner of this table:
 * policy/lane.c.
 */
#ifndef ZAGUAN_STORE_STORE_LANE_H
#define ZAGUAN_STORE_STORE_LANE_H

#include "common/base/keyed.h"
#include "common/store/store.h"

struct store_lane_source {
    int64_t member_id;
    unsigned char digest[KEYED_DIGEST_BYTES];
    int64_t first_day, last_day;
};

/* By member_id and digest, fills in the days: 1/0/-1. */
int store_lane_find(struct store *store, struct store_lane_source *source,
                    struct error *err) MUST_CHECK;
/* Seen on last_day; first_day of one that is known stays. */
int store_lane_put(struct store *store, const struct store_lane_source *source,
                   struct error *err) MUST_CHECK;
int store_lane_forget(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;
/* Those that were not seen since the day `before`. */
int store_lane_age(struct store *store, int64_t before, struct error *err) MUST_CHECK;

#endif
