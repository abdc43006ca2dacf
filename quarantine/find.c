#include "quarantine/find.h"

#include "quarantine/identity.h"
#include "quarantine/seal.h"
#include "quarantine/sheet.h"
#include <sodium.h>
#include <string.h>

#define SEALED_MORE_BYTES ((size_t)2 * 1024 * 1024) /* an arena of chunks' tags and rounding */

static int open_key(const struct keys *keys, const struct store_message *message,
                    struct seal_key *key_out, struct error *err)
{
    BUFFER_CLEANUP plain = buffer_new(SEAL_KEY_BYTES);
    if (keys_open(keys, message->sealed_key, &plain, err) != 0)
        return -1;
    bool is_key = plain.size == SEAL_KEY_BYTES;
    if (is_key)
        memcpy(key_out->bytes, plain.data, SEAL_KEY_BYTES);
    sodium_memzero(plain.data, plain.size);
    return is_key ? 0 : error_set(err, ERROR_INPUT, "message key: of a wrong size");
}

static int open_text(const struct seal_key *key, struct slice binding, struct slice sealed,
                     struct arena *arena, struct slice *text_out, struct error *err)
{
    BUFFER_CLEANUP plain = buffer_new(SHEET_LIMIT_BYTES);
    if (seal_open_text(key, binding, sealed, &plain, err) != 0)
        return -1;
    *text_out = arena_copy(arena, buffer_slice(&plain));
    sodium_memzero(plain.data, plain.size);
    return text_out->data == NULL ? arena_error(arena, err) : 0;
}

/* The message row with its key and sheet opened; 1/0/-1. */
static int open_message(struct store *store, const struct keys *keys, int64_t message_id,
                        struct arena *arena, struct store_message *message_out,
                        struct seal_key *key_out, struct item_sheet *sheet_out,
                        unsigned char digest_out[SHEET_DIGEST_BYTES], struct error *err)
{
    struct slice text;
    int found = store_message_get(store, message_id, arena, message_out, err);
    if (found != 1)
        return found;
    if (open_key(keys, message_out, key_out, err) != 0 ||
        open_text(key_out, SHEET_BINDING, message_out->sealed_sheet, arena, &text, err) != 0)
        return -1;
    return sheet_read(text, sheet_out, digest_out, err) == 0 ? 1 : -1;
}

static int open_note(const struct seal_key *key, const struct store_item *item, struct arena *arena,
                     struct found_item *found, struct error *err)
{
    char binding[NOTE_BINDING_BYTES];
    struct slice text;
    struct item_note note;
    if (open_text(key, sheet_note_binding(item->member_id, binding), item->sealed_reasons, arena,
                  &text, err) != 0 ||
        sheet_read_note(text, arena, &note, err) != 0)
        return -1;
    found->recipient = note.recipient;
    found->tag_field = note.tag_field;
    found->reasons = note.reasons;
    found->reason_count = note.reason_count;
    return 0;
}

int find_item(struct store *store, const struct keys *keys, int64_t item_id, struct arena *arena,
              struct found_item *found_out, struct error *err)
{
    struct found_item item = {0};
    struct store_message message;
    struct seal_key key;
    unsigned char digest[SHEET_DIGEST_BYTES];
    int found = store_item_get(store, item_id, arena, &item.item, err);
    if (found == 1)
        found = open_message(store, keys, item.item.message_id, arena, &message, &key, &item.sheet,
                             digest, err);
    if (found == 1 && open_note(&key, &item.item, arena, &item, err) != 0)
        found = -1;
    seal_key_forget(&key);
    if (found < 0)
        return error_context(err, "item %lld", (long long)item_id);
    if (found == 1) {
        item.arrived_at = message.arrived_at;
        *found_out = item;
    }
    return found;
}

static int open_body(struct store *store, const struct seal_key *key, int64_t message_id,
                     int64_t size_bytes, struct buffer *message, struct error *err)
{
    struct slice sealed;
    ARENA_CLEANUP *arena = arena_new(2 * (size_t)size_bytes + SEALED_MORE_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (store_message_read_body(store, message_id, arena, &sealed, err) != 0)
        return -1;
    return seal_open_body(key, sealed, message, err);
}

int find_message(struct store *store, const struct keys *keys, int64_t message_id,
                 struct buffer *message, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(4 * SHEET_LIMIT_BYTES);
    struct store_message row;
    struct item_sheet sheet;
    struct seal_key key;
    unsigned char digest[SHEET_DIGEST_BYTES], now[SHEET_DIGEST_BYTES];
    size_t before = message->size;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    int found = open_message(store, keys, message_id, arena, &row, &key, &sheet, digest, err);
    int failed = found < 0 ? -1 : 0;
    if (found == 0)
        failed = error_set(err, ERROR_NOT_FOUND, "is gone");
    if (failed == 0)
        failed = open_body(store, &key, message_id, row.size_bytes, message, err);
    seal_key_forget(&key);
    if (failed != 0)
        return error_context(err, "message %lld", (long long)message_id);
    identity_digest(slice_from(buffer_slice(message), before), now);
    if (memcmp(now, digest, sizeof now) == 0)
        return 0;
    message->size = before;
    return error_set(err, ERROR_INPUT, "message %lld: not the bytes that arrived",
                     (long long)message_id);
}
