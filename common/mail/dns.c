#include "common/mail/dns.h"

#include "common/base/limits.h"
#include "common/mail/dns_source.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 253 /* RFC 1035 section 2.3.4: 255 octets on the wire */
#define LONGEST_LABEL 63

/* A TTL of 0 still serves the message that asked; nothing is believed for more than an hour. */
#define LEAST_TTL_SECONDS 1
#define MOST_TTL_SECONDS 3600
#define TROUBLE_TTL_SECONDS 30

struct dns {
    pthread_mutex_t lock;
    struct dns_cache cache;
    const struct dns_source *source;
    void *source_state;
    size_t pending_count;
    struct dns_counts counts;
};

struct dns *dns_new(void)
{
    struct dns *dns = calloc(1, sizeof *dns);
    if (dns == NULL)
        return NULL;
    if (dns_cache_open(&dns->cache) != 0) {
        free(dns);
        return NULL;
    }
    pthread_mutex_init(&dns->lock, NULL);
    return dns;
}

void dns_set_source(struct dns *dns, const struct dns_source *source, void *state)
{
    dns->source = source;
    dns->source_state = state;
}

int dns_open(const struct settings *settings, struct dns **dns_out, struct error *err)
{
    struct dns *dns = dns_new();
    if (dns == NULL)
        return error_set(err, ERROR_SYSTEM, "DNS: no memory");
    if (dns_network_open(dns, settings, err) != 0) {
        dns_close(dns);
        return -1;
    }
    *dns_out = dns;
    return 0;
}

void dns_close(struct dns *dns)
{
    if (dns == NULL)
        return;
    if (dns->source != NULL)
        dns->source->close(dns->source_state);
    dns_cache_close(&dns->cache);
    pthread_mutex_destroy(&dns->lock);
    free(dns);
}

void dns_lock(struct dns *dns)
{
    pthread_mutex_lock(&dns->lock);
}

void dns_unlock(struct dns *dns)
{
    pthread_mutex_unlock(&dns->lock);
}

void dns_count_query(struct dns *dns)
{
    dns->counts.queries_sent++;
}

void dns_count(struct dns *dns, struct dns_counts *counts_out)
{
    *counts_out = (struct dns_counts){0};
    if (dns == NULL)
        return;
    dns_lock(dns);
    *counts_out = dns->counts;
    dns_unlock(dns);
}

bool dns_name_normalise(struct slice name, char text[256], size_t *size_out)
{
    if (name.size > 0 && name.data[name.size - 1] == '.')
        name.size--;
    if (name.size == 0 || name.size > LONGEST_NAME)
        return false;
    size_t label_size = 0;
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.data[i];
        if (byte == '.' && label_size == 0)
            return false;
        label_size = byte == '.' ? 0 : label_size + 1;
        if (label_size > LONGEST_LABEL)
            return false;
        text[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    text[name.size] = '\0';
    *size_out = name.size;
    return label_size > 0;
}

static uint32_t clamp_ttl(enum dns_status status, uint32_t ttl_seconds)
{
    if (status == DNS_TEMPORARY)
        return TROUBLE_TTL_SECONDS;
    if (ttl_seconds < LEAST_TTL_SECONDS)
        return LEAST_TTL_SECONDS;
    return ttl_seconds > MOST_TTL_SECONDS ? MOST_TTL_SECONDS : ttl_seconds;
}

void dns_settle(struct dns *dns, struct dns_entry *entry, enum dns_status status,
                const struct dns_record *records, size_t count, uint32_t ttl_seconds)
{
    if (!dns_cache_store(&dns->cache, entry, records, status == DNS_FOUND ? count : 0))
        status = DNS_TEMPORARY;
    entry->status = status;
    entry->expires_at_milliseconds =
        clock_monotonic_milliseconds() + (int64_t)clamp_ttl(status, ttl_seconds) * 1000;
    entry->is_pending = false;
    dns->pending_count--;
    pthread_cond_broadcast(&entry->settled);
}

/* A new question; NULL when too many are in flight or there is no room. */
static struct dns_entry *begin_question(struct dns *dns, struct slice name, enum dns_type type)
{
    if (dns->pending_count >= LIMIT_DNS_PENDING || dns->source == NULL)
        return NULL;
    struct dns_entry *entry = dns_cache_add(&dns->cache, name, type);
    if (entry == NULL)
        return NULL;
    dns->pending_count++;
    entry->waiting_count++; /* ask() may settle other entries and so make room */
    dns->source->ask(dns->source_state, entry);
    entry->waiting_count--;
    return entry;
}

/* The entry that answers or will answer; NULL when there is none and none may be begun. */
static struct dns_entry *find_or_begin(struct dns *dns, struct slice name, enum dns_type type,
                                       struct deadline deadline)
{
    struct dns_entry *entry = dns_cache_find(&dns->cache, name, type);
    if (entry != NULL && !entry->is_pending && entry->waiting_count == 0 &&
        entry->expires_at_milliseconds <= clock_monotonic_milliseconds()) {
        dns_cache_remove(&dns->cache, entry);
        entry = NULL;
    }
    if (entry != NULL) {
        dns->counts.cache_hits += entry->is_pending ? 0 : 1;
        return entry;
    }
    return deadline_has_passed(deadline) ? NULL : begin_question(dns, name, type);
}

/* True when the entry was settled in time. */
static bool wait_for(struct dns *dns, struct dns_entry *entry, struct deadline deadline)
{
    struct timespec until = {.tv_sec = deadline.at_milliseconds / 1000,
                             .tv_nsec = deadline.at_milliseconds % 1000 * 1000000};
    entry->waiting_count++;
    while (entry->is_pending)
        if (pthread_cond_timedwait(&entry->settled, &dns->lock, &until) != 0)
            break;
    entry->waiting_count--;
    return !entry->is_pending;
}

static void copy_answer(const struct dns_entry *entry, struct arena *arena,
                        struct dns_answer *answer_out)
{
    struct dns_answer answer = {.status = entry->status, .count = entry->count};
    if (entry->count > 0) {
        answer.records = arena_alloc(arena, dns_records_size(entry->records, entry->count));
        if (answer.records == NULL)
            return;
        dns_records_pack(entry->records, entry->count, answer.records);
    }
    *answer_out = answer;
}

void dns_lookup(struct dns *dns, struct slice name, enum dns_type type, struct deadline deadline,
                struct arena *arena, struct dns_answer *answer_out)
{
    *answer_out = (struct dns_answer){.status = DNS_TEMPORARY};
    char text[256];
    size_t size = 0;
    if (!dns_name_normalise(name, text, &size)) {
        answer_out->status = DNS_BAD_NAME;
        return;
    }
    if (dns == NULL)
        return;
    dns_lock(dns);
    dns->counts.lookups++;
    struct dns_entry *entry = find_or_begin(dns, slice_new(text, size), type, deadline);
    if (entry != NULL && wait_for(dns, entry, deadline))
        copy_answer(entry, arena, answer_out);
    dns->counts.temporary += answer_out->status == DNS_TEMPORARY ? 1 : 0;
    dns_unlock(dns);
}
