#include "policy/service.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "policy/connection.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
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

/* In a ring by last use: the first behind `all` was silent for longest. */
struct guest {
    struct guest *older, *newer;
    struct policy_service *service;
    int fd;
    bool is_busy, is_leaving;
};

struct policy_service {
    struct service_settings settings;
    pthread_attr_t attributes;
    pthread_mutex_t mutex; /* of all below */
    pthread_cond_t left;
    struct guest all;
    size_t count;
    bool is_stopping;
};

int policy_service_new(const struct service_settings *settings, struct policy_service **service_out,
                       struct error *err)
{
    struct policy_service *service = calloc(1, sizeof *service);
    if (service == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    service->settings = *settings;
    service->all.older = service->all.newer = &service->all;
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
    guest->older->newer = guest->newer;
    guest->newer->older = guest->older;
}

static void link_newest(struct guest *guest)
{
    struct guest *all = &guest->service->all;
    guest->older = all->older;
    guest->newer = all;
    all->older->newer = guest;
    all->older = guest;
}

/* Called with the mutex. Its thread sees the end and leaves. */
static void send_away(struct guest *guest)
{
    guest->is_leaving = true;
    shutdown(guest->fd, SHUT_RD);
}

static void on_busy(void *context, bool is_busy)
{
    struct guest *guest = context;
    pthread_mutex_lock(&guest->service->mutex);
    guest->is_busy = is_busy;
    unlink_guest(guest);
    link_newest(guest);
    if (!is_busy && guest->service->is_stopping)
        send_away(guest);
    pthread_mutex_unlock(&guest->service->mutex);
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
    *guest = (struct guest){.service = service, .fd = fd};
    pthread_mutex_lock(&service->mutex);
    link_newest(guest);
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

/* True when there is room for one more; else somebody silent was sent away, and soon there is. */
static bool make_room(struct policy_service *service)
{
    pthread_mutex_lock(&service->mutex);
    bool has_room = service->count < service->settings.most_connections;
    for (struct guest *g = service->all.newer; !has_room && g != &service->all; g = g->newer) {
        if (g->is_leaving || !g->is_busy) {
            if (!g->is_leaving)
                send_away(g);
            break;
        }
    }
    if (!has_room) {
        struct timespec until;
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
    service->is_stopping = true;
    for (struct guest *g = service->all.newer; g != &service->all; g = g->newer)
        if (!g->is_busy)
            send_away(g);
    while (service->count > 0 &&
           pthread_cond_timedwait(&service->left, &service->mutex, &until) == 0)
        continue;
    bool is_empty = service->count == 0;
    pthread_mutex_unlock(&service->mutex);
    return is_empty;
}
