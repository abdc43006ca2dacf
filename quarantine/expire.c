#include "quarantine/expire.h"

#include "common/base/limits.h"
#include "common/store/store_log.h"

#define DAY ((int64_t)24 * 60 * 60)
#define RELEASED_DAYS 7 /* that a released item is known, so that a second answer is told so */
#define UNDONE_DAYS 7   /* that an item waits at least after its deletion was undone */
#define DIGESTS_NEEDED 2
#define ITEM_BYTES ((size_t)4 * 1024 * 1024)
#define LISTING_BYTES (256 * MIB) /* a bound; a row takes about a kilobyte */
#define RUN_MOST_ITEMS 1000

static const unsigned waiting =
    STORE_ITEM_BIT(STORE_ITEM_HELD) | STORE_ITEM_BIT(STORE_ITEM_REFUSED);

int delete_request(struct store *store, int64_t item_id, int64_t now, int64_t undo_seconds,
                   struct error *err)
{
    return store_item_move(store, item_id, waiting, STORE_ITEM_DELETED, now, now + undo_seconds,
                           err);
}

int delete_undo(struct store *store, int64_t item_id, int64_t now, struct error *err)
{
    struct store_item item;
    ARENA_CLEANUP *arena = arena_new(ITEM_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int found = store_item_get(store, item_id, arena, &item, err);
    if (found != 1)
        return found;
    if (item.state != STORE_ITEM_DELETED || item.undo_until <= now)
        return 0;
    int moved = store_item_move(store, item_id, STORE_ITEM_BIT(STORE_ITEM_DELETED), STORE_ITEM_HELD,
                                now, 0, err);
    if (moved != 1)
        return moved;
    return store_item_extend(store, item_id, now + UNDONE_DAYS * DAY, err);
}

int keep_item(struct store *store, int64_t item_id, bool is_pinned, struct error *err)
{
    struct store_item item;
    ARENA_CLEANUP *arena = arena_new(ITEM_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int found = store_item_get(store, item_id, arena, &item, err);
    if (found != 1)
        return found;
    if ((STORE_ITEM_BIT(item.state) & waiting) == 0)
        return 0;
    return store_item_pin(store, item_id, is_pinned, err);
}

int expire_by_age_alone(struct store *store, int64_t member_id, struct error *err)
{
    return store_item_told(store, member_id, DIGESTS_NEEDED, err);
}

static int expire_item(struct store *store, const struct store_item *item, int64_t now,
                       bool should_deliver, struct expire_counts *counts, struct error *err)
{
    int moved = should_deliver
                    ? store_item_deliver_tagged(store, item->id, now, err)
                    : store_item_move(store, item->id, waiting, STORE_ITEM_EXPIRED, now, now, err);
    if (moved < 0)
        return -1;
    counts->delivered += moved == 1 && should_deliver;
    counts->expired += moved == 1 && !should_deliver;
    return 0;
}

static int expire_due(struct store *store, int64_t now,
                      bool (*should_deliver)(void *context, int64_t member_id), void *context,
                      struct expire_counts *counts, struct error *err)
{
    const struct store_item_filter due = {.states = waiting,
                                          .expires_before = now + 1,
                                          .only_unpinned = true,
                                          .digests_at_least = DIGESTS_NEEDED,
                                          .limit = RUN_MOST_ITEMS};
    struct store_item *items;
    size_t count;
    ARENA_CLEANUP *arena = arena_new(LISTING_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (store_item_list(store, &due, arena, &items, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (expire_item(store, &items[i], now, should_deliver(context, items[i].member_id), counts,
                        err) != 0)
            return -1;
    return 0;
}

int expire_run(struct store *store, int64_t now,
               bool (*should_deliver)(void *context, int64_t member_id), void *context,
               struct expire_counts *counts_out, struct error *err)
{
    struct expire_counts counts = {0};
    int64_t gone = 0;
    if (expire_due(store, now, should_deliver, context, &counts, err) != 0 ||
        store_item_sweep(store, now, now - RELEASED_DAYS * DAY, &gone, err) != 0)
        return -1;
    if (counts.expired > 0 && store_counter_add(store, "expired", counts.expired, err) != 0)
        return -1;
    counts.gone = (int)gone;
    *counts_out = counts;
    return 0;
}
