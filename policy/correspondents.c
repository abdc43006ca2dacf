#include "policy/correspondents.h"

#include "common/base/log.h"
#include "policy/member.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE_MOST 4096
#define BATCH_MOST 512
#define FLUSH_SECONDS 1
#define RETRY_SECONDS 5
#define ARENA_BYTES (1u << 20)

struct note {
    int64_t member_id, at;
    unsigned char digest[KEYED_DIGEST_BYTES];
};

struct correspondents {
    const struct settings *settings;
    const struct keys *keys;
    struct store *store; /* of the writer alone */
    pthread_t writer;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t wake;
    bool is_stopping;
    size_t count, lost;
    struct note queue[QUEUE_MOST];
};

void correspondents_note(struct correspondents *c, int64_t member_id,
                         struct slice canonical_address, int64_t now)
{
    struct note note = {.member_id = member_id, .at = now};
    contact_digest(c->keys, member_id, canonical_address, note.digest);
    pthread_mutex_lock(&c->mutex);
    if (c->count == QUEUE_MOST)
        c->lost++;
    else
        c->queue[c->count++] = note;
    if (c->count == 1 || c->count == BATCH_MOST)
        pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->mutex);
}

/* Asked inside the transaction: 1 she wants it, 0 not (any more), -1. */
static int wants(struct store *store, int64_t member_id, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct member member;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int found = member_get(store, member_id, arena, &member, err);
    if (found != 1)
        return found;
    return member_is_on(&member) && member.wishes.correspondents == WISH_CORRESPONDENTS_ON;
}

static int write_notes(struct store *store, const struct note *notes, size_t count,
                       struct error *err)
{
    int64_t asked_for = 0;
    int wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (notes[i].member_id != asked_for)
            wanted = wants(store, notes[i].member_id, err);
        asked_for = notes[i].member_id;
        if (wanted < 0 ||
            (wanted == 1 &&
             store_contact_put(store, notes[i].member_id, notes[i].digest, notes[i].at, err) != 0))
            return -1;
    }
    return 0;
}

static int write_batch(struct correspondents *c, const struct note *notes, size_t count,
                       struct error *err)
{
    if (c->store == NULL && store_open(c->settings->database, &c->store, err) != 0)
        return -1;
    if (store_begin(c->store, err) == 0) {
        if (write_notes(c->store, notes, count, err) == 0 && store_commit(c->store, err) == 0)
            return 0;
        store_rollback(c->store);
    }
    store_close(c->store);
    c->store = NULL;
    return -1;
}

/* Takes up to BATCH_MOST notes from the front; they stay in the queue until they are written. */
static void flush(struct correspondents *c, struct error *err)
{
    struct note batch[BATCH_MOST];
    while (c->count > 0) { /* called with the mutex */
        size_t count = c->count < BATCH_MOST ? c->count : BATCH_MOST;
        memcpy(batch, c->queue, count * sizeof batch[0]);
        pthread_mutex_unlock(&c->mutex);
        int failed = write_batch(c, batch, count, err);
        pthread_mutex_lock(&c->mutex);
        if (failed != 0)
            return;
        c->count -= count;
        memmove(c->queue, c->queue + count, c->count * sizeof batch[0]);
    }
}

/* Called with the mutex. */
static void wait_seconds(struct correspondents *c, time_t seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    while (!c->is_stopping && c->count < BATCH_MOST &&
           pthread_cond_timedwait(&c->wake, &c->mutex, &until) == 0)
        continue;
}

/* A full queue must not turn a dead database into a busy loop. */
static void rest_after_trouble(struct correspondents *c)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RETRY_SECONDS;
    while (!c->is_stopping && pthread_cond_timedwait(&c->wake, &c->mutex, &until) == 0)
        continue;
}

static void *write_always(void *context)
{
    struct correspondents *c = context;
    pthread_mutex_lock(&c->mutex);
    while (!c->is_stopping) {
        struct error err = {0};
        while (c->count == 0 && !c->is_stopping)
            pthread_cond_wait(&c->wake, &c->mutex);
        wait_seconds(c, FLUSH_SECONDS);
        flush(c, &err);
        if (err.kind != ERROR_NONE) {
            log_error("correspondents-not-written", &err);
            if (c->lost > 0)
                log_event(LOG_LEVEL_WARNING, "correspondents-lost", "count=%zu", c->lost);
            c->lost = 0;
            rest_after_trouble(c);
        }
    }
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

int correspondents_open(const struct settings *settings, const struct keys *keys,
                        struct correspondents **out, struct error *err)
{
    struct correspondents *c = calloc(1, sizeof *c);
    if (c == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    c->settings = settings;
    c->keys = keys;
    pthread_condattr_t clock; /* one that nobody sets back: notes would wait as long */
    pthread_mutex_init(&c->mutex, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&c->wake, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&c->writer, NULL, write_always, c) != 0) {
        free(c);
        return error_set(err, ERROR_SYSTEM, "no thread could be made");
    }
    *out = c;
    return 0;
}

void correspondents_close(struct correspondents *c)
{
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->mutex);
    c->is_stopping = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->mutex);
    pthread_join(c->writer, NULL);
    struct error err = {0};
    pthread_mutex_lock(&c->mutex);
    flush(c, &err);
    pthread_mutex_unlock(&c->mutex);
    if (err.kind != ERROR_NONE)
        log_error("correspondents-not-written", &err);
    store_close(c->store);
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}
