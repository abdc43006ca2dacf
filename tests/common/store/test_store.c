#include "common/store/statement.h"
#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include "common/store/store_mail.h"
#include "common/store/store_member.h"
#include "common/store/store_name.h"
#include "common/store/store_sender.h"

#include "common/base/buffer.h"
#include "common/base/limits.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];
static struct store *store;
static struct arena *arena;
static struct error err;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/zaguan-test-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/z.db", folder);
    arena = arena_new(8 * MIB);
    return store_open(path, &store, &err);
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    store_close(store);
    arena_free(arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static int64_t add_member(const char *address)
{
    struct store_member member = {.address = slice_of(address),
                                  .state = STORE_MEMBER_ON,
                                  .consented_at = 5,
                                  .consent_note = slice_of("by reply")};
    assert_int_equal(store_member_put(store, &member, &err), 0);
    return member.id;
}

static int64_t add_message(char identity)
{
    struct store_message message = {.sealed_key = slice_of("key"),
                                    .sealed_sheet = slice_of("sheet"),
                                    .size_bytes = 4,
                                    .arrived_at = 100};
    memset(message.identity, identity, sizeof message.identity);
    assert_int_equal(store_begin(store, &err), 0);
    assert_int_equal(store_message_put(store, &message, slice_of("body"), &err), 0);
    assert_int_equal(store_commit(store, &err), 0);
    return message.id;
}

static int64_t add_item(int64_t member_id, int64_t message_id, bool is_new_wanted)
{
    struct store_item item = {.member_id = member_id,
                              .message_id = message_id,
                              .state = STORE_ITEM_HELD,
                              .category = slice_of("threat"),
                              .severity = 3,
                              .size_bytes = 4,
                              .held_at = 100,
                              .expires_at = 1000,
                              .sealed_reasons = slice_of("why")};
    bool is_new;
    assert_int_equal(store_item_put(store, &item, &is_new, &err), 0);
    assert_int_equal(is_new, is_new_wanted);
    return item.id;
}

static int64_t ask_database(const char *sql)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return answer;
}

