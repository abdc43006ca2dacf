#include "milter/household_watch.h"

#include "common/base/clock.h"
#include <pthread.h>
#include <stdlib.h>

#define REST_TIMES 100 /* as long as a reading took it rests afterwards */

struct household_turn {
    struct household *household;
    size_t user_count; /* one of them the watch itself, while it is the current one */
};

struct household_watch {
    const struct settings *settings;
    const struct keys *keys;
    struct store *store; /* its own: data_version is told anew to each connection */
    int64_t data_version, rests_until_milliseconds;
    pthread_mutex_t mutex; /* of the turns */
    struct household_turn *current;
};

struct household_watch *household_watch_new(const struct settings *settings,
                                            const struct keys *keys)
{
    struct household_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    watch->settings = settings;
    watch->keys = keys;
    pthread_mutex_init(&watch->mutex, NULL);
    return watch;
}

void household_watch_free(struct household_watch *watch)
{
    if (watch == NULL)
        return;
    household_watch_give(watch, watch->current);
    store_close(watch->store);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

static int read_anew(struct household_watch *watch, struct error *err)
{
    int64_t since = clock_monotonic_milliseconds();
    struct household_turn *next = calloc(1, sizeof *next);
    if (next == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the names of members");
    if (household_read(watch->store, watch->keys, watch->settings, &next->household, err) != 0) {
        free(next);
        return -1;
    }
    next->user_count = 1;
    pthread_mutex_lock(&watch->mutex);
    struct household_turn *last = watch->current;
    watch->current = next;
    pthread_mutex_unlock(&watch->mutex);
    household_watch_give(watch, last);
    int64_t now = clock_monotonic_milliseconds();
    watch->rests_until_milliseconds = now + REST_TIMES * (now - since);
    return 0;
}

int household_watch_look(struct household_watch *watch, struct error *err)
{
    int64_t version;
    bool has_current = watch->current != NULL;
    if (has_current && clock_monotonic_milliseconds() < watch->rests_until_milliseconds)
        return 0;
    if (watch->store == NULL && store_open(watch->settings->database, &watch->store, err) != 0)
        return -1;
    if (store_data_version(watch->store, &version, err) != 0) {
        store_close(watch->store);
        watch->store = NULL;
        return -1;
    }
    if (has_current && version == watch->data_version)
        return 0;
    if (read_anew(watch, err) != 0)
        return -1;
    watch->data_version = version;
    return 0;
}

struct household_turn *household_watch_take(struct household_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    struct household_turn *turn = watch->current;
    if (turn != NULL)
        turn->user_count++;
    pthread_mutex_unlock(&watch->mutex);
    return turn;
}

void household_watch_give(struct household_watch *watch, struct household_turn *turn)
{
    if (turn == NULL)
        return;
    pthread_mutex_lock(&watch->mutex);
    bool is_last = --turn->user_count == 0;
    pthread_mutex_unlock(&watch->mutex);
    if (!is_last)
        return;
    household_free(turn->household);
    free(turn);
}

const struct household *household_turn_get(const struct household_turn *turn)
{
    return turn == NULL ? NULL : turn->household;
}
