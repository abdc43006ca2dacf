#include "policy/lane.h"

#include "common/store/store_lane.h"
#include "policy/keyed_pair.h"
#include "policy/member.h"
#include "policy/rate.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER_SLOTS 16384
#define SOURCE_SLOTS 65536
#define DAY_SECONDS INT64_C(86400)
#define NEWS_MOST 1024
#define ARENA_BYTES ((size_t)1 << 20)

struct lanes {
    struct rate *members, *sources; /* of a window */
    pthread_mutex_t mutex;          /* of all below */
    int64_t written_at;
    size_t count;
    struct store_lane_source news[NEWS_MOST];
};

struct lanes *lanes_new(void)
{
    struct lanes *lanes = calloc(1, sizeof *lanes);
    if (lanes == NULL)
        return NULL;
    pthread_mutex_init(&lanes->mutex, NULL);
    lanes->members = rate_new(MEMBER_SLOTS, LANE_WINDOW_SECONDS, LANE_WINDOW_SECONDS);
    lanes->sources = rate_new(SOURCE_SLOTS, LANE_WINDOW_SECONDS, LANE_WINDOW_SECONDS);
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
    pthread_mutex_destroy(&lanes->mutex);
    free(lanes);
}

static int64_t count(struct lanes *lanes, const struct keys *keys, const struct lane_mail *mail,
                     const char *purpose, unsigned amount)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    keyed_pair(keys, purpose, mail->member_id, (struct slice){NULL, 0}, digest);
    return rate_add(lanes->members, digest, mail->now, amount).count;
}

static struct store_lane_source source_of(const struct keys *keys, const struct lane_mail *mail)
{
    struct store_lane_source source = {.member_id = mail->member_id};
    struct slice address = mail->from_address;
    struct slice domain = slice_from(address, slice_find_last_byte(address, '@'));
    keyed_pair(keys, "lane source", mail->member_id, domain, source.digest);
    return source;
}

/* A queue that is full forgets: the next mail of this sender is as good. */
static void note(struct lanes *lanes, struct store_lane_source source, int64_t today)
{
    source.last_day = today;
    pthread_mutex_lock(&lanes->mutex);
    if (lanes->count < NEWS_MOST)
        lanes->news[lanes->count++] = source;
    pthread_mutex_unlock(&lanes->mutex);
}

static int ask_of_automatic(struct lanes *lanes, struct store *store, const struct keys *keys,
                            const struct lane_mail *mail, enum lane *lane_out, struct error *err)
{
    int64_t today = mail->now / DAY_SECONDS;
    struct store_lane_source source = source_of(keys, mail);
    int found = store_lane_find(store, &source, err);
    if (found < 0)
        return -1;
    int64_t seen = rate_add(lanes->sources, source.digest, mail->now, 1).count;
    bool is_settled = found == 1 && source.first_day < today && seen <= LANE_MAILS;
    if (!is_settled) {
        int64_t mails = count(lanes, keys, mail, "lane mails", 1);
        int64_t sources = count(lanes, keys, mail, "lane sources", seen == 1 ? 1 : 0);
        if (mails > LANE_MAILS || sources > LANE_SOURCES) {
            *lane_out = LANE_CONFIRMATIONS;
            return 0;
        }
    }
    if (found == 0 || source.last_day < today)
        note(lanes, source, today);
    return 0;
}

enum lane lane_in_burst(const struct lane_mail *mail)
{
    if (mail->is_login_code)
        return LANE_LOGIN_CODES;
    return mail->is_automatic ? LANE_CONFIRMATIONS : LANE_NONE;
}

int lanes_ask(struct lanes *lanes, struct store *store, const struct keys *keys,
              const struct lane_mail *mail, enum lane *lane_out, struct error *err)
{
    *lane_out = LANE_NONE;
    if (mail->is_login_code) {
        if (count(lanes, keys, mail, "lane codes", 1) > LANE_CODES)
            *lane_out = LANE_LOGIN_CODES;
        return 0;
    }
    return mail->is_automatic ? ask_of_automatic(lanes, store, keys, mail, lane_out, err) : 0;
}

/* Inside the transaction: 1 she still wants it, 0 not, -1. */
static int wants(struct store *store, int64_t member_id, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct member member;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int found = member_get(store, member_id, arena, &member, err);
    if (found != 1)
        return found;
    return member_is_on(&member) && member.wishes.lane != WISH_LANE_OFF;
}

static int write_news(struct store *store, const struct store_lane_source *news, size_t count,
                      struct error *err)
{
    int64_t asked_for = 0;
    int wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (news[i].member_id != asked_for)
            wanted = wants(store, news[i].member_id, err);
        asked_for = news[i].member_id;
        if (wanted < 0 || (wanted == 1 && store_lane_put(store, &news[i], err) != 0))
            return -1;
    }
    return 0;
}

static int write_all(struct store_pool *stores, const struct store_lane_source *news, size_t count,
                     struct error *err)
{
    struct store *store;
    if (store_pool_take(stores, &store, err) != 0)
        return -1;
    int failed = store_begin(store, err);
    if (failed == 0 && ((failed = write_news(store, news, count, err)) != 0 ||
                        (failed = store_commit(store, err)) != 0))
        store_rollback(store);
    store_pool_give(stores, store, failed == 0);
    return failed;
}

int lanes_write(struct lanes *lanes, struct store_pool *stores, int64_t now, bool at_once,
                struct error *err)
{
    struct store_lane_source news[NEWS_MOST];
    pthread_mutex_lock(&lanes->mutex);
    bool is_time = at_once || now >= lanes->written_at + LANE_WRITE_SECONDS ||
                   now < lanes->written_at || lanes->count > NEWS_MOST / 2;
    size_t count = is_time ? lanes->count : 0;
    if (count > 0) {
        memcpy(news, lanes->news, count * sizeof news[0]);
        lanes->count = 0;
        lanes->written_at = now;
    }
    pthread_mutex_unlock(&lanes->mutex);
    return count > 0 ? write_all(stores, news, count, err) : 0;
}
