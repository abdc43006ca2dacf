#include "policy/porter.h"

#include "common/base/log.h"

#define TROUBLES_A_SECOND 5

static int read_ports(struct porter *porter, struct error *err)
{
    struct slice rest = slice_of(porter->settings.submission_ports), piece;
    while (slice_next(&rest, ',', &piece)) {
        long long port;
        piece = slice_trim(piece);
        if (slice_is_empty(piece))
            continue;
        if (!slice_to_number(piece, 1, 65535, &port))
            return error_set(err, ERROR_INPUT, "submission_ports: \"" SLICE_FORMAT "\" is no port",
                             SLICE_ARGUMENTS(slice_part(piece, 0, 20)));
        if (porter->submission_port_count == PORTER_MOST_PORTS)
            return error_set(err, ERROR_INPUT, "submission_ports: more than %d ports",
                             PORTER_MOST_PORTS);
        porter->submission_ports[porter->submission_port_count++] = port;
    }
    return 0;
}

static int open_parts(struct porter *porter, struct error *err)
{
    const struct settings *settings = &porter->settings;
    if (trusted_read(slice_of(settings->trusted_networks), &porter->trusted, err) != 0 ||
        read_ports(porter, err) != 0 || keys_read(settings, KEYS_PUBLIC, &porter->keys, err) != 0 ||
        dns_open(settings, &porter->dns, err) != 0 ||
        local_rules_open(settings->policy_rules, &porter->local, err) != 0)
        return -1;
    porter->stores = store_pool_new(settings->database);
    if (porter->stores == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    porter->people = people_new(settings, &porter->keys, porter->stores);
    porter->brake = brake_new(settings->outgoing_limit);
    porter->flood = flood_new(settings->flood_limit, settings->flood_window_seconds);
    porter->answers = answer_log_new();
    if (porter->people == NULL || porter->brake == NULL || porter->flood == NULL ||
        porter->answers == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    return correspondents_open(settings, &porter->keys, &porter->correspondents, err);
}

int porter_open(struct porter *porter, const struct settings *settings, struct error *err)
{
    *porter = (struct porter){.settings = *settings};
    if (open_parts(porter, err) != 0) {
        porter_close(porter);
        return -1;
    }
    return 0;
}

void porter_close(struct porter *porter)
{
    correspondents_close(porter->correspondents);
    answer_log_free(porter->answers);
    brake_free(porter->brake);
    flood_free(porter->flood);
    people_free(porter->people);
    store_pool_free(porter->stores);
    local_rules_close(porter->local);
    if (porter->dns != NULL)
        dns_close(porter->dns);
}

void porter_reload(struct porter *porter)
{
    struct error err = {0};
    if (local_rules_reload(porter->local, &err) != 0)
        log_error("rules-not-loaded", &err);
    else
        log_event(LOG_LEVEL_INFO, "rules-loaded", "rules=%zu", local_rules_count(porter->local));
}

void porter_log_trouble(struct porter *porter, const char *event, const struct error *err)
{
    long long now = clock_now();
    if (atomic_exchange(&porter->trouble_second, now) != now) {
        int unsaid = atomic_exchange(&porter->trouble_count, 0) - TROUBLES_A_SECOND;
        if (unsaid > 0)
            log_event(LOG_LEVEL_WARNING, "troubles-not-logged", "count=%d", unsaid);
    }
    if (atomic_fetch_add(&porter->trouble_count, 1) < TROUBLES_A_SECOND)
        log_error(event, err);
}
