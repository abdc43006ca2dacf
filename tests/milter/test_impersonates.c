/* A mail that comes as somebody of the household, to several members: the real steps on a database.
 */
#include "milter/message.h"

#include "common/base/limits.h"
#include "common/mail/dns_zone.h"
#include "milter/explain.h"
#include "milter/household_watch.h"
#include "milter/learn.h"
#include "policy/contact.h"
#include "policy/likeness.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1800000000

static const char zone[] = "$TTL 60\n"
                           "correo.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "_dmarc.correo.example TXT \"v=DMARC1; p=reject\"\n";

struct scene {
    struct room *room;
    struct dns *dns;
    struct household_watch *watch;
    struct household_turn *turn;
    struct message_tools tools;
    struct arena *arena, *scan_arena;
    struct member ana, eva;
    char *bytes;
};

static struct scene scene;

static void add_member(const char *address, struct member *member)
{
    struct room *room = scene.room;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address), 0, NOW, member,
                                   room->arena, NULL),
                     0);
    assert_int_equal(member_consent(room->store, member, slice_of("by reply"), NOW, NULL), 0);
}

/* A new one each time: the same one rests for a moment after it has read. */
static void look(void)
{
    household_watch_give(scene.watch, scene.turn);
    household_watch_free(scene.watch);
    scene.watch = household_watch_new(&scene.room->settings, &scene.room->keys);
    assert_int_equal(household_watch_look(scene.watch, NULL), 0);
    scene.turn = household_watch_take(scene.watch);
    scene.tools.household = household_turn_get(scene.turn);
}

static int open_scene(void **state)
{
    struct error err = {0};
    if (room_setup(state) != 0)
        return -1;
    scene = (struct scene){.room = *state};
    if (dns_open_zone(slice_of(zone), &scene.dns, &err) != 0)
        return -1;
    scene.tools = (struct message_tools){.settings = &scene.room->settings,
                                         .dns = scene.dns,
                                         .store = scene.room->store,
                                         .keys = &scene.room->keys,
                                         .now = NOW};
    scene.arena = arena_new(LIMIT_ENVELOPE_ARENA_BYTES);
    scene.scan_arena = arena_new(LIMIT_SCAN_ARENA_BYTES);
    add_member("ana.perez@casa.example", &scene.ana);
    add_member("eva@casa.example", &scene.eva);
    look();
    return 0;
}

static int close_scene(void **state)
{
    free(scene.bytes);
    household_watch_give(scene.watch, scene.turn);
    household_watch_free(scene.watch);
    arena_free(scene.arena);
    arena_free(scene.scan_arena);
    dns_close(scene.dns);
    return room_teardown(state);
}

/* To ana and eva; in memory of its exact size. */
static const struct message_result *run(const char *from, const char *client_ip, const char *login)
{
    static struct slice recipients[2];
    static struct envelope envelope;
    struct message_result *result = NULL;
    struct error err = {0};
    char text[512];
    int size = snprintf(text, sizeof text,
                        "From: %s\r\nTo: eva@casa.example\r\nSubject: Hola\r\n\r\nHola.\r\n", from);
    recipients[0] = slice_of("<ana.perez@casa.example>");
    recipients[1] = slice_of("<eva@casa.example>");
    envelope = (struct envelope){.client_ip = slice_of(client_ip),
                                 .helo = slice_of("mx.correo.example"),
                                 .sender = slice_of("ana@correo.example"),
                                 .login = slice_of(login),
                                 .queue_id = slice_of("Q"),
                                 .recipients = recipients,
                                 .recipient_count = 2};
    free(scene.bytes);
    scene.bytes = malloc((size_t)size);
    assert_non_null(scene.bytes);
    memcpy(scene.bytes, text, (size_t)size);
    if (message_run(&scene.tools, &envelope, slice_new(scene.bytes, (size_t)size), scene.arena,
                    scene.scan_arena, &result, &err) != 0)
        fail_msg("%s", err.text);
    return result;
}

/* `where` "": no word of it */
static void expect(const struct message_recipient *recipient, const char *where)
{
    const struct verdict *verdict = &recipient->verdict;
    if (where[0] == '\0') {
        assert_int_equal(verdict->action, VERDICT_NONE);
        return;
    }
    assert_int_equal(verdict->action, VERDICT_TAG);
    assert_int_equal(verdict->reason_count, 1);
    assert_true(slice_is(verdict->category, "impersonation"));
    assert_true(slice_is(verdict->reasons[0].rule, "impersonates"));
    assert_true(slice_is(verdict->reasons[0].where, where));
}

static void expect_both(const struct message_result *result, const char *ana, const char *eva)
{
    expect(&result->recipients[0], ana);
    expect(&result->recipients[1], eva);
}

#define PRIVATE "Ana Perez <ana.perez@correo.example>"
#define PROVEN "192.0.2.1", NULL
#define UNPROVEN "198.51.100.1", NULL

static void a_private_address_is_hers_in_her_own_mail_and_where_she_wrote_to_it(void **state)
{
    (void)state;
    expect_both(run(PRIVATE, PROVEN), "", "name");
    expect_both(run(PRIVATE, UNPROVEN), "name", "name");
    assert_int_equal(contact_add(scene.room->store, &scene.room->keys, scene.ana.row.id,
                                 slice_of("ana.perez@correo.example"), NOW, NULL),
                     0);
    expect_both(run(PRIVATE, PROVEN), "", "");
    /* whom she has written to is no stranger to her, but to eva it is an impostor */
    expect_both(run(PRIVATE, UNPROVEN), "", "name");
}

