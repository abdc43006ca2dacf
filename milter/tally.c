#include "milter/tally.h"

#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include <stdatomic.h>

static atomic_int_fast64_t matched; /* messages since tally_write() */

static int count_hits(struct store *store, const struct hit_set *hits, struct error *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    for (size_t i = 0; i < hits->count; i++) {
        const struct hit *hit = &hits->hits[i];
        char name[TALLY_NAME_BYTES];
        struct slice counted = update_count_name(hit->list, name);
        if (store_entry_count(store, counted, hit->entry->id, STORE_ENTRY_HIT, err) != 0) {
            store_rollback(store);
            return -1;
        }
    }
    return store_commit(store, err);
}

int tally_hits(struct store_pool *stores, const struct hit_set *hits, struct error *err)
{
    struct store *store;
    atomic_fetch_add(&matched, 1);
    if (hits->count == 0)
        return 0;
    if (store_pool_take(stores, &store, err) != 0)
        return -1;
    int failed = count_hits(store, hits, err);
    store_pool_give(stores, store, failed == 0);
    return failed;
}

int tally_write(struct store_pool *stores, struct error *err)
{
    struct store *store;
    int64_t count = atomic_exchange(&matched, 0);
    if (count == 0)
        return 0;
    if (store_pool_take(stores, &store, err) != 0) {
        atomic_fetch_add(&matched, count);
        return -1;
    }
    int failed = store_counter_add(store, TALLY_MESSAGES, count, err);
    store_pool_give(stores, store, failed == 0);
    return failed;
}
