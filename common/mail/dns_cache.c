#include "common/mail/dns_cache.h"

#include "common/base/limits.h"
#include <stdlib.h>
#include <string.h>

/* Power of two; about one entry in a bucket when the cache is full. */
#define BUCKET_COUNT LIMIT_DNS_CACHE_ENTRIES

size_t dns_records_size(const struct dns_record *records, size_t count)
{
    size_t size = count * sizeof *records;
    for (size_t i = 0; i < count; i++)
        size += records[i].text.size;
    return size;
}

void dns_records_pack(const struct dns_record *records, size_t count, void *block)
{
    struct dns_record *packed = block;
    char *text = (char *)block + count * sizeof *records;
    for (size_t i = 0; i < count; i++) {
        packed[i] = records[i];
        packed[i].text = slice_new(text, records[i].text.size);
        if (records[i].text.size > 0)
            memcpy(text, records[i].text.data, records[i].text.size);
        text += records[i].text.size;
    }
}

int dns_cache_open(struct dns_cache *cache)
{
    memset(cache, 0, sizeof *cache);
    cache->buckets = calloc(BUCKET_COUNT, sizeof *cache->buckets);
    if (cache->buckets == NULL || sodium_init() < 0)
        return -1;
    cache->bucket_count = BUCKET_COUNT;
    crypto_shorthash_keygen(cache->key);
    return 0;
}

static struct dns_entry **bucket_of(struct dns_cache *cache, struct slice name)
{
    unsigned char digest[crypto_shorthash_BYTES];
    uint64_t number = 0;
    crypto_shorthash(digest, (const unsigned char *)name.data, name.size, cache->key);
    memcpy(&number, digest, sizeof number);
    return &cache->buckets[number & (cache->bucket_count - 1)];
}

static void unlink_use(struct dns_cache *cache, struct dns_entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct dns_cache *cache, struct dns_entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

struct dns_entry *dns_cache_find(struct dns_cache *cache, struct slice name, enum dns_type type)
{
    struct dns_entry *entry = *bucket_of(cache, name);
    while (entry != NULL &&
           !(entry->type == type && slice_equals(slice_new(entry->name, entry->name_size), name)))
        entry = entry->next_in_bucket;
    if (entry != NULL && entry != cache->newest) {
        unlink_use(cache, entry);
        link_newest(cache, entry);
    }
    return entry;
}

static void free_entry(struct dns_entry *entry)
{
    pthread_cond_destroy(&entry->settled);
    free(entry->records);
    free(entry);
}

void dns_cache_remove(struct dns_cache *cache, struct dns_entry *entry)
{
    struct dns_entry **link = bucket_of(cache, slice_new(entry->name, entry->name_size));
    while (*link != entry)
        link = &(*link)->next_in_bucket;
    *link = entry->next_in_bucket;
    unlink_use(cache, entry);
    cache->entry_count--;
    cache->size_bytes -= entry->size_bytes;
    free_entry(entry);
}

/* Drops what was not used for longest until `size` more bytes fit; false when nothing may go. */
static bool make_room(struct dns_cache *cache, size_t count, size_t size)
{
    struct dns_entry *entry = cache->oldest;
    while (cache->entry_count + count > LIMIT_DNS_CACHE_ENTRIES ||
           cache->size_bytes + size > LIMIT_DNS_CACHE_BYTES) {
        if (entry == NULL)
            return false;
        struct dns_entry *newer = entry->newer;
        if (!entry->is_pending && entry->waiting_count == 0)
            dns_cache_remove(cache, entry);
        entry = newer;
    }
    return true;
}

static bool open_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    bool is_open = pthread_cond_init(condition, &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    return is_open;
}

struct dns_entry *dns_cache_add(struct dns_cache *cache, struct slice name, enum dns_type type)
{
    size_t size = sizeof(struct dns_entry) + name.size + 1;
    if (!make_room(cache, 1, size))
        return NULL;
    struct dns_entry *entry = calloc(1, size);
    if (entry == NULL)
        return NULL;
    if (!open_condition(&entry->settled)) {
        free(entry);
        return NULL;
    }
    entry->is_pending = true;
    entry->type = type;
    entry->status = DNS_TEMPORARY;
    entry->size_bytes = size;
    entry->name_size = name.size;
    memcpy(entry->name, name.data, name.size);
    struct dns_entry **bucket = bucket_of(cache, name);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    link_newest(cache, entry);
    cache->entry_count++;
    cache->size_bytes += size;
    return entry;
}

bool dns_cache_store(struct dns_cache *cache, struct dns_entry *entry,
                     const struct dns_record *records, size_t count)
{
    size_t size = dns_records_size(records, count);
    void *block = NULL;
    if (count > 0) {
        if (!make_room(cache, 0, size) || (block = malloc(size)) == NULL)
            return false;
        dns_records_pack(records, count, block);
    }
    entry->records = block;
    entry->count = count;
    entry->size_bytes += size;
    cache->size_bytes += size;
    return true;
}

void dns_cache_close(struct dns_cache *cache)
{
    for (struct dns_entry *entry = cache->oldest; entry != NULL;) {
        struct dns_entry *newer = entry->newer;
        free_entry(entry);
        entry = newer;
    }
    free(cache->buckets);
}
