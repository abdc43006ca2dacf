#include "common/store/statement.h"

#include <stdio.h>
#include <string.h>

/* Every literal has its slot: a hit is one comparison. */
static struct prepared *find_slot(struct store *store, const char *sql)
{
    size_t start = ((uintptr_t)sql >> 3) & (STATEMENT_SLOTS - 1);
    for (size_t i = 0; i < STATEMENT_SLOTS; i++) {
        struct prepared *slot = &store->prepared[(start + i) & (STATEMENT_SLOTS - 1)];
        if (slot->sql == sql || slot->sql == NULL)
            return slot;
    }
    return NULL;
}

static int find_statement(struct store *store, const char *sql, sqlite3_stmt **statement_out,
                          struct error *err)
{
    struct prepared *slot = find_slot(store, sql);
    if (slot == NULL)
        return error_set(err, ERROR_BUG, "%s: more statements than slots", store->path);
    if (slot->sql == NULL) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &statement, NULL);
        if (code != SQLITE_OK)
            return store_error(store, code, err);
        *slot = (struct prepared){sql, statement};
    }
    *statement_out = slot->statement;
    return 0;
}

/* SQLITE_STATIC: what is bound lives until the statement is reset, in the same verb. */
static int bind_value(sqlite3_stmt *statement, int index, const struct value *value)
{
    const char *bytes = value->bytes.data == NULL ? "" : value->bytes.data;
    switch (value->kind) {
    case VALUE_NUMBER:
        return sqlite3_bind_int64(statement, index, value->number);
    case VALUE_TEXT:
        return sqlite3_bind_text64(statement, index, bytes, value->bytes.size, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(statement, index, bytes, value->bytes.size, SQLITE_STATIC);
    case VALUE_NULL:
        return sqlite3_bind_null(statement, index);
    }
    return SQLITE_MISUSE;
}

int cursor_open(struct cursor *cursor, struct store *store, const char *sql,
                struct bindings bindings, struct error *err)
{
    /* A full disk makes SQLite roll back by itself: what follows must not be committed alone. */
    if (store->is_in_transaction && sqlite3_get_autocommit(store->database))
        return error_set(err, ERROR_SYSTEM, "%s: the transaction was rolled back", store->path);
    sqlite3_stmt *statement = NULL;
    if (find_statement(store, sql, &statement, err) != 0)
        return -1;
    *cursor = (struct cursor){store, statement};
    for (int i = 0; i < bindings.count; i++) {
        int code = bind_value(statement, i + 1, &bindings.values[i]);
        if (code != SQLITE_OK)
            return store_error(store, code, err);
    }
    return 0;
}

int cursor_next(struct cursor *cursor, struct error *err)
{
    int code = sqlite3_step(cursor->statement);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    return store_error(cursor->store, code, err);
}

int64_t cursor_number(const struct cursor *cursor, int column)
{
    return sqlite3_column_int64(cursor->statement, column);
}

struct slice cursor_look(const struct cursor *cursor, int column)
{
    const char *bytes = sqlite3_column_blob(cursor->statement, column);
    int size = sqlite3_column_bytes(cursor->statement, column);
    return slice_new(bytes, bytes == NULL ? 0 : (size_t)size);
}

struct slice cursor_copy(const struct cursor *cursor, int column, struct arena *arena)
{
    return arena_copy(arena, cursor_look(cursor, column));
}

void cursor_close(struct cursor *cursor)
{
    if (cursor->statement == NULL)
        return;
    sqlite3_reset(cursor->statement);
    sqlite3_clear_bindings(cursor->statement);
    cursor->statement = NULL;
}

int statement_run(struct store *store, const char *sql, struct bindings bindings, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, sql, bindings, err) != 0)
        return -1;
    int more = 1;
    while (more == 1)
        more = cursor_next(&cursor, err);
    return more;
}

int statement_change(struct store *store, const char *sql, struct bindings bindings,
                     struct error *err)
{
    if (statement_run(store, sql, bindings, err) != 0)
        return -1;
    return sqlite3_changes64(store->database) > 0 ? 1 : 0;
}

int statement_number(struct store *store, const char *sql, struct bindings bindings,
                     int64_t *number_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, sql, bindings, err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found == 1)
        *number_out = cursor_number(&cursor, 0);
    return found;
}

int64_t statement_last_id(const struct store *store)
{
    return sqlite3_last_insert_rowid(store->database);
}

int verb_begin(struct store *store, bool *is_mine_out, struct error *err)
{
    *is_mine_out = !store->is_in_transaction;
    return *is_mine_out ? store_begin(store, err) : 0;
}

int verb_end(struct store *store, bool is_mine, int failed, struct error *err)
{
    if (!is_mine)
        return failed < 0 ? -1 : 0;
    if (failed >= 0)
        return store_commit(store, err);
    store_rollback(store);
    return -1;
}

struct list list_new(struct arena *arena, size_t row_size)
{
    return (struct list){.arena = arena, .row_size = row_size};
}

void *list_add(struct list *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        char *rows = arena_alloc_array(list->arena, capacity, list->row_size);
        if (rows == NULL)
            return NULL;
        if (list->count > 0)
            memcpy(rows, list->rows, list->count * list->row_size);
        list->rows = rows;
        list->capacity = capacity;
    }
    return list->rows + list->row_size * list->count++;
}

int list_end(const struct list *list, size_t *count_out, void **rows_out, struct error *err)
{
    if (arena_is_exhausted(list->arena))
        return arena_error(list->arena, err);
    *count_out = list->count;
    *rows_out = list->rows;
    return 0;
}
