#include "common/store/store_likeness.h"

#include "common/store/statement.h"

int store_likeness_put(struct store *store, const struct store_likeness *likeness,
                       struct error *err)
{
    return statement_run(store,
                         "INSERT INTO likeness(member_id, kind, value, sender, created_at) "
                         "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
                         "created_at = max(created_at, excluded.created_at)",
                         BIND(NUMBER(likeness->member_id), NUMBER(likeness->kind),
                              BYTES(likeness->value), DIGEST(likeness->sender),
                              NUMBER(likeness->created_at)),
                         err);
}

int store_likeness_forget(struct store *store, int64_t member_id,
                          const unsigned char sender[KEYED_DIGEST_BYTES], struct error *err)
{
    return statement_run(
        store, "DELETE FROM likeness WHERE member_id = ?1 AND kind > ?2 AND sender = ?3",
        BIND(NUMBER(member_id), NUMBER(STORE_LIKENESS_EXCUSED), DIGEST(sender)), err);
}

int store_likeness_blame(struct store *store, int64_t member_id,
                         const unsigned char sender[KEYED_DIGEST_BYTES], struct error *err)
{
    return statement_run(
        store, "DELETE FROM likeness WHERE member_id = ?1 AND kind = ?2 AND sender = ?3",
        BIND(NUMBER(member_id), NUMBER(STORE_LIKENESS_EXCUSED), DIGEST(sender)), err);
}

int store_likeness_any(struct store *store, int64_t member_id, struct error *err)
{
    int64_t kind;
    return statement_number(store,
                            "SELECT kind FROM likeness WHERE member_id = ?1 AND kind > ?2 LIMIT 1",
                            BIND(NUMBER(member_id), NUMBER(STORE_LIKENESS_EXCUSED)), &kind, err);
}

int store_likeness_find(struct store *store, int64_t member_id, enum store_likeness_kind kind,
                        struct slice value, struct error *err)
{
    int64_t created_at;
    return statement_number(store,
                            "SELECT created_at FROM likeness WHERE member_id = ?1 AND kind = ?2 "
                            "AND value = ?3 LIMIT 1",
                            BIND(NUMBER(member_id), NUMBER(kind), BYTES(value)), &created_at, err);
}

int store_likeness_list(struct store *store, int64_t member_id, enum store_likeness_kind kind,
                        struct arena *arena, struct slice **values_out, size_t *count_out,
                        struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **values_out);
    if (cursor_open(&cursor, store, "SELECT value FROM likeness WHERE member_id = ?1 AND kind = ?2",
                    BIND(NUMBER(member_id), NUMBER(kind)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct slice *value = list_add(&list);
        if (value == NULL)
            break;
        *value = cursor_copy(&cursor, 0, arena);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *values_out = rows;
    return 0;
}

int store_likeness_count(struct store *store, int64_t member_id, int64_t *count_out,
                         struct error *err)
{
    return statement_number(
               store, "SELECT count(*) FROM likeness WHERE member_id = ?1 AND kind > ?2",
               BIND(NUMBER(member_id), NUMBER(STORE_LIKENESS_EXCUSED)), count_out, err) < 0
               ? -1
               : 0;
}

int store_likeness_forget_all(struct store *store, int64_t member_id, struct error *err)
{
    return statement_run(store, "DELETE FROM likeness WHERE member_id = ?1 AND kind <> ?2",
                         BIND(NUMBER(member_id), NUMBER(STORE_LIKENESS_EXCUSED)), err);
}

int store_likeness_keep(struct store *store, int64_t member_id, enum store_likeness_kind kind,
                        int64_t most, struct error *err)
{
    return statement_run(
        store,
        "DELETE FROM likeness WHERE member_id = ?1 AND kind = ?2 AND (value, sender) IN "
        "(SELECT value, sender FROM likeness WHERE member_id = ?1 AND kind = ?2 "
        "ORDER BY created_at DESC, value, sender LIMIT -1 OFFSET ?3)",
        BIND(NUMBER(member_id), NUMBER(kind), NUMBER(most)), err);
}

int store_likeness_age(struct store *store, int64_t before, struct error *err)
{
    return statement_run(store, "DELETE FROM likeness WHERE created_at < ?1", BIND(NUMBER(before)),
                         err);
}
