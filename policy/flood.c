#include "policy/flood.h"

#include "common/base/clock.h"
#include "common/store/store_member.h"
#include "policy/keyed_pair.h"
#include "policy/rate.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER_SLOTS 16384
#define SOURCE_SLOTS 65536
#define THOUSANDTHS 1000
#define LEARN_PARTS 100 /* a hundredth a window: a day moves it by three quarters */
#define PLACES_OF_ONE 8 /* one domain or network gets at most this part of the limit */

struct flood {
    const struct keys *keys;
    int64_t limit, window_seconds;
    struct rate *strangers; /* of a member */
    struct rate *admitted;  /* of a member; of a member and a domain or a network */
    struct rate *waiting;   /* member, sender, network: since when they are put off */
};

struct flood *flood_new(const struct keys *keys, int64_t limit, int64_t window_seconds)
{
    struct flood *flood = calloc(1, sizeof *flood);
    if (flood == NULL)
        return NULL;
    flood->keys = keys;
    flood->limit = limit;
    flood->window_seconds = window_seconds;
    flood->strangers = rate_new(MEMBER_SLOTS, window_seconds, window_seconds);
    flood->admitted = rate_new(SOURCE_SLOTS, window_seconds, window_seconds);
    flood->waiting = rate_new(SOURCE_SLOTS, window_seconds, 2 * INT64_C(86400));
    if (flood->strangers != NULL && flood->admitted != NULL && flood->waiting != NULL)
        return flood;
    flood_free(flood);
    return NULL;
}

void flood_free(struct flood *flood)
{
    if (flood == NULL)
        return;
    rate_free(flood->strangers);
    rate_free(flood->admitted);
    rate_free(flood->waiting);
    free(flood);
}

static struct rate_seen count(const struct flood *flood, struct rate *rate, const char *purpose,
                              const struct flood_stranger *stranger, struct slice value,
                              unsigned amount)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    keyed_pair(flood->keys, purpose, stranger->member_id, value, digest);
    return rate_add(rate, digest, stranger->now, amount);
}

/* /24 of IPv4, /48 of IPv6: what one hand holds. */
static struct slice network_of(struct slice ip, unsigned char network[16])
{
    char text[64];
    memset(network, 0, 16);
    if (slice_to_text(ip, text, sizeof text)) {
        if (inet_pton(AF_INET, text, network) == 1)
            return slice_new((const char *)network, 3);
        if (inet_pton(AF_INET6, text, network) == 1)
            return slice_new((const char *)network, 6);
    }
    return (struct slice){NULL, 0};
}

/* Since when this sender of this network waits; `now` when it is new. Remembers it. */
static int64_t waits_since(const struct flood *flood, const struct flood_stranger *stranger,
                           struct slice network)
{
    unsigned char both[2 * KEYED_DIGEST_BYTES];
    keyed_digest(flood->keys->digest_key, "flood sender", stranger->sender, both);
    keyed_digest(flood->keys->digest_key, "flood network", network, both + KEYED_DIGEST_BYTES);
    return count(flood, flood->waiting, "flood waiting", stranger,
                 slice_new((const char *)both, sizeof both), 1)
        .since;
}

/*
 * Half of the places go to whoever comes first; the other half to domains and networks that had
 * none yet, so that one hand cannot take them all. Asking and taking are two steps: threads that
 * race let in a few more, never fewer.
 */
static bool gets_a_place(const struct flood *flood, const struct flood_stranger *stranger,
                         struct slice network)
{
    const struct slice none = {NULL, 0};
    int64_t taken = count(flood, flood->admitted, "flood all", stranger, none, 0).count;
    int64_t of_domain =
        count(flood, flood->admitted, "flood domain", stranger, stranger->sender_domain, 0).count;
    int64_t of_network = count(flood, flood->admitted, "flood network", stranger, network, 0).count;
    int64_t most = flood->limit / PLACES_OF_ONE < 1 ? 1 : flood->limit / PLACES_OF_ONE;
    bool is_new = of_domain == 0 && of_network == 0;
    if (taken >= flood->limit || (taken >= flood->limit / 2 && !is_new))
        return false;
    return taken < flood->limit / 2 || (of_domain < most && of_network < most);
}

static void take_a_place(const struct flood *flood, const struct flood_stranger *stranger,
                         struct slice network)
{
    const struct slice none = {NULL, 0};
    count(flood, flood->admitted, "flood all", stranger, none, 1);
    count(flood, flood->admitted, "flood domain", stranger, stranger->sender_domain, 1);
    count(flood, flood->admitted, "flood network", stranger, network, 1);
}

static bool is_put_off(const struct flood *flood, const struct flood_stranger *stranger)
{
    unsigned char bytes[16];
    struct slice network = network_of(stranger->client_ip, bytes);
    if (flood->limit == 0)
        return false;
    if (!gets_a_place(flood, stranger, network) &&
        waits_since(flood, stranger, network) + FLOOD_LONGEST_SECONDS > stranger->now)
        return true;
    take_a_place(flood, stranger, network);
    return false;
}

enum flood_word flood_ask(struct flood *flood, const struct flood_stranger *stranger, int64_t usual)
{
    const struct slice none = {NULL, 0};
    int64_t strangers = count(flood, flood->strangers, "strangers", stranger, none, 1).count;
    if (is_put_off(flood, stranger))
        return FLOOD_PUT_OFF;
    return strangers > FLOOD_LEAST && strangers * THOUSANDTHS > FLOOD_TIMES * usual ? FLOOD_BEGINS
                                                                                    : FLOOD_PASSES;
}

int flood_learn(struct flood *flood, int64_t member_id, int64_t now, struct store_flood *known)
{
    const struct flood_stranger stranger = {.member_id = member_id, .now = now};
    const struct slice none = {NULL, 0};
    int64_t windows = (now - known->usual_at) / flood->window_seconds;
    if (windows < 1 || known->began_at != 0)
        return 0; /* what a flood brings is not usual */
    int64_t strangers = count(flood, flood->strangers, "strangers", &stranger, none, 0).count;
    /* Windows in which nobody wrote were not asked about. */
    for (int64_t i = 1; i < windows && i < 10 * LEARN_PARTS && known->usual > 0; i++)
        known->usual -= known->usual / LEARN_PARTS;
    known->usual += (strangers * THOUSANDTHS - known->usual) / LEARN_PARTS;
    known->usual_at = now;
    return 1;
}

int flood_begin(struct store *store, int64_t member_id, int wish, int64_t shield_until, int64_t now,
                struct error *err)
{
    char end[CLOCK_DATE_BYTES];
    int has_begun = store_flood_begin(store, member_id, now, err);
    if (has_begun != 1 || wish != WISH_FLOOD_SHIELD || shield_until > now)
        return has_begun;
    clock_write_timestamp(now + FLOOD_SHIELD_SECONDS, end);
    return store_setting_put(store, member_id, slice_of("shield"), slice_of(end), err) == 0 ? 1
                                                                                            : -1;
}
