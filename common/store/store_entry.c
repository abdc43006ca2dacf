#include "common/store/statement.h"
#include "common/store/store_item.h"

int store_entry_count(struct store *store, struct slice list, struct slice entry,
                      enum store_entry_event event, struct error *err)
{
    return statement_run(store,
                         "INSERT INTO entry_count(list, entry, hits, held, released, wrong) "
                         "VALUES(?1, ?2, ?3 = 0, ?3 = 1, ?3 = 2, ?3 = 3) "
                         "ON CONFLICT DO UPDATE SET hits = hits + excluded.hits, "
                         "held = held + excluded.held, released = released + excluded.released, "
                         "wrong = wrong + excluded.wrong",
                         BIND(TEXT(list), TEXT(entry), NUMBER(event)), err);
}

int store_entry_forget(struct store *store, struct slice list, struct error *err)
{
    return statement_run(store, "DELETE FROM entry_count WHERE list = ?1", BIND(TEXT(list)), err);
}

int store_entry_list(struct store *store, struct arena *arena, struct store_entry_counts **rows_out,
                     size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **rows_out);
    if (cursor_open(&cursor, store,
                    "SELECT list, entry, hits, held, released, wrong FROM entry_count "
                    "ORDER BY list, entry",
                    BIND_NOTHING, err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_entry_counts *row = list_add(&list);
        if (row == NULL)
            break;
        *row = (struct store_entry_counts){.list = cursor_copy(&cursor, 0, arena),
                                           .entry = cursor_copy(&cursor, 1, arena),
                                           .hits = cursor_number(&cursor, 2),
                                           .held = cursor_number(&cursor, 3),
                                           .released = cursor_number(&cursor, 4),
                                           .wrong = cursor_number(&cursor, 5)};
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *rows_out = rows;
    return 0;
}
