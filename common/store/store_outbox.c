#include "common/store/statement.h"
#include "common/store/store_mail.h"

int store_outbox_put(struct store *store, struct store_outgoing *mail, struct error *err)
{
    int failed = statement_run(
        store,
        "INSERT INTO outbox(member_id, kind, digest_id, created_at, next_try_at, try_count, "
        "sealed_mail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        BIND(REFERENCE(mail->member_id), TEXT(mail->kind), REFERENCE(mail->digest_id),
             NUMBER(mail->created_at), NUMBER(mail->next_try_at), NUMBER(mail->try_count),
             BYTES(mail->sealed_mail)),
        err);
    if (failed == 0)
        mail->id = statement_last_id(store);
    return failed;
}

int store_outbox_list(struct store *store, int64_t now, struct arena *arena,
                      struct store_outgoing **mails_out, size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **mails_out);
    if (cursor_open(&cursor, store,
                    "SELECT id, member_id, kind, digest_id, created_at, next_try_at, try_count "
                    "FROM outbox WHERE next_try_at <= ?1 ORDER BY id",
                    BIND(NUMBER(now)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_outgoing *mail = list_add(&list);
        if (mail == NULL)
            break;
        *mail = (struct store_outgoing){.id = cursor_number(&cursor, 0),
                                        .member_id = cursor_number(&cursor, 1),
                                        .kind = cursor_copy(&cursor, 2, arena),
                                        .digest_id = cursor_number(&cursor, 3),
                                        .created_at = cursor_number(&cursor, 4),
                                        .next_try_at = cursor_number(&cursor, 5),
                                        .try_count = cursor_number(&cursor, 6)};
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *mails_out = rows;
    return 0;
}

int store_outbox_read(struct store *store, int64_t id, struct arena *arena,
                      struct slice *sealed_mail_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, "SELECT sealed_mail FROM outbox WHERE id = ?1",
                    BIND(NUMBER(id)), err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found != 1)
        return found;
    struct slice sealed_mail = cursor_copy(&cursor, 0, arena);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *sealed_mail_out = sealed_mail;
    return 1;
}

int store_outbox_done(struct store *store, int64_t id, struct error *err)
{
    return statement_run(store, "DELETE FROM outbox WHERE id = ?1", BIND(NUMBER(id)), err);
}

int store_outbox_postpone(struct store *store, int64_t id, int64_t next_try_at, struct error *err)
{
    return statement_run(
        store, "UPDATE outbox SET next_try_at = ?2, try_count = try_count + 1 WHERE id = ?1",
        BIND(NUMBER(id), NUMBER(next_try_at)), err);
}
