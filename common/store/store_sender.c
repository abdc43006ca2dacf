#include "common/store/store_sender.h"

#include "common/store/statement.h"
#include <string.h>

int store_sender_put(struct store *store, const struct store_sender *sender, struct error *err)
{
    return statement_run(
        store,
        "INSERT INTO sender(member_id, digest, rule, created_at, sealed_label) "
        "VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET rule = excluded.rule, "
        "created_at = excluded.created_at, sealed_label = excluded.sealed_label",
        BIND(NUMBER(sender->member_id), DIGEST(sender->digest), NUMBER(sender->rule),
             NUMBER(sender->created_at), BYTES(sender->sealed_label)),
        err);
}

int store_sender_remove(struct store *store, int64_t member_id,
                        const unsigned char digest[KEYED_DIGEST_BYTES], struct error *err)
{
    return statement_change(store, "DELETE FROM sender WHERE member_id = ?1 AND digest = ?2",
                            BIND(NUMBER(member_id), DIGEST(digest)), err);
}

int store_sender_find(struct store *store, int64_t member_id,
                      const unsigned char digest[KEYED_DIGEST_BYTES],
                      enum store_sender_rule *rule_out, struct error *err)
{
    int64_t rule;
    int found =
        statement_number(store, "SELECT rule FROM sender WHERE member_id = ?1 AND digest = ?2",
                         BIND(NUMBER(member_id), DIGEST(digest)), &rule, err);
    if (found == 1)
        *rule_out = (enum store_sender_rule)rule;
    return found;
}

static int read_sender(const struct cursor *cursor, int64_t member_id, struct arena *arena,
                       struct store_sender *sender, struct error *err)
{
    struct slice digest = cursor_look(cursor, 0);
    if (digest.size != KEYED_DIGEST_BYTES)
        return error_set(err, ERROR_SYSTEM, "sender: a digest of %zu bytes", digest.size);
    memcpy(sender->digest, digest.data, digest.size);
    sender->member_id = member_id;
    sender->rule = (enum store_sender_rule)cursor_number(cursor, 1);
    sender->created_at = cursor_number(cursor, 2);
    sender->sealed_label = cursor_copy(cursor, 3, arena);
    return 0;
}

int store_sender_list(struct store *store, int64_t member_id, struct arena *arena,
                      struct store_sender **senders_out, size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **senders_out);
    if (cursor_open(&cursor, store,
                    "SELECT digest, rule, created_at, sealed_label FROM sender "
                    "WHERE member_id = ?1 ORDER BY created_at, digest",
                    BIND(NUMBER(member_id)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_sender *sender = list_add(&list);
        if (sender == NULL)
            break;
        if (read_sender(&cursor, member_id, arena, sender, err) != 0)
            return -1;
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *senders_out = rows;
    return 0;
}

int store_sender_count(struct store *store, int64_t member_id, int64_t *count_out,
                       struct error *err)
{
    return statement_number(store, "SELECT count(*) FROM sender WHERE member_id = ?1",
                            BIND(NUMBER(member_id)), count_out, err) < 0
               ? -1
               : 0;
}

int store_contact_put(struct store *store, int64_t member_id,
                      const unsigned char digest[KEYED_DIGEST_BYTES], int64_t written_at,
                      struct error *err)
{
    return statement_run(store,
                         "INSERT INTO contact(member_id, digest, written_at) VALUES(?1, ?2, ?3) "
                         "ON CONFLICT DO UPDATE SET written_at = max(written_at, "
                         "excluded.written_at)",
                         BIND(NUMBER(member_id), DIGEST(digest), NUMBER(written_at)), err);
}

int store_contact_find(struct store *store, int64_t member_id,
                       const unsigned char digest[KEYED_DIGEST_BYTES], int64_t *written_at_out,
                       struct error *err)
{
    return statement_number(store,
                            "SELECT written_at FROM contact WHERE member_id = ?1 AND digest = ?2",
                            BIND(NUMBER(member_id), DIGEST(digest)), written_at_out, err);
}

int store_contact_count(struct store *store, int64_t member_id, int64_t *count_out,
                        struct error *err)
{
    return statement_number(store, "SELECT count(*) FROM contact WHERE member_id = ?1",
                            BIND(NUMBER(member_id)), count_out, err) < 0
               ? -1
               : 0;
}

int store_contact_forget(struct store *store, int64_t member_id, struct error *err)
{
    return statement_run(store, "DELETE FROM contact WHERE member_id = ?1", BIND(NUMBER(member_id)),
                         err);
}

int store_contact_age(struct store *store, int64_t before, struct error *err)
{
    return statement_run(store, "DELETE FROM contact WHERE written_at < ?1", BIND(NUMBER(before)),
                         err);
}
