/*
 * lane: mail of machines that comes all at once, a subscription bomb. In a burst of mail from
 * senders that were not seen before, confirmations, newsletters and automatic answers go into a
 * lane of their own, which a digest shows as one line; login codes and password resets stay visible
 * (delivered, and beyond LANE_CODES of them held each by itself).
 *
 * Who wrote to her the day before is no part of a burst. Counters by keyed digest, in memory
 * (rate.h): after a restart every sender is new for a day, and the first LANE_MAILS of a burst pass
 * again.
 */
#ifndef ZAGUAN_POLICY_LANE_H
#define ZAGUAN_POLICY_LANE_H

#include "quarantine/keys.h"

#define LANE_WINDOW_SECONDS 600
#define LANE_MAILS 20   /* automatic mails of new senders in that time that pass */
#define LANE_SOURCES 12 /* domains of new senders */
#define LANE_CODES 10   /* login codes */

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
/* Counts it, and says where it belongs. */
enum lane lanes_ask(struct lanes *lanes, const struct keys *keys, const struct lane_mail *mail);

#endif
