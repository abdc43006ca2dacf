#include "policy/service.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "policy/connection.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* SPF and SQLite need less than 100 KB; what is not touched costs nothing. Sanitizers need more. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES ((size_t)2 * 1024 * 1024)
#else
#define STACK_BYTES ((size_t)512 * 1024)
#endif
#define PAUSE_MILLISECONDS 20 /* when no descriptor or thread is to be had */

/*
 * What a guest does changes twice with every question, so it takes no lock: the thread of the guest
 * moves between SILENT and BUSY, and who sends guests away makes LEAVING of a SILENT one. A
 * question that came at the same moment is still answered, for only its reading side is shut.
 */
enum guest_state { GUEST_SILENT, GUEST_BUSY, GUEST_LEAVING };

struct guest {
    struct guest *before, *next; /* a ring; by the service's mutex */
    struct policy_service *service;
    int fd;
    atomic_int state;
    atomic_llong silent_since; /* monotonic microseconds */
};

struct policy_service {
    struct service_settings settings;
    pthread_attr_t attributes;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t left;
    struct guest all;
    size_t count;
    atomic_bool is_stopping;
};

int policy_service_new(const struct service_settings *settings, struct policy_service **service_out,
                       struct error *err)
{
    struct policy_service *service = calloc(1, sizeof *service);
    if (service == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    service->settings = *settings;
    service->all.before = service->all.next = &service->all;
    pthread_mutex_init(&service->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&service->left, &clock);
    pthread_condattr_destroy(&clock);
    pthread_attr_init(&service->attributes);
    pthread_attr_setstacksize(&service->attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&service->attributes, PTHREAD_CREATE_DETACHED);
    *service_out = service;
    return 0;
}

void policy_service_free(struct policy_service *service)
{
    if (service == NULL)
        return;
    pthread_attr_destroy(&service->attributes);
    pthread_cond_destroy(&service->left);
    pthread_mutex_destroy(&service->mutex);
    free(service);
}

static void unlink_guest(struct guest *guest)
{
    guest->before->next = guest->next;
    guest->next->before = guest->before;
}

static void link_guest(struct guest *guest)
{
    struct guest *all = &guest->service->all;
    guest->before = all->before;
    guest->next = all;
    all->before->next = guest;
    all->before = guest;
}

/* Its thread sees the end and leaves. False: it has a question under way, or leaves already. */
static bool send_away(struct guest *guest)
{
    int expected = GUEST_SILENT;
    if (!atomic_compare_exchange_strong(&guest->state, &expected, GUEST_LEAVING))
        return false;
    shutdown(guest->fd, SHUT_RD);
    return true;
}

static void on_busy(void *context, bool is_busy)
{
    struct guest *guest = context;
    int expected = is_busy ? GUEST_SILENT : GUEST_BUSY;
    if (!is_busy)
        atomic_store(&guest->silent_since, clock_monotonic_microseconds());
    atomic_compare_exchange_strong(&guest->state, &expected, is_busy ? GUEST_BUSY : GUEST_SILENT);
    /* Who stops says so first and looks at the guests then: one of us two sees the other. */
    if (!is_busy && atomic_load(&guest->service->is_stopping))
        send_away(guest);
}

static void *serve_guest(void *context)
{
    struct guest *guest = context;
    struct policy_service *service = guest->service;
    const struct connection_watch watch = {on_busy, guest};
    enum connection_end end = connection_serve(guest->fd, &service->settings, &watch);
    if (end == CONNECTION_SLOW || end == CONNECTION_TOO_LONG)
        log_event(LOG_LEVEL_WARNING, "connection-closed", "why=%s", connection_end_name(end));
    pthread_mutex_lock(&service->mutex);
    close(guest->fd);
    unlink_guest(guest);
    service->count--;
    pthread_cond_broadcast(&service->left);
    pthread_mutex_unlock(&service->mutex);
    free(guest);
    return NULL;
}

void policy_service_take(struct policy_service *service, int fd)
{
    const int yes = 1;
    pthread_t thread;
    struct guest *guest = calloc(1, sizeof *guest);
    if (guest == NULL) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* no TCP: no harm */
    guest->service = service;
    guest->fd = fd;
    atomic_init(&guest->state, GUEST_SILENT);
    atomic_init(&guest->silent_since, clock_monotonic_microseconds());
    pthread_mutex_lock(&service->mutex);
    link_guest(guest);
    service->count++;
    bool has_failed = pthread_create(&thread, &service->attributes, serve_guest, guest) != 0;
    if (has_failed) {
        unlink_guest(guest);
        service->count--;
    }
    pthread_mutex_unlock(&service->mutex);
    if (has_failed) {
        log_event(LOG_LEVEL_ERROR, "no-thread", "connections=%zu", policy_service_count(service));
        close(fd);
        free(guest);
    }
}

size_t policy_service_count(struct policy_service *service)
{
    pthread_mutex_lock(&service->mutex);
    size_t count = service->count;
    pthread_mutex_unlock(&service->mutex);
    return count;
}

/* Called with the mutex. One at a time: who leaves makes room. */
static void send_longest_away(struct policy_service *service)
{
    struct guest *longest = NULL;
    for (struct guest *g = service->all.next; g != &service->all; g = g->next) {
        int state = atomic_load(&g->state);
        if (state == GUEST_LEAVING)
            return;
        if (state == GUEST_SILENT && (longest == NULL || atomic_load(&g->silent_since) <
                                                             atomic_load(&longest->silent_since)))
            longest = g;
    }
    if (longest != NULL)
        send_away(longest);
}

/* True when there is room for one more; else somebody silent was sent away, and soon there is. */
static bool make_room(struct policy_service *service)
{
    pthread_mutex_lock(&service->mutex);
    bool has_room = service->count < service->settings.most_connections;
    if (!has_room) {
        struct timespec until;
        send_longest_away(service);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PAUSE_MILLISECONDS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&service->left, &service->mutex, &until);
    }
    pthread_mutex_unlock(&service->mutex);
    return has_room;
}

static void accept_one(struct policy_service *service, int listener_fd)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MILLISECONDS * 1000000L};
    int fd = accept4(listener_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        policy_service_take(service, fd);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        nanosleep(&pause, NULL);
}

void policy_service_run(struct policy_service *service, const struct listener *listener,
                        int wake_fd)
{
    struct pollfd watched[LISTENER_MOST + 1];
    nfds_t count = 0;
    for (; count < listener->count; count++)
        watched[count] = (struct pollfd){.fd = listener->fds[count], .events = POLLIN};
    watched[count] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
    for (;;) {
        if (poll(watched, count + 1, -1) < 0)
            continue;
        if (watched[count].revents != 0)
            return;
        for (nfds_t i = 0; i < count; i++)
            if (watched[i].revents != 0 && make_room(service))
                accept_one(service, watched[i].fd);
    }
}

bool policy_service_stop(struct policy_service *service, int64_t milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    pthread_mutex_lock(&service->mutex);
    atomic_store(&service->is_stopping, true);
    for (struct guest *g = service->all.next; g != &service->all; g = g->next)
        send_away(g);
    while (service->count > 0 &&
           pthread_cond_timedwait(&service->left, &service->mutex, &until) == 0)
        continue;
    bool is_empty = service->count == 0;
    pthread_mutex_unlock(&service->mutex);
    return is_empty;
}
