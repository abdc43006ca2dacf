#include "common/store/statement.h"
#include "common/store/store_item.h"

#include <string.h>
#include <sys/stat.h>

/* SQLite copies a value as it builds the row: pieces keep that copy small. */
#define PIECE_BYTES ((size_t)1024 * 1024)

static int put_rest(struct store *store, int64_t message_id, struct slice sealed_body,
                    struct error *err)
{
    for (int64_t number = 1; (size_t)number * PIECE_BYTES < sealed_body.size; number++) {
        struct slice piece = slice_part(sealed_body, (size_t)number * PIECE_BYTES, PIECE_BYTES);
        if (statement_run(store,
                          "INSERT INTO message_rest(message_id, number, sealed_body) "
                          "VALUES(?1, ?2, ?3)",
                          BIND(NUMBER(message_id), NUMBER(number), BYTES(piece)), err) != 0)
            return -1;
    }
    return 0;
}

int store_message_put(struct store *store, struct store_message *message, struct slice sealed_body,
                      struct error *err)
{
    if (!store->is_in_transaction)
        return error_set(err, ERROR_BUG, "a message is put inside a transaction");
    if (statement_run(
            store,
            "INSERT INTO message(identity, sealed_key, sealed_sheet, size_bytes, arrived_at, "
            "sealed_size, sealed_body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            BIND(DIGEST(message->identity), BYTES(message->sealed_key),
                 BYTES(message->sealed_sheet), NUMBER(message->size_bytes),
                 NUMBER(message->arrived_at), NUMBER((int64_t)sealed_body.size),
                 BYTES(slice_part(sealed_body, 0, PIECE_BYTES))),
            err) != 0)
        return -1;
    int64_t id = statement_last_id(store);
    if (put_rest(store, id, sealed_body, err) != 0)
        return -1;
    message->id = id;
    return 0;
}

int store_message_get(struct store *store, int64_t message_id, struct arena *arena,
                      struct store_message *message_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store,
                    "SELECT identity, sealed_key, sealed_sheet, size_bytes, arrived_at "
                    "FROM message WHERE id = ?1",
                    BIND(NUMBER(message_id)), err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found != 1)
        return found;
    struct store_message message = {.id = message_id,
                                    .sealed_key = cursor_copy(&cursor, 1, arena),
                                    .sealed_sheet = cursor_copy(&cursor, 2, arena),
                                    .size_bytes = cursor_number(&cursor, 3),
                                    .arrived_at = cursor_number(&cursor, 4)};
    struct slice identity = cursor_look(&cursor, 0);
    if (identity.size != sizeof message.identity)
        return error_set(err, ERROR_SYSTEM, "message %lld: identity of %zu bytes",
                         (long long)message_id, identity.size);
    memcpy(message.identity, identity.data, identity.size);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *message_out = message;
    return 1;
}

/* The pieces in their order; take() returns -1 to stop, 0 to say "not this", 1 to go on. */
static int read_pieces(struct store *store, int64_t message_id,
                       int (*take)(void *context, struct slice piece), void *context,
                       struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store,
                    "SELECT 0, sealed_body FROM message WHERE id = ?1 UNION ALL SELECT * FROM "
                    "(SELECT number, sealed_body FROM message_rest WHERE message_id = ?1 "
                    "ORDER BY number)",
                    BIND(NUMBER(message_id)), err) != 0)
        return -1;
    int more, is_taken = 1;
    for (int64_t number = 0; (more = cursor_next(&cursor, err)) == 1; number++) {
        if (cursor_number(&cursor, 0) != number)
            return error_set(err, ERROR_SYSTEM, "message %lld: piece %lld is missing",
                             (long long)message_id, (long long)number);
        is_taken = take(context, cursor_look(&cursor, 1));
        if (is_taken != 1)
            return is_taken;
    }
    return more < 0 ? -1 : 1;
}

struct filling {
    char *data;
    size_t size, filled;
};

static int fill(void *context, struct slice piece)
{
    struct filling *filling = context;
    if (piece.size > filling->size - filling->filled)
        return 0;
    if (piece.size > 0)
        memcpy(filling->data + filling->filled, piece.data, piece.size);
    filling->filled += piece.size;
    return 1;
}

int store_message_read_body(struct store *store, int64_t message_id, struct arena *arena,
                            struct slice *sealed_body_out, struct error *err)
{
    int64_t size = 0;
    int found = statement_number(store, "SELECT sealed_size FROM message WHERE id = ?1",
                                 BIND(NUMBER(message_id)), &size, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "no message %lld", (long long)message_id);
    struct filling filling = {.data = arena_alloc(arena, (size_t)size), .size = (size_t)size};
    if (filling.data == NULL)
        return arena_error(arena, err);
    int is_whole = read_pieces(store, message_id, fill, &filling, err);
    if (is_whole < 0)
        return -1;
    if (is_whole == 0 || filling.filled != filling.size)
        return error_set(err, ERROR_SYSTEM, "message %lld: its body is not whole",
                         (long long)message_id);
    *sealed_body_out = slice_new(filling.data, filling.size);
    return 0;
}

static int compare(void *context, struct slice piece)
{
    struct slice *rest = context;
    if (!slice_equals(slice_part(*rest, 0, piece.size), piece))
        return 0;
    *rest = slice_from(*rest, piece.size);
    return 1;
}

int store_message_check(struct store *store, int64_t message_id, struct slice sealed_body,
                        struct error *err)
{
    struct stat now;
    if (stat(store->path, &now) != 0 || now.st_dev != store->device || now.st_ino != store->inode)
        return error_set(err, ERROR_SYSTEM, "%s: was moved or replaced while it is in use",
                         store->path);
    struct slice rest = sealed_body;
    int is_same = read_pieces(store, message_id, compare, &rest, err);
    return is_same == 1 && rest.size > 0 ? 0 : is_same;
}

int store_message_remove_unclaimed(struct store *store, int64_t message_id, struct error *err)
{
    return statement_change(store,
                            "DELETE FROM message WHERE id = ?1 AND NOT EXISTS "
                            "(SELECT 1 FROM item WHERE message_id = ?1)",
                            BIND(NUMBER(message_id)), err);
}
