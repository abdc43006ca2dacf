#include "common/store/store_item.h"

#include "common/store/statement.h"

#define ITEM_COLUMNS                                                                               \
    "id, member_id, message_id, state, is_pinned, is_split, wants_tag, category, severity, "       \
    "size_bytes, held_at, expires_at, changed_at, undo_until, arrivals, digest_count, try_count, " \
    "next_try_at, sealed_reasons"

/* Parameters 2 to 11 are the same in every listing. */
#define FILTER                                                                                     \
    " (?2 = 0 OR (1 << state) & ?2) AND (?3 = 0 OR held_at >= ?3) AND (?4 = 0 OR held_at < ?4)"    \
    " AND (?5 = 0 OR expires_at < ?5) AND (?6 = 0 OR next_try_at < ?6)"                            \
    " AND (?7 = 0 OR is_pinned) AND (?8 = 0 OR NOT is_pinned) AND (?9 = 0 OR NOT is_split)"        \
    " AND digest_count >= ?11 ORDER BY held_at, id LIMIT ?10"

static int count_arrival(struct store *store, struct store_item *item, struct error *err)
{
    int64_t id;
    int found = statement_number(
        store,
        /* CROSS JOIN keeps the order: the few messages of this identity, then her item of them. The
         * other way round reads all she holds, and a flood would cost its square. */
        "UPDATE item SET arrivals = arrivals + 1 WHERE id = (SELECT twin.id FROM message "
        "CROSS JOIN item AS twin ON twin.message_id = message.id WHERE message.identity = "
        "(SELECT identity FROM message WHERE id = ?2) AND twin.member_id = ?1 "
        "AND (+twin.state IN (1, 2) OR (?3 AND twin.is_split AND +twin.state = 3 "
        "AND twin.changed_at >= ?4)) LIMIT 1) RETURNING id",
        BIND(NUMBER(item->member_id), NUMBER(item->message_id), NUMBER(item->is_split),
             NUMBER(item->held_at - STORE_SPLIT_RETRY_SECONDS)),
        &id, err);
    if (found == 1)
        item->id = id;
    return found;
}

int store_item_put(struct store *store, struct store_item *item, bool *is_new_out,
                   struct error *err)
{
    int found = count_arrival(store, item, err);
    if (found < 0)
        return -1;
    *is_new_out = found == 0;
    if (found == 1)
        return 0;
    int failed = statement_run(
        store,
        "INSERT INTO item(member_id, message_id, state, is_pinned, is_split, wants_tag, category, "
        "severity, size_bytes, held_at, expires_at, changed_at, undo_until, arrivals, "
        "digest_count, try_count, next_try_at, sealed_reasons) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
        "?8, ?9, ?10, ?11, ?10, 0, 1, 0, 0, ?10, ?12)",
        BIND(NUMBER(item->member_id), NUMBER(item->message_id), NUMBER(item->state),
             NUMBER(item->is_pinned), NUMBER(item->is_split), NUMBER(item->wants_tag),
             TEXT(item->category), NUMBER(item->severity), NUMBER(item->size_bytes),
             NUMBER(item->held_at), NUMBER(item->expires_at), BYTES(item->sealed_reasons)),
        err);
    if (failed == 0)
        item->id = statement_last_id(store);
    return failed;
}

static void read_item(const struct cursor *cursor, struct arena *arena, struct store_item *item)
{
    *item = (struct store_item){.id = cursor_number(cursor, 0),
                                .member_id = cursor_number(cursor, 1),
                                .message_id = cursor_number(cursor, 2),
                                .state = (enum store_item_state)cursor_number(cursor, 3),
                                .is_pinned = cursor_number(cursor, 4) != 0,
                                .is_split = cursor_number(cursor, 5) != 0,
                                .wants_tag = cursor_number(cursor, 6) != 0,
                                .category = cursor_copy(cursor, 7, arena),
                                .severity = (int)cursor_number(cursor, 8),
                                .size_bytes = cursor_number(cursor, 9),
                                .held_at = cursor_number(cursor, 10),
                                .expires_at = cursor_number(cursor, 11),
                                .changed_at = cursor_number(cursor, 12),
                                .undo_until = cursor_number(cursor, 13),
                                .arrivals = cursor_number(cursor, 14),
                                .digest_count = cursor_number(cursor, 15),
                                .try_count = cursor_number(cursor, 16),
                                .next_try_at = cursor_number(cursor, 17),
                                .sealed_reasons = cursor_copy(cursor, 18, arena)};
}

int store_item_get(struct store *store, int64_t item_id, struct arena *arena,
                   struct store_item *item_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, "SELECT " ITEM_COLUMNS " FROM item WHERE id = ?1",
                    BIND(NUMBER(item_id)), err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found != 1)
        return found;
    struct store_item item;
    read_item(&cursor, arena, &item);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *item_out = item;
    return 1;
}

