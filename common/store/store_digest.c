#include "common/store/statement.h"
#include "common/store/store_mail.h"

static int put_digest(struct store *store, int64_t member_id, int64_t created_at,
                      const int64_t *item_ids, size_t count, int64_t *digest_id_out,
                      struct error *err)
{
    if (statement_run(store,
                      "INSERT INTO digest(member_id, created_at, accepted_at, item_count) "
                      "VALUES(?1, ?2, 0, ?3)",
                      BIND(NUMBER(member_id), NUMBER(created_at), NUMBER((int64_t)count)),
                      err) != 0)
        return -1;
    int64_t digest_id = statement_last_id(store);
    for (size_t i = 0; i < count; i++)
        if (statement_run(
                store, "INSERT INTO digest_item(digest_id, code, item_id) VALUES(?1, ?2, ?3)",
                BIND(NUMBER(digest_id), NUMBER((int64_t)i + 1), NUMBER(item_ids[i])), err) != 0)
            return -1;
    *digest_id_out = digest_id;
    return 0;
}

int store_digest_put(struct store *store, int64_t member_id, int64_t created_at,
                     const int64_t *item_ids, size_t count, int64_t *digest_id_out,
                     struct error *err)
{
    bool is_mine;
    int64_t digest_id = 0;
    if (verb_begin(store, &is_mine, err) != 0)
        return -1;
    int failed = put_digest(store, member_id, created_at, item_ids, count, &digest_id, err);
    if (verb_end(store, is_mine, failed, err) != 0)
        return -1;
    *digest_id_out = digest_id;
    return 0;
}

int store_digest_item(struct store *store, int64_t digest_id, int64_t code, int64_t *item_id_out,
                      struct error *err)
{
    return statement_number(store,
                            "SELECT item_id FROM digest_item WHERE digest_id = ?1 AND code = ?2",
                            BIND(NUMBER(digest_id), NUMBER(code)), item_id_out, err);
}

/* As it was sent: items that are gone since keep their codes free. */
int store_digest_size(struct store *store, int64_t digest_id, int64_t *count_out, struct error *err)
{
    int found = statement_number(store, "SELECT item_count FROM digest WHERE id = ?1",
                                 BIND(NUMBER(digest_id)), count_out, err);
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "no digest %lld", (long long)digest_id);
    return found < 0 ? -1 : 0;
}

int store_digest_lane_put(struct store *store, int64_t digest_id, int64_t code,
                          const int64_t *item_ids, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (statement_run(store,
                          "INSERT INTO digest_lane(digest_id, code, item_id) VALUES(?1, ?2, ?3)",
                          BIND(NUMBER(digest_id), NUMBER(code), NUMBER(item_ids[i])), err) != 0)
            return -1;
    return 0;
}

int store_digest_lane(struct store *store, int64_t digest_id, int64_t code, struct arena *arena,
                      int64_t **item_ids_out, size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **item_ids_out);
    if (cursor_open(&cursor, store,
                    "SELECT item_id FROM digest_lane WHERE digest_id = ?1 AND code = ?2 "
                    "ORDER BY item_id",
                    BIND(NUMBER(digest_id), NUMBER(code)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        int64_t *item_id = list_add(&list);
        if (item_id == NULL)
            break;
        *item_id = cursor_number(&cursor, 0);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *item_ids_out = rows;
    return 0;
}

int store_digest_lane_code(struct store *store, int64_t digest_id, int64_t *code_out,
                           struct error *err)
{
    return statement_number(
        store, "SELECT code FROM digest_lane WHERE digest_id = ?1 ORDER BY code LIMIT 1",
        BIND(NUMBER(digest_id)), code_out, err);
}

static int accept_digest(struct store *store, int64_t digest_id, int64_t now, struct error *err)
{
    int is_first = statement_change(
        store, "UPDATE digest SET accepted_at = ?2 WHERE id = ?1 AND accepted_at = 0",
        BIND(NUMBER(digest_id), NUMBER(now)), err);
    if (is_first != 1)
        return is_first;
    if (statement_run(store,
                      "UPDATE item SET digest_count = digest_count + 1 WHERE id IN "
                      "(SELECT item_id FROM digest_item WHERE digest_id = ?1 UNION "
                      "SELECT item_id FROM digest_lane WHERE digest_id = ?1)",
                      BIND(NUMBER(digest_id)), err) != 0)
        return -1;
    return statement_run(store,
                         "UPDATE member SET last_digest_at = ?2 WHERE id = "
                         "(SELECT member_id FROM digest WHERE id = ?1)",
                         BIND(NUMBER(digest_id), NUMBER(now)), err);
}

int store_digest_accepted(struct store *store, int64_t digest_id, int64_t now, struct error *err)
{
    bool is_mine;
    if (verb_begin(store, &is_mine, err) != 0)
        return -1;
    return verb_end(store, is_mine, accept_digest(store, digest_id, now, err), err);
}

int store_reveal_get(struct store *store, int64_t item_id, int *level_out, struct error *err)
{
    int64_t level = 0;
    if (statement_number(store, "SELECT level FROM reveal WHERE item_id = ?1",
                         BIND(NUMBER(item_id)), &level, err) < 0)
        return -1;
    *level_out = (int)level;
    return 0;
}

int store_reveal_put(struct store *store, int64_t item_id, int level, struct error *err)
{
    return statement_run(store,
                         "INSERT INTO reveal(item_id, level) VALUES(?1, ?2) "
                         "ON CONFLICT DO UPDATE SET level = excluded.level",
                         BIND(NUMBER(item_id), NUMBER(level)), err);
}