static void change_database(const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void the_group_shares_the_file_and_its_log(void **state)
{
    (void)state;
    static const char *const endings[] = {"", "-wal", "-shm"};
    add_member("ana@example.org");
    for (size_t i = 0; i < 3; i++) {
        char file[128];
        struct stat now;
        snprintf(file, sizeof file, "%s%s", path, endings[i]);
        assert_int_equal(stat(file, &now), 0);
        assert_int_equal(now.st_mode & 0777, 0660);
    }
}

static void a_member_comes_back_as_she_was_put(void **state)
{
    (void)state;
    int64_t id = add_member("ana@example.org");
    struct store_member member;
    assert_int_equal(store_member_find(store, slice_of("ana@example.org"), arena, &member, &err),
                     1);
    assert_int_equal(member.id, id);
    assert_int_equal(member.state, STORE_MEMBER_ON);
    assert_int_equal(member.consented_at, 5);
    assert_true(slice_is(member.consent_note, "by reply"));
    member.state = STORE_MEMBER_OFF;
    member.stopped_at = 9;
    assert_int_equal(store_member_put(store, &member, &err), 0);
    assert_int_equal(store_member_get(store, id, arena, &member, &err), 1);
    assert_int_equal(member.state, STORE_MEMBER_OFF);
    assert_int_equal(member.stopped_at, 9);
    assert_int_equal(store_member_find(store, slice_of("bea@example.org"), arena, &member, &err),
                     0);
    member.id = id + 1;
    assert_int_equal(store_member_put(store, &member, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void a_setting_is_replaced_and_listed(void **state)
{
    (void)state;
    int64_t id = add_member("ana@example.org");
    struct store_setting *settings;
    size_t count;
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_setting_put(store, id, slice_of("reveal"),
                                           slice_of(i == 0 ? "who" : "count"), &err),
                         0);
    assert_int_equal(store_setting_put(store, id, slice_of("a"), slice_of(""), &err), 0);
    assert_int_equal(store_settings_list(store, id, arena, &settings, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_true(slice_is(settings[0].name, "a") && slice_is(settings[0].value, ""));
    assert_true(slice_is(settings[1].name, "reveal") && slice_is(settings[1].value, "count"));
    assert_int_equal(store_setting_put(store, 99, slice_of("a"), slice_of(""), &err), -1);
    assert_int_equal(err.kind, ERROR_INPUT);
}

static void forgetting_leaves_no_row_about_her_and_all_of_the_others(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org"), bea = add_member("bea@example.org");
    int64_t shared = add_message('s'), hers = add_message('h');
    int64_t item = add_item(ana, hers, true);
    add_item(ana, shared, true);
    add_item(bea, shared, true);
    struct store_sender sender = {.member_id = ana, .rule = STORE_SENDER_BLOCK};
    assert_int_equal(store_sender_put(store, &sender, &err), 0);
    assert_int_equal(store_contact_put(store, ana, sender.digest, 5, &err), 0);
    const struct store_name name = {.member_id = ana};
    assert_int_equal(store_name_put(store, &name, 5, 4, &err), 0);
    assert_int_equal(store_setting_put(store, ana, slice_of("a"), slice_of("b"), &err), 0);
    int64_t digest;
    assert_int_equal(store_digest_put(store, ana, 5, &item, 1, &digest, &err), 0);
    assert_int_equal(store_reveal_put(store, item, 2, &err), 0);
    struct store_token token = {
        .member_id = ana, .use = STORE_TOKEN_DIGEST, .digest_id = digest, .expires_at = 10};
    assert_int_equal(store_token_put(store, &token, &err), 0);
    struct store_outgoing mail = {
        .member_id = ana, .digest_id = digest, .sealed_mail = slice_of("x")};
    assert_int_equal(store_outbox_put(store, &mail, &err), 0);
    struct store_log_line line = {.member_id = ana, .at = 5, .actor = slice_of("admin")};
    assert_int_equal(store_log_add(store, &line, &err), 0);

    assert_int_equal(store_member_forget(store, ana, &err), 0);
    static const char *const tables[] = {"item",   "setting",     "sender",     "contact",
                                         "digest", "digest_item", "token",      "reveal",
                                         "outbox", "log",         "member_name"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        assert_int_equal(ask_database(sql), i == 0 ? 1 : 0);
    }
    assert_int_equal(ask_database("SELECT count(*) FROM member"), 1);
    assert_int_equal(ask_database("SELECT count(*) FROM message"), 1);
    assert_int_equal(store_member_forget(store, ana, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void of_the_names_she_signs_with_the_latest_stay(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org"), bea = add_member("bea@example.org");
    struct store_name *names, name = {.member_id = ana};
    size_t count;
    int64_t seen_at;
    for (int i = 0; i < 5; i++) {
        name.digest[0] = (unsigned char)i;
        assert_int_equal(store_name_put(store, &name, i == 1 ? 99 : i, 3, &err), 0);
    }
    name.digest[0] = 1;
    assert_int_equal(store_name_put(store, &name, 2, 3, &err), 0); /* never earlier */
    assert_int_equal(store_name_seen(store, &name, &seen_at, &err), 1);
    assert_int_equal(seen_at, 99);
    name.digest[0] = 0;
    assert_int_equal(store_name_seen(store, &name, &seen_at, &err), 0);
    name.member_id = bea;
    assert_int_equal(store_name_put(store, &name, 7, 3, &err), 0);
    assert_int_equal(store_name_list(store, arena, &names, &count, &err), 0);
    assert_int_equal(count, 4);
    assert_int_equal(store_name_count(store, ana, &seen_at, &err), 0);
    assert_int_equal(seen_at, 3);
    assert_int_equal(names[0].digest[0], 1);
    assert_int_equal(names[2].digest[0], 4);
    assert_int_equal(names[3].member_id, bea);

    struct store_member member;
    assert_int_equal(store_member_get(store, bea, arena, &member, &err), 1);
    member.state = STORE_MEMBER_OFF;
    assert_int_equal(store_member_put(store, &member, &err), 0);
    assert_int_equal(store_name_forget(store, ana, &err), 0);
    assert_int_equal(store_name_list(store, arena, &names, &count, &err), 0);
    assert_int_equal(count, 0); /* bea is off, ana's are gone */
}

static void senders_and_contacts_are_found_by_their_digest(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org");
    struct store_sender sender = {.member_id = STORE_SERVER,
                                  .rule = STORE_SENDER_ALLOW,
                                  .created_at = 7,
                                  .sealed_label = slice_of("label")};
    memset(sender.digest, 1, sizeof sender.digest);
    assert_int_equal(store_sender_put(store, &sender, &err), 0);
    sender.rule = STORE_SENDER_BLOCK;
    assert_int_equal(store_sender_put(store, &sender, &err), 0);
    enum store_sender_rule rule;
    assert_int_equal(store_sender_find(store, STORE_SERVER, sender.digest, &rule, &err), 1);
    assert_int_equal(rule, STORE_SENDER_BLOCK);
    assert_int_equal(store_sender_find(store, ana, sender.digest, &rule, &err), 0);
    struct store_sender *senders;
    size_t count;
    assert_int_equal(store_sender_list(store, STORE_SERVER, arena, &senders, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_true(slice_is(senders[0].sealed_label, "label"));
    assert_int_equal(store_sender_remove(store, STORE_SERVER, sender.digest, &err), 1);
    assert_int_equal(store_sender_remove(store, STORE_SERVER, sender.digest, &err), 0);

    int64_t when = 0;
    assert_int_equal(store_contact_find(store, ana, sender.digest, &when, &err), 0);
    assert_int_equal(store_contact_put(store, ana, sender.digest, 50, &err), 0);
    assert_int_equal(store_contact_put(store, ana, sender.digest, 40, &err), 0);
    assert_int_equal(store_contact_find(store, ana, sender.digest, &when, &err), 1);
    assert_int_equal(when, 50);
    assert_int_equal(store_contact_age(store, 50, &err), 0);
    assert_int_equal(store_contact_count(store, ana, &when, &err), 0);
    assert_int_equal(when, 1);
    assert_int_equal(store_contact_age(store, 51, &err), 0);
    assert_int_equal(store_contact_find(store, ana, sender.digest, &when, &err), 0);
}

static void same_bytes_while_held_are_one_item_that_counts(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org"), bea = add_member("bea@example.org");
    int64_t first = add_message('i');
    int64_t item_id = add_item(ana, first, true);
    int64_t again = add_message('i');
    assert_int_equal(add_item(ana, again, false), item_id);
    assert_int_equal(store_message_remove_unclaimed(store, again, &err), 1);
    assert_int_equal(store_message_remove_unclaimed(store, first, &err), 0);
    assert_int_not_equal(add_item(bea, first, true), item_id);
    struct store_item item;
    assert_int_equal(store_item_get(store, item_id, arena, &item, &err), 1);
    assert_int_equal(item.arrivals, 2);
    assert_int_equal(item.message_id, first);
    assert_true(slice_is(item.category, "threat") && slice_is(item.sealed_reasons, "why"));
    assert_int_equal(store_item_move(store, item_id, STORE_ITEM_BIT(STORE_ITEM_HELD),
                                     STORE_ITEM_DELETED, 5, 50, &err),
                     1);
    assert_int_not_equal(add_item(ana, first, true), item_id);
}

static void an_item_moves_once(void **state)
{
    (void)state;
    int64_t id = add_item(add_member("ana@example.org"), add_message('i'), true);
    struct store *other;
    assert_int_equal(store_open(path, &other, &err), 0);
    unsigned held = STORE_ITEM_BIT(STORE_ITEM_HELD);
    assert_int_equal(store_item_move(store, id, held, STORE_ITEM_RELEASING, 7, 0, &err), 1);
    assert_int_equal(store_item_move(other, id, held, STORE_ITEM_RELEASING, 7, 0, &err), 0);
    assert_int_equal(store_item_move(other, 99, held, STORE_ITEM_RELEASING, 7, 0, &err), 0);
    store_close(other);
}

static void a_listing_keeps_to_its_filter(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org"), bea = add_member("bea@example.org");
    int64_t first = add_item(ana, add_message('1'), true);
    int64_t second = add_item(ana, add_message('2'), true);
    int64_t third = add_item(bea, add_message('3'), true);
    assert_int_equal(store_item_pin(store, second, true, &err), 1);
    assert_int_equal(store_item_move(store, third, ~0u, STORE_ITEM_RELEASING, 500, 0, &err), 1);
    const struct {
        struct store_item_filter filter;
        size_t count;
        int64_t first_id;
    } rows[] = {
        {{0}, 3, first},
        {{.limit = 2}, 2, first},
        {{.member_id = bea}, 1, third},
        {{.member_id = ana, .states = STORE_ITEM_BIT(STORE_ITEM_HELD)}, 2, first},
        {{.only_pinned = true}, 1, second},
        {{.member_id = ana, .only_unpinned = true}, 1, first},
        {{.states = STORE_ITEM_BIT(STORE_ITEM_RELEASING), .next_try_before = 500}, 0, 0},
        {{.states = STORE_ITEM_BIT(STORE_ITEM_RELEASING), .next_try_before = 501}, 1, third},
        {{.held_since = 101}, 0, 0},
        {{.held_before = 101}, 3, first},
        {{.expires_before = 1000}, 0, 0},
        {{.without_split = true}, 3, first},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct store_item *items;
        size_t count;
        assert_int_equal(store_item_list(store, &rows[i].filter, arena, &items, &count, &err), 0);
        assert_int_equal(count, rows[i].count);
        if (count > 0)
            assert_int_equal(items[0].id, rows[i].first_id);
    }
}

static void a_large_body_comes_back_whole_and_is_checked(void **state)
{
    (void)state;
    size_t size = 2 * MIB + 12345;
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 31 + i / 997);
    struct slice body = slice_new(bytes, size), read;
    struct store_message message = {.size_bytes = 1};
    assert_int_equal(store_begin(store, &err), 0);
    assert_int_equal(store_message_put(store, &message, body, &err), 0);
    assert_int_equal(store_commit(store, &err), 0);
    assert_int_equal(store_message_read_body(store, message.id, arena, &read, &err), 0);
    assert_true(slice_equals(read, body));
    assert_int_equal(store_message_check(store, message.id, body, &err), 1);
    assert_int_equal(store_message_check(store, message.id, slice_part(body, 0, size - 1), &err),
                     0);
    bytes[size - 1] ^= 1;
    assert_int_equal(store_message_check(store, message.id, body, &err), 0);
    bytes[size - 1] ^= 1;
    change_database("DELETE FROM message_rest WHERE number = 1");
    assert_int_equal(store_message_read_body(store, message.id, arena, &read, &err), -1);
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_message_check(store, message.id, body, &err), -1);
    assert_non_null(strstr(err.text, "moved or replaced"));
    free(bytes);
}

static void a_swept_message_leaves_no_byte_in_the_files(void **state)
{
    (void)state;
    int64_t id = add_item(add_member("ana@example.org"), add_message('i'), true);
    int64_t gone = 0;
    assert_int_equal(store_item_sweep(store, 1 << 30, 1 << 30, &gone, &err), 0);
    assert_int_equal(gone, 0);
    assert_int_equal(store_item_move(store, id, ~0u, STORE_ITEM_DELETED, 5, 50, &err), 1);
    assert_int_equal(store_item_sweep(store, 49, 1 << 30, &gone, &err), 0);
    assert_int_equal(gone, 0);
    assert_int_equal(store_item_sweep(store, 50, 0, &gone, &err), 0);
    assert_int_equal(gone, 1);
    assert_int_equal(ask_database("SELECT count(*) FROM message"), 0);
    char command[160];
    snprintf(command, sizeof command, "grep -aq -e keysheet %s/*", folder);
    assert_int_not_equal(system(command), 0);
}

static void a_digest_counts_once_when_it_was_accepted(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org");
    int64_t ids[2] = {add_item(ana, add_message('1'), true), add_item(ana, add_message('2'), true)};
    int64_t digest, item_id, count;
    assert_int_equal(store_digest_put(store, ana, 5, ids, 2, &digest, &err), 0);
    assert_int_equal(store_digest_item(store, digest, 2, &item_id, &err), 1);
    assert_int_equal(item_id, ids[1]);
    assert_int_equal(store_digest_item(store, digest, 3, &item_id, &err), 0);
    assert_int_equal(store_digest_item(store, digest + 1, 1, &item_id, &err), 0);
    assert_int_equal(store_digest_size(store, digest, &count, &err), 0);
    assert_int_equal(count, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_digest_accepted(store, digest, 77, &err), 0);
    struct store_item item;
    struct store_member member;
    assert_int_equal(store_item_get(store, ids[0], arena, &item, &err), 1);
    assert_int_equal(item.digest_count, 1);
    assert_int_equal(store_member_get(store, ana, arena, &member, &err), 1);
    assert_int_equal(member.last_digest_at, 77);
}

static void tokens_outbox_and_log_keep_what_they_are_given(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org");
    struct store_token token = {.member_id = ana,
                                .use = STORE_TOKEN_CONFIRM,
                                .expires_at = 10,
                                .question = slice_of("forget")},
                       found;
    assert_int_equal(store_token_put(store, &token, &err), 0);
    assert_int_equal(store_token_find(store, token.digest, arena, &found, &err), 1);
    assert_true(slice_is(found.question, "forget") && found.digest_id == 0);
    assert_int_equal(store_token_remove_expired(store, 10, &err), 0);
    assert_int_equal(store_token_find(store, token.digest, arena, &found, &err), 1);
    assert_int_equal(store_token_remove_expired(store, 11, &err), 0);
    assert_int_equal(store_token_find(store, token.digest, arena, &found, &err), 0);

    struct store_outgoing mail = {.kind = slice_of("alarm"), .sealed_mail = slice_of("sealed")};
    assert_int_equal(store_outbox_put(store, &mail, &err), 0);
    struct store_outgoing *mails;
    size_t count;
    assert_int_equal(store_outbox_postpone(store, mail.id, 60, &err), 0);
    assert_int_equal(store_outbox_list(store, 59, arena, &mails, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(store_outbox_list(store, 60, arena, &mails, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_int_equal(mails[0].try_count, 1);
    assert_true(slice_is(mails[0].kind, "alarm"));
    struct slice sealed;
    assert_int_equal(store_outbox_read(store, mail.id, arena, &sealed, &err), 1);
    assert_true(slice_is(sealed, "sealed"));
    assert_int_equal(store_outbox_done(store, mail.id, &err), 0);
    assert_int_equal(store_outbox_read(store, mail.id, arena, &sealed, &err), 0);

    struct store_log_line line = {.member_id = ana,
                                  .at = 5,
                                  .item_id = 3,
                                  .actor = slice_of("admin"),
                                  .action = slice_of("looked"),
                                  .note = slice_of("court order")};
    assert_int_equal(store_log_add(store, &line, &err), 0);
    struct store_log_line *lines;
    assert_int_equal(store_log_list(store, ana, 6, arena, &lines, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(store_log_list(store, ana, 5, arena, &lines, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_true(slice_is(lines[0].note, "court order") && lines[0].item_id == 3);
}

static void counters_and_entries_add_up(void **state)
{
    (void)state;
    struct store_counter *counters;
    struct store_entry_counts *entries;
    size_t count;
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_counter_add(store, "held", 2, &err), 0);
    assert_int_equal(store_counter_list(store, arena, &counters, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_int_equal(counters[0].count, 6);
    static const enum store_entry_event events[] = {STORE_ENTRY_HIT, STORE_ENTRY_HIT,
                                                    STORE_ENTRY_HELD, STORE_ENTRY_RELEASED,
                                                    STORE_ENTRY_WRONG};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(store_entry_count(store, slice_of("l"), slice_of("e"), events[i], &err),
                         0);
    assert_int_equal(store_entry_list(store, arena, &entries, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_int_equal(entries[0].hits, 2);
    assert_int_equal(entries[0].held, 1);
    assert_int_equal(entries[0].released, 1);
    assert_int_equal(entries[0].wrong, 1);
}

static void a_rolled_back_transaction_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(store_begin(store, &err), 0);
    assert_int_equal(store_begin(store, &err), -1);
    assert_int_equal(err.kind, ERROR_BUG);
    add_member("ana@example.org");
    store_rollback(store);
    store_rollback(store);
    assert_int_equal(ask_database("SELECT count(*) FROM member"), 0);
    assert_int_equal(store_commit(store, &err), -1);
}

static void news_of_others_change_the_data_version(void **state)
{
    (void)state;
    int64_t before, same, after;
    assert_int_equal(store_data_version(store, &before, &err), 0);
    add_member("ana@example.org");
    assert_int_equal(store_data_version(store, &same, &err), 0);
    assert_int_equal(same, before);
    change_database("UPDATE member SET language = 2");
    assert_int_equal(store_data_version(store, &after, &err), 0);
    assert_int_not_equal(after, before);
}

static void a_backup_is_whole_and_replaces_nothing(void **state)
{
    (void)state;
    int64_t ana = add_member("ana@example.org");
    add_item(ana, add_message('i'), true);
    char copy_path[128];
    snprintf(copy_path, sizeof copy_path, "%s/copy.db", folder);
    assert_int_equal(store_backup(store, copy_path, &err), 0);
    assert_int_equal(store_backup(store, copy_path, &err), -1);
    assert_int_equal(err.kind, ERROR_INPUT);
    struct store *copy;
    struct store_item item;
    assert_int_equal(store_open(copy_path, &copy, &err), 0);
    assert_int_equal(store_check(copy, &err), 0);
    assert_int_equal(store_item_get(copy, 1, arena, &item, &err), 1);
    assert_int_equal(item.member_id, ana);
    store_close(copy);
    assert_int_equal(store_backup(store, "/nonexistent/x", &err), -1);
    assert_int_equal(err.kind, ERROR_SYSTEM);
}

/* What stands where the database should be, and what the admin is told. */
static void a_wrong_file_is_named_with_what_can_be_done(void **state)
{
    (void)state;
    static const struct {
        const char *sql; /* NULL: not a database at all */
        const char *says;
    } rows[] = {
        {"PRAGMA user_version = 99", "newer zaguan"},
        {"PRAGMA application_id = 7", "not a database of zaguan"},
        {NULL, "restore the last `zaguan backup`"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        store_close(store);
        store = NULL;
        if (rows[i].sql != NULL) {
            change_database(rows[i].sql);
        } else {
            FILE *file = fopen(path, "w");
            for (int j = 0; j < 1000; j++)
                fputs("not a database ", file);
            fclose(file);
        }
        assert_int_equal(store_open(path, &store, &err), -1);
        assert_int_equal(err.kind, ERROR_SYSTEM);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_non_null(strstr(err.text, path));
        unlink(path);
        assert_int_equal(store_open(path, &store, &err), 0);
    }
    struct store *other = NULL;
    assert_int_equal(store_open("/nonexistent/z.db", &other, &err), -1);
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_null(other);
}

/* The whole schema as SQLite tells it; in the arena. */
static struct slice read_schema(void)
{
    sqlite3 *database;
    sqlite3_stmt *rows;
    BUFFER_CLEANUP text = buffer_new(MIB);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT name, coalesce(sql, '') FROM sqlite_schema "
                                        "ORDER BY name",
                                        -1, &rows, NULL),
                     SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW)
        buffer_printf(&text, "%s: %s\n", (const char *)sqlite3_column_text(rows, 0),
                      (const char *)sqlite3_column_text(rows, 1));
    sqlite3_finalize(rows);
    sqlite3_close(database);
    return arena_copy(arena, buffer_slice(&text));
}

/* What each number added, taken away again: the database as that release left it. A new number
 * needs a row here. */
static void a_database_of_every_older_release_is_brought_up_whole(void **state)
{
    (void)state;
    static const struct {
        int version;
        const char *take_away;
    } rows[] = {
        {4, "DROP TABLE lane_source"},
        {3, "DROP TABLE likeness"},
        {2, "DROP TABLE member_name"},
        {1, "DROP TABLE digest_lane; DROP TABLE flood"},
    };
    struct slice fresh = read_schema();
    assert_int_equal(sizeof rows / sizeof rows[0] + 1, schema_current);
    int64_t ana = add_member("ana@example.org");
    add_item(ana, add_message('m'), true);
    for (size_t last = 0; last < sizeof rows / sizeof rows[0]; last++) {
        BUFFER_CLEANUP sql = buffer_new(MIB);
        struct store_member member;
        struct store_item item;
        for (size_t i = 0; i <= last; i++)
            buffer_printf(&sql, "%s; PRAGMA user_version = %d;", rows[i].take_away,
                          rows[i].version);
        store_close(store);
        store = NULL;
        change_database(sql.data);
        assert_false(slice_equals(read_schema(), fresh));
        if (store_open(path, &store, &err) != 0)
            fail_msg("version %d: %s", rows[last].version, err.text);
        assert_true(slice_equals(read_schema(), fresh));
        assert_int_equal(store_check(store, &err), 0);
        assert_int_equal(store_member_get(store, ana, arena, &member, &err), 1);
        assert_true(slice_is(member.address, "ana@example.org"));
        assert_int_equal(store_item_get(store, 1, arena, &item, &err), 1);
    }
}

static void what_a_busy_database_answers_is_temporary(void **state)
{
    (void)state;
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_begin(store, &err), -1);
    assert_int_equal(err.kind, ERROR_TEMPORARY);
    assert_int_equal(sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    add_member("ana@example.org");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_group_shares_the_file_and_its_log),
        TEST(a_member_comes_back_as_she_was_put),
        TEST(a_setting_is_replaced_and_listed),
        TEST(forgetting_leaves_no_row_about_her_and_all_of_the_others),
        TEST(of_the_names_she_signs_with_the_latest_stay),
        TEST(senders_and_contacts_are_found_by_their_digest),
        TEST(same_bytes_while_held_are_one_item_that_counts),
        TEST(an_item_moves_once),
        TEST(a_listing_keeps_to_its_filter),
        TEST(a_large_body_comes_back_whole_and_is_checked),
        TEST(a_swept_message_leaves_no_byte_in_the_files),
        TEST(a_digest_counts_once_when_it_was_accepted),
        TEST(tokens_outbox_and_log_keep_what_they_are_given),
        TEST(counters_and_entries_add_up),
        TEST(a_rolled_back_transaction_leaves_nothing),
        TEST(news_of_others_change_the_data_version),
        TEST(a_backup_is_whole_and_replaces_nothing),
        TEST(a_wrong_file_is_named_with_what_can_be_done),
        TEST(a_database_of_every_older_release_is_brought_up_whole),
        TEST(what_a_busy_database_answers_is_temporary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
