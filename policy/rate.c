#include "policy/rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 8     /* slots of one set: where a name may stand */
#define STRIPES 64 /* locks; a set belongs to one */

struct slot {
    unsigned char name[RATE_NAME_BYTES];
    int64_t since, last; /* last 0: free */
    int64_t part;        /* number of the newest part */
    uint16_t counts[RATE_PARTS];
};

struct rate {
    pthread_mutex_t locks[STRIPES];
    struct slot *slots;
    size_t set_count; /* a power of two */
    int64_t part_seconds, memory_seconds;
};

struct rate *rate_new(size_t slots, int64_t window_seconds, int64_t memory_seconds)
{
    struct rate *rate = calloc(1, sizeof *rate);
    if (rate == NULL)
        return NULL;
    rate->set_count = 1;
    while (rate->set_count * WAYS < slots)
        rate->set_count *= 2;
    rate->slots = calloc(rate->set_count * WAYS, sizeof *rate->slots);
    if (rate->slots == NULL) {
        free(rate);
        return NULL;
    }
    rate->part_seconds = window_seconds < RATE_PARTS ? 1 : window_seconds / RATE_PARTS;
    int64_t window = rate->part_seconds * RATE_PARTS;
    rate->memory_seconds = memory_seconds < window ? window : memory_seconds;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&rate->locks[i], NULL);
    return rate;
}

void rate_free(struct rate *rate)
{
    if (rate == NULL)
        return;
    for (size_t i = 0; i < STRIPES; i++)
        pthread_mutex_destroy(&rate->locks[i]);
    free(rate->slots);
    free(rate);
}

size_t rate_bytes(const struct rate *rate)
{
    return sizeof *rate + rate->set_count * WAYS * sizeof *rate->slots;
}

static size_t set_of(const struct rate *rate, const unsigned char *name)
{
    uint64_t place;
    memcpy(&place, name, sizeof place);
    return (size_t)(place & (rate->set_count - 1));
}

static bool is_there(const struct rate *rate, const struct slot *slot, const unsigned char *name,
                     int64_t now)
{
    return slot->last != 0 && slot->last + rate->memory_seconds >= now &&
           memcmp(slot->name, name, RATE_NAME_BYTES) == 0;
}

/* Where it stands; NULL: nowhere. */
static struct slot *find(const struct rate *rate, const unsigned char *name, int64_t now)
{
    struct slot *set = &rate->slots[set_of(rate, name) * WAYS];
    for (size_t i = 0; i < WAYS; i++)
        if (is_there(rate, &set[i], name, now))
            return &set[i];
    return NULL;
}

static struct slot *take(struct rate *rate, const unsigned char *name, int64_t now)
{
    struct slot *set = &rate->slots[set_of(rate, name) * WAYS], *oldest = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].last < oldest->last)
            oldest = &set[i];
    *oldest = (struct slot){.since = now, .last = now, .part = now / rate->part_seconds};
    memcpy(oldest->name, name, RATE_NAME_BYTES);
    return oldest;
}

/* Empties the parts that lie between the newest and now. */
static void move_on(const struct rate *rate, struct slot *slot, int64_t now)
{
    int64_t part = now / rate->part_seconds;
    if (part >= slot->part + RATE_PARTS)
        memset(slot->counts, 0, sizeof slot->counts);
    else
        for (int64_t i = slot->part + 1; i <= part; i++)
            slot->counts[i % RATE_PARTS] = 0;
    if (part > slot->part)
        slot->part = part;
}

static void count(struct slot *slot, unsigned amount)
{
    uint16_t *part = &slot->counts[slot->part % RATE_PARTS];
    *part = amount > (unsigned)(UINT16_MAX - *part) ? UINT16_MAX : (uint16_t)(*part + amount);
}

static struct rate_seen seen_of(const struct slot *slot)
{
    struct rate_seen seen = {.since = slot->since};
    for (size_t i = 0; i < RATE_PARTS; i++)
        seen.count += slot->counts[i];
    return seen;
}

struct rate_seen rate_add(struct rate *rate, const unsigned char name[RATE_NAME_BYTES], int64_t now,
                          unsigned amount)
{
    struct rate_seen seen = {.since = now};
    pthread_mutex_t *lock = &rate->locks[set_of(rate, name) % STRIPES];
    pthread_mutex_lock(lock);
    struct slot *slot = find(rate, name, now);
    if (slot == NULL && amount > 0)
        slot = take(rate, name, now);
    if (slot != NULL) {
        move_on(rate, slot, now);
        if (amount > 0) {
            count(slot, amount);
            slot->last = now > slot->last ? now : slot->last;
        }
        seen = seen_of(slot);
    }
    pthread_mutex_unlock(lock);
    return seen;
}