static void an_address_that_does_not_spell_it_is_not_hers(void **state)
{
    (void)state;
    expect_both(run("Ana Perez <x@correo.example>", PROVEN), "name", "name");
    assert_int_equal(contact_add(scene.room->store, &scene.room->keys, scene.ana.row.id,
                                 slice_of("x@correo.example"), NOW, NULL),
                     0);
    expect_both(run("Ana Perez <x@correo.example>", PROVEN), "", "name");
}

static void what_she_excused_is_excused_for_her_alone(void **state)
{
    (void)state;
    struct room *room = scene.room;
    assert_int_equal(likeness_excuse(room->store, &room->keys, scene.eva.row.id,
                                     slice_of("ana.perez@correo.example"), true, NOW, NULL),
                     0);
    expect_both(run(PRIVATE, PROVEN), "", "");
    expect_both(run(PRIVATE, UNPROVEN), "name", "name");
    assert_int_equal(likeness_excuse(room->store, &room->keys, scene.eva.row.id,
                                     slice_of("ana@c4sa.example"), false, NOW, NULL),
                     0);
    expect_both(run("ana@c4sa.example", UNPROVEN), "domain", "");
    assert_int_equal(likeness_excuse(room->store, &room->keys, scene.eva.row.id,
                                     slice_of("ana.perez@casa.example"), false, NOW, NULL),
                     0);
    expect_both(run("ana.perez@casa.example", UNPROVEN), "address", "address");
}

static void who_logged_in_or_writes_from_this_machine_is_one_of_us(void **state)
{
    (void)state;
    expect_both(run("ana.perez@casa.example", UNPROVEN), "address", "address");
    expect_both(run("ana.perez@casa.example", "198.51.100.1", "ana.perez"), "", "");
    expect_both(run("ana.perez@casa.example", "127.0.0.1", NULL), "", "");
    expect_both(run("ana.perez@casa.example", "::1", NULL), "", "");
    expect_both(run("Ana Perez <x@correo.example>", "198.51.100.1", "eva"), "", "");
}

static void an_address_of_ours_beside_another_author_is_told(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "Mala <x@correo.example>, Ana <ANA.perez@casa.example>",
        "Mala <x@correo.example>\r\nFrom: Ana <ana.perez@casa.example>",
        "Mala <x@correo.example>, a@b.example, c@d.example\r\nFrom: zaguan@casa.example"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_both(run(rows[i], PROVEN), "address", "address");
        expect_both(run(rows[i], "127.0.0.1", NULL), "", "");
    }
    expect_both(run("Mala <x@correo.example>, Otra <y@correo.example>", PROVEN), "", "");
}

static void learn(const char *login, const char *from)
{
    struct room *room = scene.room;
    const struct envelope envelope = {.login = slice_of(login), .arrived_at = NOW};
    assert_int_equal(learn_name(room->store, &room->keys, &room->settings, &envelope,
                                slice_of(from), room->arena, NULL),
                     0);
    look();
}

static void a_login_teaches_its_own_name_alone(void **state)
{
    (void)state;
    static const char mail[] = "Eva Luna <x@correo.example>";
    expect_both(run(mail, PROVEN), "", "");
    learn("", "Eva Luna <eva@casa.example>");
    learn("ana.perez", "Eva Luna <eva@casa.example>");
    learn("nobody", "Eva Luna <eva@casa.example>");
    learn("eva@otra.example", "Eva Luna <eva@casa.example>");
    expect_both(run(mail, PROVEN), "", "");
    learn("eva", "Eva Luna <eva@casa.example>");
    expect_both(run(mail, PROVEN), "name", "name");
}

static void explain_names_the_false_part(void **state)
{
    (void)state;
    BUFFER_CLEANUP text = buffer_new(64 * KIB);
    explain_write(run("ana@c4sa.example", UNPROVEN), &text);
    struct slice wanted =
        slice_of("eva@casa.example>: tag\n    because of impersonates (domain)\n");
    assert_true(slice_find(buffer_slice(&text), wanted) < text.size);
}

static void who_leaves_is_looked_after_no_more(void **state)
{
    (void)state;
    expect_both(run("Ana Perez <x@correo.example>", PROVEN), "name", "name");
    assert_int_equal(member_forget(scene.room->store, &scene.ana, NULL), 0);
    look();
    const struct message_result *result = run("Ana Perez <x@correo.example>", PROVEN);
    assert_false(result->recipients[0].is_member_on);
    expect(&result->recipients[1], "");
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_private_address_is_hers_in_her_own_mail_and_where_she_wrote_to_it),
        SCENE_TEST(an_address_that_does_not_spell_it_is_not_hers),
        SCENE_TEST(what_she_excused_is_excused_for_her_alone),
        SCENE_TEST(who_logged_in_or_writes_from_this_machine_is_one_of_us),
        SCENE_TEST(an_address_of_ours_beside_another_author_is_told),
        SCENE_TEST(a_login_teaches_its_own_name_alone),
        SCENE_TEST(explain_names_the_false_part),
        SCENE_TEST(who_leaves_is_looked_after_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
