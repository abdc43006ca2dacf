/*
 * service: what all connections of zaguan-milter share, opened once.
 *
 * The database and the hold may be missing at start and come later: mail is then refused for the
 * time being (docs/decisions). The review key is only the public one: whoever takes over this
 * process cannot read what it sealed yesterday.
 */
#ifndef ZAGUAN_MILTER_SERVICE_H
#define ZAGUAN_MILTER_SERVICE_H

#include "common/base/trusted.h"
#include "common/mail/dns.h"
#include "common/store/store_pool.h"
#include "lists/update/ring.h"
#include "milter/household_watch.h"
#include "milter/list_watch.h"
#include "policy/lane.h"
#include "quarantine/hold.h"
#include "quarantine/keys.h"
#include <pthread.h>

struct service {
    struct settings settings;
    struct keys keys;
    struct trusted trusted;
    struct dns *dns;
    struct store_pool *stores;
    struct list_watch *lists;
    struct lanes *burst_lanes;
    struct household_watch *household;
    bool is_household_old;  /* could not be read the last time, and the log says so */
    char *const *compiler;  /* what compiles the lists; NULL: a fork of this process */
    pthread_mutex_t mutex;  /* of what is below */
    struct hold_desk *desk; /* NULL: could not be opened so far */
    int busy_count;         /* messages between their end and their answer */
    struct ring *ring;      /* NULL: turned off, or could not be opened so far */
    bool has_told_of_ring;  /* that it cannot */
};

/* -1: settings, keys or resolver are not right; everything else is only logged. */
int service_open(struct service *service, const struct settings *settings, char *const *compiler,
                 struct error *err) MUST_CHECK;
void service_close(struct service *service);

/* hold_message(); opens the desk when it is not open. 0 only when all is durable. */
int service_hold(struct service *service, const struct hold_request *request,
                 struct error *err) MUST_CHECK;

/* NULL: nothing is remembered. */
struct ring *service_ring(struct service *service);

/* Every few seconds, by one thread: reads the lists when they changed, logs it, and lets the ring
 * forget what had its time. */
void service_look_at_lists(struct service *service, bool is_asked);
/* What was counted since the last time, into the database. `at_once`: also what else would wait
 * until it is worth a commit. */
void service_write_counts(struct service *service, bool at_once);

/* Reads who lives here when the database changed; logs when it fails, once. */
void service_look_at_members(struct service *service);

/* Around the end of a message, so that a stop can wait for answers that are on their way. */
void service_begin_answer(struct service *service);
void service_end_answer(struct service *service);
bool service_is_busy(struct service *service);

#endif
