#include "policy/lane.h"

#include "policy/keyed_pair.h"
#include "policy/rate.h"
#include <stdlib.h>

#define MEMBER_SLOTS 16384
#define SOURCE_SLOTS 131072
#define DAY_SECONDS INT64_C(86400)
#define SETTLED_SECONDS DAY_SECONDS       /* known for so long: no part of a burst */
#define MEMORY_SECONDS (60 * DAY_SECONDS) /* a newsletter comes once a month */

struct lanes {
    struct rate *members, *sources;
};

struct lanes *lanes_new(void)
{
    struct lanes *lanes = calloc(1, sizeof *lanes);
    if (lanes == NULL)
        return NULL;
    lanes->members = rate_new(MEMBER_SLOTS, LANE_WINDOW_SECONDS, LANE_WINDOW_SECONDS);
    lanes->sources = rate_new(SOURCE_SLOTS, LANE_WINDOW_SECONDS, MEMORY_SECONDS);
    if (lanes->members != NULL && lanes->sources != NULL)
        return lanes;
    lanes_free(lanes);
    return NULL;
}

void lanes_free(struct lanes *lanes)
{
    if (lanes == NULL)
        return;
    rate_free(lanes->members);
    rate_free(lanes->sources);
    free(lanes);
}

static int64_t count(struct lanes *lanes, const struct keys *keys, const struct lane_mail *mail,
                     const char *purpose, unsigned amount)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    keyed_pair(keys, purpose, mail->member_id, (struct slice){NULL, 0}, digest);
    return rate_add(lanes->members, digest, mail->now, amount).count;
}

static struct rate_seen see_source(struct lanes *lanes, const struct keys *keys,
                                   const struct lane_mail *mail)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct slice address = mail->from_address;
    struct slice domain = slice_from(address, slice_find_last_byte(address, '@'));
    keyed_pair(keys, "lane source", mail->member_id, domain, digest);
    return rate_add(lanes->sources, digest, mail->now, 1);
}

enum lane lanes_ask(struct lanes *lanes, const struct keys *keys, const struct lane_mail *mail)
{
    if (mail->is_login_code)
        return count(lanes, keys, mail, "lane codes", 1) > LANE_CODES ? LANE_LOGIN_CODES
                                                                      : LANE_NONE;
    if (!mail->is_automatic)
        return LANE_NONE;
    struct rate_seen source = see_source(lanes, keys, mail);
    if (source.since + SETTLED_SECONDS <= mail->now && source.count <= LANE_MAILS)
        return LANE_NONE;
    int64_t mails = count(lanes, keys, mail, "lane mails", 1);
    int64_t sources = count(lanes, keys, mail, "lane sources", source.count == 1 ? 1 : 0);
    return mails > LANE_MAILS || sources > LANE_SOURCES ? LANE_CONFIRMATIONS : LANE_NONE;
}
