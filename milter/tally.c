#include "milter/tally.h"

#include "common/store/store_item.h"

static int count_hits(struct store *store, const struct hit_set *hits, struct error *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    for (size_t i = 0; i < hits->count; i++) {
        const struct hit *hit = &hits->hits[i];
        if (store_entry_count(store, hit->list->name, hit->entry->id, STORE_ENTRY_HIT, err) != 0) {
            store_rollback(store);
            return -1;
        }
    }
    return store_commit(store, err);
}

int tally_hits(struct store_pool *stores, const struct hit_set *hits, struct error *err)
{
    struct store *store;
    if (hits->count == 0)
        return 0;
    if (store_pool_take(stores, &store, err) != 0)
        return -1;
    int failed = count_hits(store, hits, err);
    store_pool_give(stores, store, failed == 0);
    return failed;
}
