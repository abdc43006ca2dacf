#include "policy/flood.h"

#include "common/base/clock.h"
#include "common/store/store_member.h"
#include "policy/rate.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER_SLOTS 16384
#define SOURCE_SLOTS 65536
#define WRITER_SLOTS 4096
#define THOUSANDTHS 1000
#define LEARN_PARTS 100 /* a hundredth a window: a day moves it by three quarters */

/* What a name is of; the member's id is part of each. */
enum kind { OF_MEMBER, OF_DOMAIN, OF_NETWORK, OF_SENDER, OF_BEGIN, OF_LEARNED };

struct name {
    unsigned char bytes[RATE_NAME_BYTES];
};

struct flood {
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
    int64_t limit, window_seconds;
    struct rate *strangers; /* of a member */
    struct rate *admitted;  /* of a member; of a member and a domain or a network */
    struct rate *waiting;   /* member, sender, network: since when they are put off */
    struct rate *writers;   /* of a member: was the store told lately */
};

/* Those who ask for a place, counted three times. */
struct places {
    struct name of_all, of_domain, of_network;
};

struct flood *flood_new(int64_t limit, int64_t window_seconds)
{
    struct flood *flood = calloc(1, sizeof *flood);
    if (flood == NULL)
        return NULL;
    randombytes_buf(flood->key, sizeof flood->key);
    flood->limit = limit;
    flood->window_seconds = window_seconds;
    flood->strangers = rate_new(MEMBER_SLOTS, window_seconds, window_seconds);
    flood->admitted = rate_new(SOURCE_SLOTS, window_seconds, window_seconds);
    flood->waiting = rate_new(SOURCE_SLOTS, window_seconds, 2 * INT64_C(86400));
    flood->writers = rate_new(WRITER_SLOTS, FLOOD_WRITE_SECONDS, FLOOD_WRITE_SECONDS);
    if (flood->strangers != NULL && flood->admitted != NULL && flood->waiting != NULL &&
        flood->writers != NULL)
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
    rate_free(flood->writers);
    free(flood);
}

static struct name hash(const struct flood *flood, const void *bytes, size_t size)
{
    struct name name;
    _Static_assert(crypto_shorthash_siphashx24_BYTES == RATE_NAME_BYTES, "names of rate.h");
    crypto_shorthash_siphashx24(name.bytes, bytes, size, flood->key);
    return name;
}

static struct name name_of(const struct flood *flood, enum kind kind, int64_t member_id,
                           struct slice value, struct slice network)
{
    struct {
        int64_t kind, member_id;
        struct name value, network;
    } whole = {kind, member_id, hash(flood, value.data, value.size),
               hash(flood, network.data, network.size)};
    return hash(flood, &whole, sizeof whole);
}

static struct name name_of_member(const struct flood *flood, enum kind kind, int64_t member_id)
{
    const struct slice none = {NULL, 0};
    return name_of(flood, kind, member_id, none, none);
}

static int64_t count(struct rate *rate, struct name name, int64_t now, unsigned amount)
{
    return rate_add(rate, name.bytes, now, amount).count;
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
    struct name name = name_of(flood, OF_SENDER, stranger->member_id, stranger->sender, network);
    return rate_add(flood->waiting, name.bytes, stranger->now, 1).since;
}

/*
 * Half of the places go to whoever comes first; the other half to domains and networks that had
 * none yet, so that one hand cannot take them all. Asking and taking are two steps: threads that
 * race let in a few more, never fewer.
 */
static bool gets_a_place(const struct flood *flood, const struct places *places, int64_t now)
{
    int64_t taken = count(flood->admitted, places->of_all, now, 0);
    if (taken >= flood->limit || taken < flood->limit / 2)
        return taken < flood->limit;
    int64_t of_domain = count(flood->admitted, places->of_domain, now, 0);
    int64_t of_network = count(flood->admitted, places->of_network, now, 0);
    return of_domain == 0 && of_network == 0;
}

static bool is_put_off(const struct flood *flood, const struct flood_stranger *stranger,
                       struct name of_member)
{
    unsigned char bytes[16];
    const struct slice none = {NULL, 0};
    struct slice network = network_of(stranger->client_ip, bytes);
    if (flood->limit == 0)
        return false;
    const struct places places = {
        of_member,
        name_of(flood, OF_DOMAIN, stranger->member_id, stranger->sender_domain, none),
        name_of(flood, OF_NETWORK, stranger->member_id, none, network),
    };
    if (!gets_a_place(flood, &places, stranger->now) &&
        waits_since(flood, stranger, network) + FLOOD_LONGEST_SECONDS > stranger->now)
        return true;
    count(flood->admitted, places.of_all, stranger->now, 1);
    count(flood->admitted, places.of_domain, stranger->now, 1);
    count(flood->admitted, places.of_network, stranger->now, 1);
    return false;
}

struct flood_view flood_ask(struct flood *flood, const struct flood_stranger *stranger,
                            int64_t usual)
{
    struct name of_member = name_of_member(flood, OF_MEMBER, stranger->member_id);
    int64_t strangers = count(flood->strangers, of_member, stranger->now, 1);
    return (struct flood_view){
        .is_flood = strangers > FLOOD_LEAST && strangers * THOUSANDTHS > FLOOD_TIMES * usual,
        .is_put_off = is_put_off(flood, stranger, of_member),
    };
}

bool flood_may_write(struct flood *flood, int64_t member_id, enum flood_news news, int64_t now)
{
    enum kind kind = news == FLOOD_BEGINS ? OF_BEGIN : OF_LEARNED;
    return count(flood->writers, name_of_member(flood, kind, member_id), now, 1) == 1;
}

int flood_learn(struct flood *flood, int64_t member_id, int64_t now, struct store_flood *known)
{
    int64_t windows = (now - known->usual_at) / flood->window_seconds;
    if (windows < 1 || known->began_at != 0)
        return 0; /* what a flood brings is not usual */
    int64_t strangers =
        count(flood->strangers, name_of_member(flood, OF_MEMBER, member_id), now, 0);
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
