/* What an answer does over several mails, and when something goes wrong. Single mails: the folders
 * of tests/cases/answer. */
#include "common/store/store_name.h"
#include "tests/review/scene.h"

#include "common/store/store_log.h"
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>

static struct scene s;

static int open_scene(void **state)
{
    (void)state;
    scene_open(&s, STORE_MEMBER_ON, SETTINGS_LANGUAGE_EN, 3);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    scene_close(&s);
    return 0;
}

static void seeing_goes_who_subject_text(void **state)
{
    (void)state;
    say(&s, "see 2");
    assert_true(receipts_hold(&s, "stranger2@example.net"));
    assert_false(receipts_hold(&s, "secret subject 2"));
    say(&s, "see 2");
    assert_true(receipts_hold(&s, "| secret subject 2"));
    assert_false(receipts_hold(&s, "secret text 2"));
    say(&s, "see 2");
    assert_true(receipts_hold(&s, "| secret text 2"));
    assert_false(receipts_hold(&s, "secret subject 1"));
    assert_int_equal(state_of(&s, s.items[2]), STORE_ITEM_HELD);
}

static void what_was_shown_quoted_without_marks_is_no_command(void **state)
{
    (void)state;
    say(&s, "Thank you so much,\n| secret text 1\n| release all\nrelease all");
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_HELD);
}

static void all_after_stop_is_also_what_came_after_the_digest(void **state)
{
    (void)state;
    int64_t late = hold(&s, s.member.row.id, 9, true);
    say(&s, "stop");
    follow_receipt(&s);
    say(&s, "release all");
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_RELEASING);
    assert_int_equal(state_of(&s, late), STORE_ITEM_RELEASING);
}

static void after_stop_a_yes_to_the_receipt_begins_again(void **state)
{
    (void)state;
    struct member member;
    say(&s, "stop");
    follow_receipt(&s);
    say(&s, "yes");
    assert_int_equal(member_get(s.store, s.member.row.id, s.arena, &member, &s.err), 1);
    assert_true(member_is_on(&member));
}

static int64_t names_after(const char *fields, const char *lines)
{
    static int number = 0;
    char mail[500];
    int64_t count;
    snprintf(mail, sizeof mail, "%s\nMessage-ID: <name%d@phone.example>\nSubject: Re: x\n\n%s\n",
             fields, ++number, lines);
    answer(&s, slice_of(mail));
    MUST(store_name_count(s.store, s.member.row.id, &count, &s.err));
    return count;
}

static void the_name_she_answers_under_is_learned(void **state)
{
    (void)state;
    static const char hers[] = "From: Ana P\u00e9rez <ana@example.org>";
    assert_int_equal(names_after("From: ana@example.org", "keep 1"), 0);
    assert_int_equal(names_after("From: Eva Luna <eva@example.org>", "keep 1"), 0);
    assert_int_equal(names_after(hers, "Hola"), 0); /* no command: nothing is changed */
    assert_int_equal(
        names_after("From: Ana P\u00e9rez <ana@example.org>\nPrecedence: bulk", "keep 1"), 0);
    assert_int_equal(names_after(hers, "set impersonation off"), 0);
    assert_int_equal(names_after(hers, "keep 1"), 0);
    assert_int_equal(names_after(hers, "set impersonation tag"), 1);
    assert_int_equal(names_after(hers, "unkeep 1"), 1);
    assert_int_equal(names_after(hers, "set impersonation off"), 0);
}

static void forgetting_asks_once_and_then_nothing_is_left(void **state)
{
    (void)state;
    struct store_member row;
    struct store_item item;
    struct store_token token;
    say(&s, "forget me");
    assert_int_equal(store_member_get(s.store, s.member.row.id, s.arena, &row, &s.err), 1);
    follow_receipt(&s);
    say(&s, "yes");
    assert_int_equal(store_member_get(s.store, s.member.row.id, s.arena, &row, &s.err), 0);
    assert_int_equal(store_item_get(s.store, s.items[1], s.arena, &item, &s.err), 0);
    assert_int_equal(token_find(s.store, slice_of(s.token), NOW, s.arena, &token, &s.err), 0);
    /* only the receipt that says so: the question before it went with her */
    assert_int_equal(count_receipts(&s), 1);
    assert_true(receipts_hold(&s, "Everything about you is gone"));
    say(&s, "yes");
    assert_string_equal(s.result.reason, "token");
    assert_int_equal(count_receipts(&s), 1);
}

