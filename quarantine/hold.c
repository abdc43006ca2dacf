#include "quarantine/hold.h"

#include "quarantine/hold_job.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* What shares one commit: enough that the sync no longer counts, little enough that the write-ahead
 * log and who waits for the write lock stay small. */
#define GROUP_MOST_JOBS 128
#define GROUP_MOST_BYTES ((size_t)32 * 1024 * 1024)

/* One caller of hold_message(), in its stack. */
struct waiter {
    struct hold_job job;
    struct waiter *next;
    pthread_cond_t woken;
    bool is_leader; /* it is this thread's turn to commit */
    bool is_done;
    int failed;
    struct error err;
};

struct hold_desk {
    char database[SETTINGS_PATH_BYTES];
    struct keys keys;
    pthread_mutex_t lock; /* of the queue and of who leads */
    struct waiter *first, *last;
    bool is_led;
    struct store *store; /* the leader's; NULL after trouble: opened again by the next */
};

int hold_open(const struct settings *settings, const struct keys *keys, struct hold_desk **desk_out,
              struct error *err)
{
    struct hold_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    snprintf(desk->database, sizeof desk->database, "%s", settings->database);
    desk->keys = *keys;
    sodium_memzero(desk->keys.review_secret, sizeof desk->keys.review_secret);
    desk->keys.has_secret = false;
    if (store_open(desk->database, &desk->store, err) != 0) {
        free(desk);
        return -1;
    }
    pthread_mutex_init(&desk->lock, NULL);
    *desk_out = desk;
    return 0;
}

void hold_close(struct hold_desk *desk)
{
    if (desk == NULL)
        return;
    store_close(desk->store);
    pthread_mutex_destroy(&desk->lock);
    sodium_memzero(desk, sizeof *desk);
    free(desk);
}

static int write_group(struct hold_desk *desk, struct waiter *group, struct error *err)
{
    if (store_begin(desk->store, err) != 0)
        return -1;
    for (struct waiter *waiter = group; waiter != NULL; waiter = waiter->next)
        if (hold_job_write(&waiter->job, desk->store, err) != 0) {
            store_rollback(desk->store);
            return -1;
        }
    return store_commit(desk->store, err);
}

static void check_group(struct hold_desk *desk, struct waiter *group)
{
    for (struct waiter *waiter = group; waiter != NULL; waiter = waiter->next)
        waiter->failed = hold_job_check(&waiter->job, desk->store, &waiter->err);
}

static void fail_group(struct waiter *group, const struct error *err)
{
    for (struct waiter *waiter = group; waiter != NULL; waiter = waiter->next) {
        waiter->failed = -1;
        waiter->err = *err;
    }
}

/* One hold that cannot be written (a member who was just forgotten, a message too large for what is
 * left of the disk) must not take the others with it. */
static void write_one_by_one(struct hold_desk *desk, struct waiter *group)
{
    for (struct waiter *waiter = group; waiter != NULL; waiter = waiter->next) {
        struct waiter *next = waiter->next;
        waiter->next = NULL;
        waiter->failed = write_group(desk, waiter, &waiter->err);
        if (waiter->failed == 0)
            check_group(desk, waiter);
        waiter->next = next;
    }
}

static bool has_trouble(const struct waiter *group)
{
    for (; group != NULL; group = group->next)
        if (group->failed != 0 && group->err.kind == ERROR_SYSTEM)
            return true;
    return false;
}

static void commit_group(struct hold_desk *desk, struct waiter *group)
{
    struct error err = {0};
    if (desk->store == NULL && store_open(desk->database, &desk->store, &err) != 0) {
        fail_group(group, &err);
        return;
    }
    if (write_group(desk, group, &err) == 0)
        check_group(desk, group);
    else if (group->next == NULL || err.kind == ERROR_TEMPORARY)
        fail_group(group, &err);
    else
        write_one_by_one(desk, group);
    if (has_trouble(group)) { /* the file may have been restored or replaced: look again */
        store_close(desk->store);
        desk->store = NULL;
    }
}

/* Under the lock: the front of the queue, as a list of its own. */
static struct waiter *take_group(struct hold_desk *desk)
{
    struct waiter *group = desk->first, *last = group;
    size_t bytes = last->job.sealed_body.size;
    for (int jobs = 1; last->next != NULL && jobs < GROUP_MOST_JOBS; jobs++) {
        bytes += last->next->job.sealed_body.size;
        if (bytes > GROUP_MOST_BYTES)
            break;
        last = last->next;
    }
    desk->first = last->next;
    last->next = NULL;
    return group;
}

/* Under the lock. A waiter may return, and its memory be gone, as soon as the lock is free. */
static void wake_group(struct hold_desk *desk, struct waiter *group)
{
    while (group != NULL) {
        struct waiter *next = group->next;
        group->is_done = true;
        pthread_cond_signal(&group->woken);
        group = next;
    }
    desk->is_led = desk->first != NULL;
    if (desk->is_led) {
        desk->first->is_leader = true;
        pthread_cond_signal(&desk->first->woken);
    }
}

static void wait_turn(struct hold_desk *desk, struct waiter *waiter)
{
    pthread_mutex_lock(&desk->lock);
    if (desk->first == NULL)
        desk->first = waiter;
    else
        desk->last->next = waiter;
    desk->last = waiter;
    if (!desk->is_led)
        desk->is_led = waiter->is_leader = true;
    while (!waiter->is_leader && !waiter->is_done)
        pthread_cond_wait(&waiter->woken, &desk->lock);
    if (waiter->is_leader) {
        struct waiter *group = take_group(desk);
        pthread_mutex_unlock(&desk->lock);
        commit_group(desk, group);
        pthread_mutex_lock(&desk->lock);
        wake_group(desk, group);
    }
    pthread_mutex_unlock(&desk->lock);
}

int hold_message(struct hold_desk *desk, const struct hold_request *request, struct error *err)
{
    struct waiter waiter = {.woken = PTHREAD_COND_INITIALIZER};
    int failed = hold_job_prepare(&waiter.job, &desk->keys, request, err);
    if (failed == 0) {
        wait_turn(desk, &waiter);
        failed = waiter.failed;
        if (failed != 0 && err != NULL)
            *err = waiter.err;
    }
    hold_job_free(&waiter.job);
    pthread_cond_destroy(&waiter.woken);
    return failed;
}
