#include "common/store/store_name.h"

#include "common/store/statement.h"
#include "common/store/store_member.h"
#include <string.h>

static int put_name(struct store *store, const struct store_name *name, int64_t seen_at,
                    int64_t most, struct error *err)
{
    if (statement_run(store,
                      "INSERT INTO member_name(member_id, digest, seen_at) VALUES(?1, ?2, ?3) "
                      "ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)",
                      BIND(NUMBER(name->member_id), DIGEST(name->digest), NUMBER(seen_at)),
                      err) != 0)
        return -1;
    return statement_run(store,
                         "DELETE FROM member_name WHERE member_id = ?1 AND digest NOT IN "
                         "(SELECT digest FROM member_name WHERE member_id = ?1 "
                         "ORDER BY seen_at DESC, digest LIMIT ?2)",
                         BIND(NUMBER(name->member_id), NUMBER(most)), err);
}

int store_name_put(struct store *store, const struct store_name *name, int64_t seen_at,
                   int64_t most, struct error *err)
{
    bool is_mine;
    if (verb_begin(store, &is_mine, err) != 0)
        return -1;
    return verb_end(store, is_mine, put_name(store, name, seen_at, most, err), err);
}

int store_name_seen(struct store *store, const struct store_name *name, int64_t *seen_at_out,
                    struct error *err)
{
    return statement_number(store,
                            "SELECT seen_at FROM member_name WHERE member_id = ?1 AND digest = ?2",
                            BIND(NUMBER(name->member_id), DIGEST(name->digest)), seen_at_out, err);
}

int store_name_list(struct store *store, struct arena *arena, struct store_name **names_out,
                    size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **names_out);
    if (cursor_open(&cursor, store,
                    "SELECT member_id, digest FROM member_name JOIN member ON id = member_id "
                    "WHERE state = ?1 ORDER BY member_id, digest",
                    BIND(NUMBER(STORE_MEMBER_ON)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_name *name = list_add(&list);
        struct slice digest = cursor_look(&cursor, 1);
        if (name == NULL)
            break;
        if (digest.size != sizeof name->digest)
            return error_set(err, ERROR_SYSTEM, "member_name: a digest of %zu bytes", digest.size);
        name->member_id = cursor_number(&cursor, 0);
        memcpy(name->digest, digest.data, digest.size);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *names_out = rows;
    return 0;
}

int store_name_count(struct store *store, int64_t member_id, int64_t *count_out, struct error *err)
{
    return statement_number(store, "SELECT count(*) FROM member_name WHERE member_id = ?1",
                            BIND(NUMBER(member_id)), count_out, err) < 0
               ? -1
               : 0;
}

int store_name_forget(struct store *store, int64_t member_id, struct error *err)
{
    return statement_run(store, "DELETE FROM member_name WHERE member_id = ?1",
                         BIND(NUMBER(member_id)), err);
}
