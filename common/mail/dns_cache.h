/*
 * dns_cache: what was asked and what was answered, bounded in count and bytes; the answer that was
 * not used for longest goes first. Not safe for threads: struct dns holds its lock around it.
 *
 * An entry that is pending or has waiting threads is never dropped. The table is keyed with a
 * random key, since strangers choose the names.
 */
#ifndef ZAGUAN_MAIL_DNS_CACHE_H
#define ZAGUAN_MAIL_DNS_CACHE_H

#include "common/mail/dns.h"
#include <pthread.h>
#include <sodium.h>

struct dns_entry {
    struct dns_entry *next_in_bucket;
    struct dns_entry *newer, *older; /* by last use */
    bool is_pending;
    unsigned waiting_count;
    pthread_cond_t settled;
    int64_t expires_at_milliseconds; /* monotonic */
    enum dns_type type;
    enum dns_status status;
    struct dns_record *records; /* one block with their texts, as dns_records_pack() makes it */
    size_t count;
    size_t size_bytes;
    size_t name_size;
    char name[]; /* lower case, no final dot, NUL-terminated */
};

struct dns_cache {
    struct dns_entry **buckets;
    size_t bucket_count, entry_count, size_bytes;
    struct dns_entry *newest, *oldest;
    unsigned char key[crypto_shorthash_KEYBYTES];
};

int dns_cache_open(struct dns_cache *cache); /* -1: no memory */
void dns_cache_close(struct dns_cache *cache);
struct dns_entry *dns_cache_find(struct dns_cache *cache, struct slice name, enum dns_type type);
/* A pending entry; NULL when there is no room or memory. */
struct dns_entry *dns_cache_add(struct dns_cache *cache, struct slice name, enum dns_type type);
void dns_cache_remove(struct dns_cache *cache, struct dns_entry *entry);
/* Copies the records in; false for lack of memory, then the entry stays as it is. */
bool dns_cache_store(struct dns_cache *cache, struct dns_entry *entry,
                     const struct dns_record *records, size_t count);

/* Records and their texts as one block of memory. */
size_t dns_records_size(const struct dns_record *records, size_t count);
void dns_records_pack(const struct dns_record *records, size_t count, void *block);

#endif
