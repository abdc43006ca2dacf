/*
 * dns_source: what struct dns asks when its cache has no answer: the network (dns_network.c), a
 * zone in memory (dns_zone.c), or a test. Private to the DNS layer and its tests.
 *
 * ask() is called with the lock of `dns` held. It answers, at once or later from another thread
 * that has taken dns_lock(), by exactly one dns_settle() for each entry. Until then the entry stays
 * where it is; equal questions wait for it.
 */
#ifndef ZAGUAN_MAIL_DNS_SOURCE_H
#define ZAGUAN_MAIL_DNS_SOURCE_H

#include "common/mail/dns_cache.h"

struct dns_source {
    void (*ask)(void *state, struct dns_entry *entry);
    void (*close)(void *state);
};

/* `state` may be set later by dns_set_source(), for sources that need to know their struct dns. */
struct dns *dns_new(void); /* NULL: no memory */
void dns_set_source(struct dns *dns, const struct dns_source *source, void *state);
void dns_lock(struct dns *dns);
void dns_unlock(struct dns *dns);
void dns_count_query(struct dns *dns); /* lock is held */
/* Lock is held. `ttl_seconds` is cut to what is sensible; trouble is remembered for 30 s. */
void dns_settle(struct dns *dns, struct dns_entry *entry, enum dns_status status,
                const struct dns_record *records, size_t count, uint32_t ttl_seconds);

/* A name as it is asked for: lower case, without final dot. False: DNS_BAD_NAME. */
bool dns_name_normalise(struct slice name, char text[256], size_t *size_out);

/* The network as source of `dns`; the settings say which servers. */
int dns_network_open(struct dns *dns, const struct settings *settings,
                     struct error *err) MUST_CHECK;

#endif
