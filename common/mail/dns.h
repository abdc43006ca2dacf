/*
 * dns: the one caching resolver behind SPF, DKIM and DMARC (c-ares under it).
 *
 * TTL cache (positive, negative; SERVFAIL and time-outs 30 s), equal queries in flight are merged,
 * every lookup has a deadline. Safe for threads: one struct dns per process. Answers are copied
 * into the caller's arena, so nothing is shared with the cache.
 */
#ifndef ZAGUAN_MAIL_DNS_H
#define ZAGUAN_MAIL_DNS_H

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/settings.h"
#include <netinet/in.h>

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28 };

enum dns_status {
    DNS_FOUND,     /* at least one record */
    DNS_NO_DATA,   /* the name is there, no such record */
    DNS_NO_NAME,   /* NXDOMAIN */
    DNS_TEMPORARY, /* SERVFAIL, REFUSED, time-out, malformed answer: try later */
    DNS_BAD_NAME   /* no name that can be asked for: label > 63, name > 253, empty label */
};

struct dns_record {
    struct slice text;    /* TXT: strings joined; MX and PTR: the name without final dot */
    struct in_addr ipv4;  /* A */
    struct in6_addr ipv6; /* AAAA */
    int preference;       /* MX */
};

struct dns_answer {
    enum dns_status status;
    struct dns_record *records; /* in the arena; MX sorted by preference */
    size_t count;
};

struct dns;

/* Reads dns_server; ERROR_INPUT when it is not understood. */
int dns_open(const struct settings *settings, struct dns **dns_out, struct error *err) MUST_CHECK;
void dns_close(struct dns *dns);

/* Asks cache, then network, and waits no longer than the deadline. A NULL dns answers
 * DNS_TEMPORARY. Every trouble is a status; there is no other failure (no room: DNS_TEMPORARY). */
void dns_lookup(struct dns *dns, struct slice name, enum dns_type type, struct deadline deadline,
                struct arena *arena, struct dns_answer *answer_out);

struct dns_counts {
    uint64_t lookups, cache_hits, queries_sent, temporary;
};
void dns_count(struct dns *dns, struct dns_counts *counts_out);

#endif
