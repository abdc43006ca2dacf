/*
 * lane: mail of machines that comes all at once, a subscription bomb. In a burst of mail from
 * senders that were not seen before, confirmations, newsletters and automatic answers go into a
 * lane of their own, which a digest shows as one line; login codes and password resets stay visible
 * (delivered, and beyond LANE_CODES of them held each by itself).
 *
 * Whose mail reached her on an earlier day is no part of a burst. That is remembered in the store,
 * by keyed digest of the domain and by day, for LANE_SOURCE_DAYS; never of what went into the lane,
 * so a bomb of yesterday makes nobody known today, and at most LANE_SOURCES of a member in a window
 * are new to it. The counters of a burst are in memory (rate.h): after a restart its first
 * LANE_MAILS pass again. Safe for threads.
 */
#ifndef ZAGUAN_POLICY_LANE_H
#define ZAGUAN_POLICY_LANE_H

#include "common/store/store_pool.h"
#include "quarantine/keys.h"

#define LANE_WINDOW_SECONDS 600
#define LANE_MAILS 20       /* automatic mails of new senders in that time that pass */
#define LANE_SOURCES 12     /* domains of new senders */
#define LANE_CODES 10       /* login codes */
#define LANE_SOURCE_DAYS 60 /* a newsletter comes once a month */
#define LANE_WRITE_SECONDS 60

enum lane { LANE_NONE, LANE_CONFIRMATIONS, LANE_LOGIN_CODES };

struct lanes;

struct lane_mail {
    int64_t member_id;
    struct slice from_address; /* canonical; may be empty */
    bool is_login_code;
    bool is_automatic; /* or a confirmation */
    int64_t now;
};

struct lanes *lanes_new(void); /* NULL: no memory */
void lanes_free(struct lanes *lanes);
/* Where it belongs when a burst is on. */
enum lane lane_in_burst(const struct lane_mail *mail);
/* Counts it, and says where it belongs. -1: the store could not be asked. */
int lanes_ask(struct lanes *lanes, struct store *store, const struct keys *keys,
              const struct lane_mail *mail, enum lane *lane_out, struct error *err) MUST_CHECK;

/*
 * Writes the senders that are new today: called every few seconds, writes once in
 * LANE_WRITE_SECONDS, or `at_once`, at a stop. What is lost by a kill or a failure is noted again
 * with their next mail.
 */
int lanes_write(struct lanes *lanes, struct store_pool *stores, int64_t now, bool at_once,
                struct error *err) MUST_CHECK;

#endif
