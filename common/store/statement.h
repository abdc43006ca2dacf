/*
 * statement: what the verbs of the store are written with; private to common/store. SQL is a string
 * literal: its address is the key under which the connection keeps the prepared statement.
 *
 *     return statement_run(store, "DELETE FROM token WHERE expires_at < ?1", BIND(NUMBER(now)),
 * err);
 *
 * A cursor is reset by its cleanup, so that no read transaction stays open. One statement is never
 * in use twice at a time: verbs copy what they read and do not call each other while they read.
 */
#ifndef ZAGUAN_STORE_STATEMENT_H
#define ZAGUAN_STORE_STATEMENT_H

#include "common/store/store.h"
#include <sqlite3.h>
#include <sys/types.h>

#define STATEMENT_SLOTS 256 /* a power of two, twice the number of statements and more */

struct prepared {
    const char *sql;
    sqlite3_stmt *statement;
};

struct store {
    sqlite3 *database;
    char *path;
    dev_t device; /* of the file that was opened: see store_message_check() */
    ino_t inode;
    bool is_in_transaction; /* opened by store_begin(); SQLite may have rolled it back since */
    struct prepared prepared[STATEMENT_SLOTS];
};

enum value_kind { VALUE_NUMBER, VALUE_TEXT, VALUE_BYTES, VALUE_NULL };

struct value {
    enum value_kind kind;
    int64_t number;
    struct slice bytes;
};

#define NUMBER(n) ((struct value){VALUE_NUMBER, (n), {NULL, 0}})
#define TEXT(s) ((struct value){VALUE_TEXT, 0, (s)})
#define BYTES(s) ((struct value){VALUE_BYTES, 0, (s)})
#define DIGEST(d) BYTES(slice_new((const char *)(d), KEYED_DIGEST_BYTES))
/* A reference that may be missing: 0 is NULL in the table. */
#define REFERENCE(n) ((struct value){(n) == 0 ? VALUE_NULL : VALUE_NUMBER, (n), {NULL, 0}})

struct bindings {
    const struct value *values;
    int count;
};

#define BIND(...)                                                                                  \
    ((struct bindings){(const struct value[]){__VA_ARGS__},                                        \
                       (int)(sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value))})
#define BIND_NOTHING ((struct bindings){NULL, 0})

struct cursor {
    struct store *store;
    sqlite3_stmt *statement;
};

#define CURSOR_CLEANUP __attribute__((cleanup(cursor_close))) struct cursor

int cursor_open(struct cursor *cursor, struct store *store, const char *sql,
                struct bindings bindings, struct error *err) MUST_CHECK;
int cursor_next(struct cursor *cursor, struct error *err) MUST_CHECK; /* 1/0/-1 */
int64_t cursor_number(const struct cursor *cursor, int column);
/* Valid until the next step: for what is looked at and not kept. */
struct slice cursor_look(const struct cursor *cursor, int column);
/* In the arena; check arena_is_exhausted() once at the end, as list_end() does. */
struct slice cursor_copy(const struct cursor *cursor, int column, struct arena *arena);
void cursor_close(struct cursor *cursor);

/* To its end, without rows. */
int statement_run(struct store *store, const char *sql, struct bindings bindings,
                  struct error *err) MUST_CHECK;
/* As above: 1 when a row was changed, 0 when none was. */
int statement_change(struct store *store, const char *sql, struct bindings bindings,
                     struct error *err) MUST_CHECK;
/* The number in the first column of the first row: 1/0/-1. */
int statement_number(struct store *store, const char *sql, struct bindings bindings,
                     int64_t *number_out, struct error *err) MUST_CHECK;
int64_t statement_last_id(const struct store *store);

/* For verbs of several statements: opens a transaction unless the caller has one. */
int verb_begin(struct store *store, bool *is_mine_out, struct error *err) MUST_CHECK;
/* Commits its own when `failed` is 0, rolls its own back otherwise; returns 0 or -1. */
int verb_end(struct store *store, bool is_mine, int failed, struct error *err) MUST_CHECK;

/* What SQLite last said, in words for the admin. Always -1. */
int store_error(const struct store *store, int code, struct error *err);
/* Pushes what was deleted out of the write-ahead log; a reader in the way only postpones it. */
void store_purge_log(struct store *store);

/* Rows of one type that grow in an arena. */
struct list {
    struct arena *arena;
    size_t row_size, count, capacity;
    char *rows;
};
struct list list_new(struct arena *arena, size_t row_size);
void *list_add(struct list *list); /* zeroed; NULL: no room */
/* 0 with the rows, or -1 with ERROR_LIMIT when anything did not fit into the arena. */
int list_end(const struct list *list, size_t *count_out, void **rows_out,
             struct error *err) MUST_CHECK;

/* schema.c: brings the open database to the current schema. */
int schema_apply(struct store *store, struct error *err) MUST_CHECK;
extern const int64_t schema_current;

#endif