/* The column that an index serves stands in front. */
static const char *listing_sql(const struct store_item_filter *filter)
{
    if (filter->member_id != 0)
        return "SELECT " ITEM_COLUMNS " FROM item WHERE member_id = ?1 AND" FILTER;
    if (filter->states == STORE_ITEM_BIT(STORE_ITEM_RELEASING))
        return "SELECT " ITEM_COLUMNS " FROM item WHERE ?1 = 0 AND state = 2 AND" FILTER;
    return "SELECT " ITEM_COLUMNS " FROM item WHERE ?1 = 0 AND" FILTER;
}

int store_item_list(struct store *store, const struct store_item_filter *filter,
                    struct arena *arena, struct store_item **items_out, size_t *count_out,
                    struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **items_out);
    if (cursor_open(
            &cursor, store, listing_sql(filter),
            BIND(NUMBER(filter->member_id), NUMBER(filter->states), NUMBER(filter->held_since),
                 NUMBER(filter->held_before), NUMBER(filter->expires_before),
                 NUMBER(filter->next_try_before), NUMBER(filter->only_pinned),
                 NUMBER(filter->only_unpinned), NUMBER(filter->without_split),
                 NUMBER(filter->limit == 0 ? -1 : filter->limit), NUMBER(filter->digests_at_least)),
            err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_item *item = list_add(&list);
        if (item == NULL)
            break;
        read_item(&cursor, arena, item);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *items_out = rows;
    return 0;
}

int store_item_move(struct store *store, int64_t item_id, unsigned from_states,
                    enum store_item_state to, int64_t now, int64_t undo_until, struct error *err)
{
    return statement_change(
        store,
        "UPDATE item SET state = ?3, changed_at = ?4, undo_until = ?5, wants_tag = 0,"
        " is_split = is_split AND ?3 <> 6,"
        " try_count = iif(?3 = 2, 0, try_count), next_try_at = iif(?3 = 2, ?4, next_try_at) "
        "WHERE id = ?1 AND (1 << state) & ?2 AND NOT (?3 = 5 AND is_pinned)",
        BIND(NUMBER(item_id), NUMBER(from_states), NUMBER(to), NUMBER(now), NUMBER(undo_until)),
        err);
}

int store_item_deliver_tagged(struct store *store, int64_t item_id, int64_t now, struct error *err)
{
    return statement_change(store,
                            "UPDATE item SET state = 2, changed_at = ?2, wants_tag = 1, "
                            "try_count = 0, next_try_at = ?2 WHERE id = ?1 AND state IN (1, 6) "
                            "AND NOT is_pinned",
                            BIND(NUMBER(item_id), NUMBER(now)), err);
}

int store_item_pin(struct store *store, int64_t item_id, bool is_pinned, struct error *err)
{
    return statement_change(store, "UPDATE item SET is_pinned = ?2 WHERE id = ?1",
                            BIND(NUMBER(item_id), NUMBER(is_pinned)), err);
}

int store_item_extend(struct store *store, int64_t item_id, int64_t expires_at, struct error *err)
{
    return statement_change(store, "UPDATE item SET expires_at = max(expires_at, ?2) WHERE id = ?1",
                            BIND(NUMBER(item_id), NUMBER(expires_at)), err);
}

int store_item_told(struct store *store, int64_t member_id, int64_t digests, struct error *err)
{
    return statement_run(
        store, "UPDATE item SET digest_count = max(digest_count, ?2) WHERE member_id = ?1",
        BIND(NUMBER(member_id), NUMBER(digests)), err);
}

int store_item_postpone(struct store *store, int64_t item_id, int64_t next_try_at,
                        struct error *err)
{
    return statement_run(
        store, "UPDATE item SET try_count = try_count + 1, next_try_at = ?2 WHERE id = ?1",
        BIND(NUMBER(item_id), NUMBER(next_try_at)), err);
}

static int sweep(struct store *store, int64_t now, int64_t released_before, int64_t *gone_out,
                 struct error *err)
{
    if (statement_run(store,
                      "DELETE FROM item WHERE (state IN (4, 5) AND undo_until <= ?1) "
                      "OR (state = 3 AND changed_at < ?2)",
                      BIND(NUMBER(now), NUMBER(released_before)), err) != 0)
        return -1;
    *gone_out = sqlite3_changes64(store->database);
    if (*gone_out == 0)
        return 0;
    return statement_run(store,
                         "DELETE FROM message WHERE id IN (SELECT id FROM message INDEXED BY "
                         "message_identity WHERE NOT EXISTS "
                         "(SELECT 1 FROM item WHERE message_id = message.id))",
                         BIND_NOTHING, err);
}

int store_item_sweep(struct store *store, int64_t now, int64_t released_before, int64_t *gone_out,
                     struct error *err)
{
    bool is_mine;
    int64_t gone = 0;
    if (verb_begin(store, &is_mine, err) != 0)
        return -1;
    if (verb_end(store, is_mine, sweep(store, now, released_before, &gone, err), err) != 0)
        return -1;
    if (gone > 0)
        store_purge_log(store);
    *gone_out = gone;
    return 0;
}
