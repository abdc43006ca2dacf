#include "common/store/store_member.h"

#include "common/store/statement.h"

#define MEMBER_COLUMNS                                                                             \
    "id, address, state, language, invited_at, consented_at, stopped_at, consent_note, "           \
    "last_digest_at, last_help_at"

static void read_member(const struct cursor *cursor, struct arena *arena,
                        struct store_member *member)
{
    *member = (struct store_member){.id = cursor_number(cursor, 0),
                                    .address = cursor_copy(cursor, 1, arena),
                                    .state = (enum store_member_state)cursor_number(cursor, 2),
                                    .language = (int)cursor_number(cursor, 3),
                                    .invited_at = cursor_number(cursor, 4),
                                    .consented_at = cursor_number(cursor, 5),
                                    .stopped_at = cursor_number(cursor, 6),
                                    .consent_note = cursor_copy(cursor, 7, arena),
                                    .last_digest_at = cursor_number(cursor, 8),
                                    .last_help_at = cursor_number(cursor, 9)};
}

static int read_one(struct store *store, const char *sql, struct bindings bindings,
                    struct arena *arena, struct store_member *member_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, sql, bindings, err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found != 1)
        return found;
    struct store_member member;
    read_member(&cursor, arena, &member);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *member_out = member;
    return 1;
}

int store_member_find(struct store *store, struct slice address, struct arena *arena,
                      struct store_member *member_out, struct error *err)
{
    return read_one(store, "SELECT " MEMBER_COLUMNS " FROM member WHERE address = ?1",
                    BIND(TEXT(address)), arena, member_out, err);
}

int store_member_get(struct store *store, int64_t id, struct arena *arena,
                     struct store_member *member_out, struct error *err)
{
    return read_one(store, "SELECT " MEMBER_COLUMNS " FROM member WHERE id = ?1", BIND(NUMBER(id)),
                    arena, member_out, err);
}

int store_member_list(struct store *store, struct arena *arena, struct store_member **members_out,
                      size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **members_out);
    if (cursor_open(&cursor, store, "SELECT " MEMBER_COLUMNS " FROM member ORDER BY address",
                    BIND_NOTHING, err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_member *member = list_add(&list);
        if (member == NULL)
            break;
        read_member(&cursor, arena, member);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *members_out = rows;
    return 0;
}

static int insert_member(struct store *store, struct store_member *member, struct error *err)
{
    int failed = statement_run(
        store,
        "INSERT INTO member(address, state, language, invited_at, consented_at, stopped_at, "
        "consent_note, last_digest_at, last_help_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        BIND(TEXT(member->address), NUMBER(member->state), NUMBER(member->language),
             NUMBER(member->invited_at), NUMBER(member->consented_at), NUMBER(member->stopped_at),
             TEXT(member->consent_note), NUMBER(member->last_digest_at),
             NUMBER(member->last_help_at)),
        err);
    if (failed == 0)
        member->id = statement_last_id(store);
    return failed;
}

int store_member_put(struct store *store, struct store_member *member, struct error *err)
{
    if (member->id == 0)
        return insert_member(store, member, err);
    int found = statement_change(
        store,
        "UPDATE member SET state = ?2, language = ?3, invited_at = ?4, consented_at = ?5, "
        "stopped_at = ?6, consent_note = ?7, last_digest_at = ?8, last_help_at = ?9 WHERE id = ?1",
        BIND(NUMBER(member->id), NUMBER(member->state), NUMBER(member->language),
             NUMBER(member->invited_at), NUMBER(member->consented_at), NUMBER(member->stopped_at),
             TEXT(member->consent_note), NUMBER(member->last_digest_at),
             NUMBER(member->last_help_at)),
        err);
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "no member %lld", (long long)member->id);
    return found < 0 ? -1 : 0;
}

/* Digests and mails in the outbox go by reference; tables that refer to nobody are named here. */
static int forget_rows(struct store *store, int64_t id, struct error *err)
{
    struct bindings of_her = BIND(NUMBER(id));
    if (statement_run(store,
                      "CREATE TEMP TABLE IF NOT EXISTS forgotten(message_id INTEGER PRIMARY KEY)",
                      BIND_NOTHING, err) != 0 ||
        statement_run(store, "DELETE FROM temp.forgotten", BIND_NOTHING, err) != 0 ||
        statement_run(store,
                      "INSERT OR IGNORE INTO temp.forgotten SELECT message_id FROM item WHERE "
                      "member_id = ?1",
                      of_her, err) != 0 ||
        statement_run(store, "DELETE FROM sender WHERE member_id = ?1", of_her, err) != 0)
        return -1;
    int found = statement_change(store, "DELETE FROM member WHERE id = ?1", of_her, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "no member %lld", (long long)id);
    return statement_run(store,
                         "DELETE FROM message WHERE id IN (SELECT message_id FROM temp.forgotten) "
                         "AND NOT EXISTS (SELECT 1 FROM item WHERE message_id = message.id)",
                         BIND_NOTHING, err);
}

int store_member_forget(struct store *store, int64_t id, struct error *err)
{
    bool is_mine;
    if (id == 0)
        return error_set(err, ERROR_BUG, "member 0 is the server");
    if (verb_begin(store, &is_mine, err) != 0)
        return -1;
    if (verb_end(store, is_mine, forget_rows(store, id, err), err) != 0)
        return -1;
    store_purge_log(store);
    return 0;
}

int store_settings_list(struct store *store, int64_t member_id, struct arena *arena,
                        struct store_setting **settings_out, size_t *count_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    struct list list = list_new(arena, sizeof **settings_out);
    if (cursor_open(&cursor, store,
                    "SELECT name, value FROM setting WHERE member_id = ?1 ORDER BY name",
                    BIND(NUMBER(member_id)), err) != 0)
        return -1;
    int more;
    while ((more = cursor_next(&cursor, err)) == 1) {
        struct store_setting *setting = list_add(&list);
        if (setting == NULL)
            break;
        setting->name = cursor_copy(&cursor, 0, arena);
        setting->value = cursor_copy(&cursor, 1, arena);
    }
    void *rows;
    if (more < 0 || list_end(&list, count_out, &rows, err) != 0)
        return -1;
    *settings_out = rows;
    return 0;
}

int store_setting_put(struct store *store, int64_t member_id, struct slice name, struct slice value,
                      struct error *err)
{
    return statement_run(store,
                         "INSERT INTO setting(member_id, name, value) VALUES(?1, ?2, ?3) "
                         "ON CONFLICT DO UPDATE SET value = excluded.value",
                         BIND(NUMBER(member_id), TEXT(name), TEXT(value)), err);
}
