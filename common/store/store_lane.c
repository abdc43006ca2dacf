#include "common/store/store_lane.h"

#include "common/store/statement.h"

int store_lane_find(struct store *store, struct store_lane_source *source, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store,
                    "SELECT first_day, last_day FROM lane_source "
                    "WHERE member_id = ?1 AND digest = ?2",
                    BIND(NUMBER(source->member_id), DIGEST(source->digest)), err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found == 1) {
        source->first_day = cursor_number(&cursor, 0);
        source->last_day = cursor_number(&cursor, 1);
    }
    return found;
}

int store_lane_put(struct store *store, const struct store_lane_source *source, struct error *err)
{
    return statement_run(
        store,
        "INSERT INTO lane_source(member_id, digest, first_day, last_day) "
        "VALUES(?1, ?2, ?3, ?3) ON CONFLICT DO UPDATE SET "
        "last_day = max(last_day, excluded.last_day)",
        BIND(NUMBER(source->member_id), DIGEST(source->digest), NUMBER(source->last_day)), err);
}

int store_lane_forget(struct store *store, int64_t member_id, struct error *err)
{
    return statement_run(store, "DELETE FROM lane_source WHERE member_id = ?1",
                         BIND(NUMBER(member_id)), err);
}

int store_lane_age(struct store *store, int64_t before, struct error *err)
{
    return statement_run(store, "DELETE FROM lane_source WHERE last_day < ?1", BIND(NUMBER(before)),
                         err);
}
