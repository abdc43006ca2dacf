/*
 * flood: far more strangers than usual write to one member. Her usual number is learned slowly and
 * kept in the store; the counters of the moment are in memory (rate.h) and begin anew after a
 * restart: then a flood is noticed a few mails later, and nothing else changes.
 *
 *   above FLOOD_LEAST and FLOOD_TIMES her usual    the flood begins: the store says so, and
 *                                                  zaguan-review offers her the shield, once; or
 *                                                  it is raised at once for a day, if she set so
 *   above flood_limit in flood_window_seconds      strangers are put off, by turns: each sender
 *                                                  domain and each network gets its share first,
 *                                                  and whoever came back for FLOOD_LONGEST_SECONDS
 *                                                  gets in. Nothing is lost: 4.7.1, they try again.
 *
 * Whom she knows is never asked here. In memory stand numbers, by hashes under a key of this
 * process. Safe for threads.
 */
#ifndef ZAGUAN_POLICY_FLOOD_H
#define ZAGUAN_POLICY_FLOOD_H

#include "common/base/slice.h"
#include "common/store/store_flood.h"
#include "policy/wishes.h"

#define FLOOD_LEAST 20 /* strangers in a window, up to which nothing is a flood */
#define FLOOD_TIMES 5
#define FLOOD_LONGEST_SECONDS (4 * 3600)
#define FLOOD_QUIET_SECONDS (24 * 3600) /* without more than usual: it has ended */
#define FLOOD_SHIELD_SECONDS 86400
#define FLOOD_WRITE_SECONDS 8 /* of many questions at the same time one writes */

struct flood;

struct flood_stranger {
    int64_t member_id;
    struct slice sender, sender_domain; /* canonical; empty: the null sender */
    struct slice client_ip;
    int64_t now;
};

struct flood_view {
    bool is_flood;   /* as above, and the store is to be told: flood_begin() */
    bool is_put_off; /* 4.7.1 for this one */
};

/* `limit`: strangers in a window who get in at once; 0: nobody is put off. NULL: no memory. */
struct flood *flood_new(int64_t limit, int64_t window_seconds);
void flood_free(struct flood *flood);
/* Counts it. `usual` as in the store, in thousandths. */
struct flood_view flood_ask(struct flood *flood, const struct flood_stranger *stranger,
                            int64_t usual);
enum flood_news { FLOOD_NO_NEWS, FLOOD_BEGINS, FLOOD_LEARNED };

/* True for the first who asks within FLOOD_WRITE_SECONDS: that one tells the store. */
bool flood_may_write(struct flood *flood, int64_t member_id, enum flood_news news, int64_t now);
/*
 * Writes that it begins, and raises the shield for a day when `wish` says so. 1 it was not on
 * before, 0 it was, -1.
 */
int flood_begin(struct store *store, int64_t member_id, int wish, int64_t shield_until, int64_t now,
                struct error *err) MUST_CHECK;
/* What is usual, once a window has passed: *usual moves a hundredth of the way. 1 it is to be
 * written with store_flood_learn(), 0 not yet. */
int flood_learn(struct flood *flood, int64_t member_id, int64_t now, struct store_flood *known);

#endif
