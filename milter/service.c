#include "milter/service.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "milter/tally.h"

static int open_parts(struct service *service, struct error *err)
{
    const struct settings *settings = &service->settings;
    if (trusted_read(slice_of(settings->trusted_networks), &service->trusted, err) != 0 ||
        keys_read(settings, KEYS_PUBLIC, &service->keys, err) != 0 ||
        dns_open(settings, &service->dns, err) != 0)
        return -1;
    service->stores = store_pool_new(settings->database);
    service->lists = list_watch_new(&service->settings, service->compiler);
    service->burst_lanes = lanes_new();
    service->household = household_watch_new(&service->settings, &service->keys);
    if (service->stores == NULL || service->lists == NULL || service->burst_lanes == NULL ||
        service->household == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    return 0;
}

/* Called with the mutex. */
static int open_desk(struct service *service, struct error *err)
{
    if (service->desk != NULL)
        return 0;
    return hold_open(&service->settings, &service->keys, &service->desk, err);
}

int service_open(struct service *service, const struct settings *settings, char *const *compiler,
                 struct error *err)
{
    *service = (struct service){.settings = *settings, .compiler = compiler};
    pthread_mutex_init(&service->mutex, NULL);
    if (open_parts(service, err) != 0) {
        service_close(service);
        return -1;
    }
    struct error trouble = {0};
    if (open_desk(service, &trouble) != 0)
        log_error("hold-not-open", &trouble);
    service_look_at_lists(service, true);
    service_look_at_members(service);
    return 0;
}

void service_close(struct service *service)
{
    if (service->desk != NULL)
        hold_close(service->desk);
    ring_close(service->ring);
    store_pool_free(service->stores);
    list_watch_free(service->lists);
    lanes_free(service->burst_lanes);
    household_watch_free(service->household);
    if (service->dns != NULL)
        dns_close(service->dns);
    pthread_mutex_destroy(&service->mutex);
}

struct ring *service_ring(struct service *service)
{
    pthread_mutex_lock(&service->mutex);
    struct ring *ring = service->ring;
    pthread_mutex_unlock(&service->mutex);
    return ring;
}

/* While another milter ends, the file is still its own: it is asked for again. */
static void look_at_ring(struct service *service)
{
    struct ring *ring = service_ring(service);
    struct error trouble = {0};
    if (ring != NULL && ring_forget(ring, clock_now(), &trouble) != 0)
        log_error("ring-not-forgotten", &trouble);
    if (ring != NULL || (service->has_told_of_ring && service->settings.ring_days == 0))
        return;
    if (ring_open(&service->settings, service->keys.digest_key, clock_now(), &ring, &trouble) !=
            0 &&
        !service->has_told_of_ring)
        log_error("ring-not-open", &trouble);
    service->has_told_of_ring = true;
    pthread_mutex_lock(&service->mutex);
    service->ring = ring;
    pthread_mutex_unlock(&service->mutex);
}

int service_hold(struct service *service, const struct hold_request *request, struct error *err)
{
    pthread_mutex_lock(&service->mutex);
    int failed = open_desk(service, err);
    struct hold_desk *desk = service->desk;
    pthread_mutex_unlock(&service->mutex);
    return failed != 0 ? -1 : hold_message(desk, request, err);
}

static void log_patterns_that_are_off(struct service *service)
{
    struct list_turn *turn = list_watch_take(service->lists);
    const struct matcher *matcher = list_turn_matcher(turn);
    struct slice list;
    char entry[20];
    while (matcher != NULL && matcher_next_struck_off(matcher, &list, entry))
        log_event(LOG_LEVEL_WARNING, "pattern-off",
                  "list=" SLICE_FORMAT " entry=%s why=\"took too long on three texts\"",
                  SLICE_ARGUMENTS(list), entry);
    list_watch_give(service->lists, turn);
}

static void log_troubles(struct service *service)
{
    struct slice trouble;
    while (list_watch_next_trouble(service->lists, &trouble)) {
        struct error said;
        error_set(&said, ERROR_INPUT, SLICE_FORMAT, SLICE_ARGUMENTS(trouble));
        log_error("list-not-read", &said);
    }
}

void service_write_counts(struct service *service, bool at_once)
{
    struct error err = {0};
    if (tally_write(service->stores, &err) != 0)
        log_error("not-counted", &err);
    err = (struct error){0};
    if (lanes_write(service->burst_lanes, service->stores, clock_now(), at_once, &err) != 0)
        log_error("lane-not-written", &err);
}

void service_look_at_lists(struct service *service, bool is_asked)
{
    struct error err = {0};
    look_at_ring(service);
    struct list_turn *turn;
    log_patterns_that_are_off(service);
    enum list_watch_news news = list_watch_look(service->lists, is_asked, &err);
    log_troubles(service);
    switch (news) {
    case LIST_WATCH_NOTHING:
        break;
    case LIST_WATCH_LOADED:
        turn = list_watch_take(service->lists);
        log_event(LOG_LEVEL_INFO, "lists-loaded", "entries=%zu",
                  matcher_entry_count(list_turn_matcher(turn)));
        list_watch_give(service->lists, turn);
        break;
    case LIST_WATCH_FAILED:
        log_error("lists-not-loaded", &err);
        turn = list_watch_take(service->lists);
        if (turn == NULL)
            log_event(LOG_LEVEL_ERROR, "no-lists", "mail=\"passes unscanned\"");
        list_watch_give(service->lists, turn);
        break;
    }
}

void service_look_at_members(struct service *service)
{
    struct error err = {0};
    bool has_failed = household_watch_look(service->household, &err) != 0;
    if (has_failed && !service->is_household_old)
        log_error("members-not-read", &err);
    service->is_household_old = has_failed;
}

static void count_busy(struct service *service, int change)
{
    pthread_mutex_lock(&service->mutex);
    service->busy_count += change;
    pthread_mutex_unlock(&service->mutex);
}

void service_begin_answer(struct service *service)
{
    count_busy(service, 1);
}

void service_end_answer(struct service *service)
{
    count_busy(service, -1);
}

bool service_is_busy(struct service *service)
{
    pthread_mutex_lock(&service->mutex);
    bool is_busy = service->busy_count > 0;
    pthread_mutex_unlock(&service->mutex);
    return is_busy;
}