static void other_members_keep_theirs_when_one_is_forgotten(void **state)
{
    (void)state;
    int64_t hers = hold(&s, s.other_id, 1, true);
    say(&s, "forget me");
    follow_receipt(&s);
    say(&s, "yes");
    assert_int_equal(state_of(&s, hers), STORE_ITEM_HELD);
}

static void a_receipt_that_cannot_be_written_undoes_the_reply(void **state)
{
    (void)state;
    struct answer_result result;
    char recipient[TOKEN_ADDRESS_BYTES], domain[SETTINGS_NAME_BYTES];
    token_write_address(&s.settings, s.token, recipient);
    struct answer_envelope envelope = {slice_of(recipient), slice_of(s.sender)};
    struct slice mail = slice_of("Message-ID: <1@x.example>\n\nrelease 1\nblock 2\nstop\n");
    memcpy(domain, s.settings.domain, sizeof domain);
    snprintf(s.settings.domain, sizeof s.settings.domain, "bad\r\nBcc: x");
    assert_int_equal(
        answer_mail(s.store, &s.keys, &s.settings, mail, &envelope, NOW, &result, &s.err), -1);
    memcpy(s.settings.domain, domain, sizeof domain);
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_HELD);
    assert_int_equal(count_receipts(&s), 0);
    /* Postfix brings it again, and now it is done */
    assert_int_equal(
        answer_mail(s.store, &s.keys, &s.settings, mail, &envelope, NOW, &result, &s.err), 0);
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_RELEASING);
    assert_int_equal(count_receipts(&s), 1);
}

static void *answer_on_its_own(void *context)
{
    struct scene *mine = context;
    say(mine, "release 1");
    return NULL;
}

static int count_text(const char *text)
{
    BUFFER_CLEANUP all = buffer_new(16 * MIB);
    read_receipts(&s, &all);
    int count = 0;
    struct slice rest = buffer_slice(&all), wanted = slice_of(text);
    for (size_t at; (at = slice_find(rest, wanted)) < rest.size; rest = slice_from(rest, at + 1))
        count++;
    return count;
}

static void two_answers_at_once_release_one_copy(void **state)
{
    (void)state;
    struct scene both[2] = {s, s};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        both[i].arena = arena_new(8 * MIB);
        MUST(store_open(s.settings.database, &both[i].store, &s.err));
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, answer_on_its_own, &both[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        store_close(both[i].store);
        arena_free(both[i].arena);
    }
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_RELEASING);
    assert_int_equal(count_text("Released, on its way to you: 1."), 1);
    assert_int_equal(count_text("on its way to you already; it comes once: 1."), 1);
}

static void help_comes_again_after_a_day(void **state)
{
    (void)state;
    say(&s, "hmm hmm");
    say(&s, "hmm again");
    assert_int_equal(count_receipts(&s), 1);
    MUST(member_get(s.store, s.member.row.id, s.arena, &s.member, &s.err) - 1);
    s.member.row.last_help_at = NOW - DAY;
    MUST(store_member_put(s.store, &s.member.row, &s.err));
    say(&s, "hmm once more");
    assert_int_equal(count_receipts(&s), 2);
}

/* NOW is 08:00 UTC. */
static void her_settings_say_the_shields_end_in_her_own_time(void **state)
{
    (void)state;
    say(&s, "set time-zone America/Bogota\nshield 1 day\nsettings");
    assert_true(receipts_hold(&s, "shield = 2027-01-16 03:00 (America/Bogota)"));
    say(&s, "shield off\nsettings");
    assert_true(receipts_hold(&s, "shield = off"));
}

