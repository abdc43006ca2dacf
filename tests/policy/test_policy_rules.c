#include "policy/policy_rules.h"

#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/store/store_mail.h"
#include "policy/porter.h"
#include "policy/visit.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1795428000)
#define LIMIT 5 /* fewer than begin a flood */
#define FRIEND "sol@amiga.example"

/* A room with one member, Ana, who has a friend; a porter at its door; a name server that is dead.
 */
struct door {
    struct room *room;
    struct porter porter;
    struct visit visit;
    struct arena *arena;
    int64_t ana;
};

static struct door door;

static int open_door(const char *database)
{
    struct settings settings = door.room->settings;
    struct error err = {0};
    snprintf(settings.database, sizeof settings.database, "%s", database);
    snprintf(settings.dns_server, sizeof settings.dns_server, "127.0.0.1:1");
    snprintf(settings.policy_rules, sizeof settings.policy_rules, "%s/rules", door.room->folder);
    settings.dns_timeout_milliseconds = 300;
    settings.flood_limit = LIMIT;
    settings.outgoing_limit = 3;
    if (porter_open(&door.porter, &settings, &err) == 0)
        return 0;
    fprintf(stderr, "porter: %s\n", err.text);
    return -1;
}

static int setup(void **state)
{
    struct member member;
    struct error err = {0};
    if (room_setup(state) != 0)
        return -1;
    struct room *room = *state;
    log_open("test", LOG_TARGET_STDERR, LOG_LEVEL_ERROR, NULL);
    door = (struct door){.room = room, .arena = arena_new(LIMIT_SPF_BYTES)};
    if (member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0, NOW, &member,
                      room->arena, &err) != 0 ||
        member_consent(room->store, &member, slice_of("test"), NOW, &err) != 0 ||
        contact_add(room->store, &room->keys, member.row.id, slice_of(FRIEND), NOW, &err) != 0)
        return -1;
    door.ana = member.row.id;
    return open_door(room->settings.database);
}

static int teardown(void **state)
{
    porter_close(&door.porter);
    arena_free(door.arena);
    return room_teardown(state);
}

static enum answer_action ask(struct request request)
{
    struct answer answer;
    request.request = slice_of("smtpd_access_policy");
    if (slice_is_empty(request.protocol_state))
        request.protocol_state = slice_of("RCPT");
    policy_decide(&door.porter, &door.visit, &request, door.arena, NOW, &answer);
    arena_reset(door.arena);
    return answer.action;
}

static enum answer_action stranger_asks(int number)
{
    char sender[64], ip[64];
    snprintf(sender, sizeof sender, "n%d@d%d.example", number, number);
    snprintf(ip, sizeof ip, "198.18.%d.1", number);
    return ask((struct request){.client_address = slice_of(ip),
                                .sender = slice_of(sender),
                                .recipient = slice_of("ana@casa.example")});
}

/* Their servers have no name and no address here, so that SPF has nothing to ask for. */
static enum answer_action friend_asks(void)
{
    return ask(
        (struct request){.sender = slice_of(FRIEND), .recipient = slice_of("ana@casa.example")});
}

static void a_flood_is_told_to_the_store_also_when_all_are_put_off(void **state)
{
    struct store_flood flood = {0};
    int put_off = 0;
    (void)state;
    for (int i = 0; i < 40; i++)
        put_off += stranger_asks(i) == ANSWER_DEFER_IF_PERMIT ? 1 : 0;
    assert_int_equal(put_off, 40 - LIMIT);
    assert_int_equal(friend_asks(), ANSWER_DUNNO);
    assert_int_equal(store_flood_get(door.room->store, door.ana, &flood, NULL), 1);
    assert_int_equal(flood.began_at, NOW);
    assert_int_equal(flood.told_at, 0); /* zaguan-review tells her */
}

static void after_a_restart_a_flood_is_still_one_and_begins_no_second_time(void **state)
{
    struct store_flood flood = {0};
    int passed = 0;
    (void)state;
    for (int i = 0; i < 40; i++)
        stranger_asks(i);
    assert_int_equal(store_flood_tell(door.room->store, door.ana, NOW + 1, NULL), 1);
    porter_close(&door.porter);
    assert_int_equal(open_door(door.room->settings.database), 0);
    for (int i = 40; i < 80; i++)
        passed += stranger_asks(i) == ANSWER_DUNNO ? 1 : 0;
    assert_int_equal(passed, LIMIT); /* what docs/floods.md says a restart costs */
    assert_int_equal(store_flood_get(door.room->store, door.ana, &flood, NULL), 1);
    assert_int_equal(flood.began_at, NOW);
    assert_int_equal(flood.told_at, NOW + 1); /* and she is not told again */
}

