#include "common/store/store_log.h"

#include "common/store/statement.h"

int store_log_add(struct store *store, const struct store_log_line *line, struct error *err)
{
    return statement_run(store,
                         "INSERT INTO log(member_id, at, item_id, actor, action, note) "
                         "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                         BIND(NUMBER(line->member_id), NUMBER(line->at), NUMBER(line->item_id),
                              TEXT(line->actor), TEXT(line->action), TEXT(line->note)),
                         err);
}

int store_log_list(struct store *store, int64_t member_id, int64_t since, struct arena *arena,
                   struct store_log_line **lines_out, size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **lines_out);
    if (cursor_open(&cursor, store,
                    "SELECT at, item_id, actor, action, note FROM log "
                    "WHERE member_id = ?1 AND at >= ?2 ORDER BY at, id",
                    BIND(NUMBER(member_id), NUMBER(since)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_log_line *line = list_add(&list);
        if (line == NULL)
            break;
        *line = (struct store_log_line){.member_id = member_id,
                                        .at = cursor_number(&cursor, 0),
                                        .item_id = cursor_number(&cursor, 1),
                                        .actor = cursor_copy(&cursor, 2, arena),
                                        .action = cursor_copy(&cursor, 3, arena),
                                        .note = cursor_copy(&cursor, 4, arena)};
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *lines_out = rows;
    return 0;
}

int store_counter_add(struct store *store, const char *name, int64_t amount, struct error *err)
{
    return statement_run(store,
                         "INSERT INTO counter(name, count) VALUES(?1, ?2) "
                         "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                         BIND(TEXT(slice_of(name)), NUMBER(amount)), err);
}

int store_counter_list(struct store *store, struct arena *arena, struct store_counter **rows_out,
                       size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **rows_out);
    if (cursor_open(&cursor, store, "SELECT name, count FROM counter ORDER BY name", BIND_NOTHING,
                    err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_counter *counter = list_add(&list);
        if (counter == NULL)
            break;
        counter->name = cursor_copy(&cursor, 0, arena);
        counter->count = cursor_number(&cursor, 1);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *rows_out = rows;
    return 0;
}