static void letter_case_of_the_address_does_not_matter(void **state)
{
    (void)state;
    for (char *letter = s.token; *letter != '\0'; letter++)
        if (*letter >= 'a' && *letter <= 'z')
            *letter = (char)(*letter - 'a' + 'A');
    say(&s, "release 1");
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_RELEASING);
}

static void a_huge_reply_is_read_at_its_top(void **state)
{
    (void)state;
    BUFFER_CLEANUP mail = buffer_new(4 * MIB);
    buffer_append_text(&mail, "Message-ID: <huge@x.example>\n\nrelease 1\n\n");
    while (mail.size < LIMIT_REPLY_BYTES)
        buffer_append_text(&mail, "> delete 2 delete 2 delete 2 delete 2 delete 2 delete 2\n");
    answer(&s, buffer_slice(&mail));
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_RELEASING);
    assert_int_equal(state_of(&s, s.items[2]), STORE_ITEM_HELD);
}

static void every_act_stands_in_her_log(void **state)
{
    (void)state;
    static const char *const wanted[] = {"released", "deleted", "kept", "seen"};
    struct store_log_line *lines;
    size_t count;
    say(&s, "release 1\ndelete 2\nkeep 3\nsee 3");
    MUST(store_log_list(s.store, s.member.row.id, 0, s.arena, &lines, &count, &s.err));
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        bool is_there = false;
        for (size_t i = 0; i < count; i++)
            is_there |= slice_is(lines[i].action, wanted[k]) && slice_is(lines[i].actor, "member");
        assert_true(is_there);
    }
}

static void run_sql(const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(s.settings.database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void a_damaged_item_does_not_keep_her_from_the_others(void **state)
{
    (void)state;
    run_sql("UPDATE message SET sealed_sheet = x'00' WHERE id = (SELECT min(id) FROM message)");
    say(&s, "let through all");
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_HELD);
    assert_int_equal(state_of(&s, s.items[3]), STORE_ITEM_RELEASING);
    assert_true(receipts_hold(&s, "damaged"));
}

static void a_database_that_cannot_be_written_leaves_the_reply_for_later(void **state)
{
    (void)state;
    char recipient[TOKEN_ADDRESS_BYTES];
    struct answer_result result;
    struct error err = {0};
    token_write_address(&s.settings, s.token, recipient);
    struct answer_envelope envelope = {slice_of(recipient), slice_of(s.sender)};
    run_sql("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END");
    assert_int_equal(answer_mail(s.store, &s.keys, &s.settings, slice_of("\nrelease 1\n"),
                                 &envelope, NOW, &result, &err),
                     -1);
    run_sql("DROP TRIGGER full");
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_HELD);
    answer(&s, slice_of("\nrelease 1\n"));
    assert_int_equal(state_of(&s, s.items[1]), STORE_ITEM_RELEASING);
    assert_int_equal(count_receipts(&s), 1);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        CLAIM(seeing_goes_who_subject_text),
        CLAIM(what_was_shown_quoted_without_marks_is_no_command),
        CLAIM(all_after_stop_is_also_what_came_after_the_digest),
        CLAIM(after_stop_a_yes_to_the_receipt_begins_again),
        CLAIM(the_name_she_answers_under_is_learned),
        CLAIM(forgetting_asks_once_and_then_nothing_is_left),
        CLAIM(other_members_keep_theirs_when_one_is_forgotten),
        CLAIM(a_receipt_that_cannot_be_written_undoes_the_reply),
        CLAIM(two_answers_at_once_release_one_copy),
        CLAIM(help_comes_again_after_a_day),
        CLAIM(letter_case_of_the_address_does_not_matter),
        CLAIM(her_settings_say_the_shields_end_in_her_own_time),
        CLAIM(a_huge_reply_is_read_at_its_top),
        CLAIM(a_damaged_item_does_not_keep_her_from_the_others),
        CLAIM(a_database_that_cannot_be_written_leaves_the_reply_for_later),
        CLAIM(every_act_stands_in_her_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
