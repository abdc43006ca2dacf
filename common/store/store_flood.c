#include "common/store/store_flood.h"

#include "common/store/statement.h"

int store_flood_get(struct store *store, int64_t member_id, struct store_flood *flood_out,
                    struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store,
                    "SELECT usual, usual_at, began_at, last_at, told_at FROM flood "
                    "WHERE member_id = ?1",
                    BIND(NUMBER(member_id)), err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found == 1)
        *flood_out = (struct store_flood){.member_id = member_id,
                                          .usual = cursor_number(&cursor, 0),
                                          .usual_at = cursor_number(&cursor, 1),
                                          .began_at = cursor_number(&cursor, 2),
                                          .last_at = cursor_number(&cursor, 3),
                                          .told_at = cursor_number(&cursor, 4)};
    return found;
}

int store_flood_learn(struct store *store, int64_t member_id, int64_t usual, int64_t usual_at,
                      struct error *err)
{
    return statement_run(store,
                         "INSERT INTO flood(member_id, usual, usual_at, began_at, last_at, told_at)"
                         " VALUES(?1, ?2, ?3, 0, 0, 0) ON CONFLICT DO UPDATE SET "
                         "usual = excluded.usual, usual_at = excluded.usual_at",
                         BIND(NUMBER(member_id), NUMBER(usual), NUMBER(usual_at)), err);
}

int store_flood_begin(struct store *store, int64_t member_id, int64_t now, struct error *err)
{
    int has_begun = statement_change(
        store,
        "INSERT INTO flood(member_id, usual, usual_at, began_at, last_at, told_at)"
        " VALUES(?1, 0, 0, ?2, ?2, 0) ON CONFLICT DO UPDATE SET began_at = ?2, last_at = ?2, "
        "told_at = 0 WHERE began_at = 0",
        BIND(NUMBER(member_id), NUMBER(now)), err);
    if (has_begun != 0)
        return has_begun;
    return store_flood_touch(store, member_id, now, err);
}

int store_flood_touch(struct store *store, int64_t member_id, int64_t now, struct error *err)
{
    return statement_run(store, "UPDATE flood SET last_at = max(last_at, ?2) WHERE member_id = ?1",
                         BIND(NUMBER(member_id), NUMBER(now)), err);
}

int store_flood_tell(struct store *store, int64_t member_id, int64_t now, struct error *err)
{
    return statement_change(store,
                            "UPDATE flood SET told_at = ?2 WHERE member_id = ?1 AND began_at > 0 "
                            "AND told_at = 0",
                            BIND(NUMBER(member_id), NUMBER(now)), err);
}

int store_flood_end(struct store *store, int64_t before, struct error *err)
{
    return statement_run(store,
                         "UPDATE flood SET began_at = 0, told_at = 0 WHERE began_at > 0 AND "
                         "last_at < ?1",
                         BIND(NUMBER(before)), err);
}