static void only_a_recipient_is_something_to_decide_about(void **state)
{
    static const char *const states[] = {"CONNECT", "EHLO", "HELO",           "MAIL", "DATA",
                                         "VRFY",    "ETRN", "END-OF-MESSAGE", "x"};
    (void)state;
    for (int i = 0; i < 2 * LIMIT; i++)
        stranger_asks(i);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        assert_int_equal(ask((struct request){.protocol_state = slice_of(states[i]),
                                              .sender = slice_of("n@x.example"),
                                              .recipient = slice_of("ana@casa.example")}),
                         ANSWER_DUNNO);
    assert_int_equal(stranger_asks(99), ANSWER_DEFER_IF_PERMIT);
}

static void a_recipient_that_is_none_is_dunno_and_such_a_sender_is_a_stranger(void **state)
{
    static const char *const rows[] = {"", "ana", "@casa.example", "<<>>", "a b@casa.example"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(ask((struct request){.sender = slice_of("n@x.example"),
                                              .recipient = slice_of(rows[i])}),
                         ANSWER_DUNNO);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0];
         i++) /* all of one hand: half of the places */
        assert_int_equal(ask((struct request){.sender = slice_of(rows[i]),
                                              .recipient = slice_of("ana@casa.example")}),
                         i < LIMIT / 2 ? ANSWER_DUNNO : ANSWER_DEFER_IF_PERMIT);
}

static void a_database_that_is_away_or_broken_is_dunno(void **state)
{
    char path[200];
    (void)state;
    for (int i = 0; i < 3; i++) {
        porter_close(&door.porter);
        snprintf(path, sizeof path, "%s/%s", door.room->folder, i == 0 ? "none/zaguan.db" : "junk");
        FILE *junk = i == 0 ? NULL : fopen(path, "w");
        if (junk != NULL) {
            fputs(i == 1 ? "no database" : "", junk);
            fclose(junk);
        }
        assert_int_equal(open_door(path), 0); /* the daemon starts, for it may come later */
        assert_int_equal(stranger_asks(1), ANSWER_DUNNO);
        assert_int_equal(ask((struct request){.sasl_username = slice_of("ana"),
                                              .sender = slice_of("ana@casa.example"),
                                              .recipient = slice_of("x@y.example")}),
                         ANSWER_DUNNO);
    }
}

static void a_dead_name_server_refuses_nobody(void **state)
{
    struct error err = {0};
    FILE *rules = fopen(door.porter.settings.policy_rules, "w");
    (void)state;
    assert_non_null(rules);
    fputs("refuse spf-fail bank.example\n", rules);
    fclose(rules);
    assert_int_equal(local_rules_reload(door.porter.local, &err), 0);
    assert_int_equal(ask((struct request){.client_address = slice_of("198.51.100.7"),
                                          .helo_name = slice_of("mx.bank.example"),
                                          .sender = slice_of("x@bank.example"),
                                          .recipient = slice_of("luz@casa.example")}),
                     ANSWER_DUNNO);
}

static enum answer_action writes(const char *login, int number)
{
    char to[64];
    snprintf(to, sizeof to, "r%d@y.example", number);
    return ask((struct request){.sasl_username = slice_of(login),
                                .sender = slice_of("ana@casa.example"),
                                .recipient = slice_of(to)});
}

static void the_brake_puts_off_one_account_and_tells_the_admin_once(void **state)
{
    struct arena *arena = door.room->arena;
    struct store_outgoing *mails;
    size_t count = 0;
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(writes("eva", i), i < 3 ? ANSWER_DUNNO : ANSWER_DEFER_IF_PERMIT);
    assert_int_equal(writes("luz", 1), ANSWER_DUNNO);
    assert_int_equal(store_outbox_list(door.room->store, NOW, arena, &mails, &count, NULL), 0);
    assert_int_equal(count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flood_is_told_to_the_store_also_when_all_are_put_off),
        TEST(after_a_restart_a_flood_is_still_one_and_begins_no_second_time),
        TEST(only_a_recipient_is_something_to_decide_about),
        TEST(a_recipient_that_is_none_is_dunno_and_such_a_sender_is_a_stranger),
        TEST(a_database_that_is_away_or_broken_is_dunno),
        TEST(a_dead_name_server_refuses_nobody),
        TEST(the_brake_puts_off_one_account_and_tells_the_admin_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
