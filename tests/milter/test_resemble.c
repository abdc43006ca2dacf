/* A mail for several members, of whom some have blocked somebody: the real steps on a database. */
#include "milter/message.h"

#include "common/base/limits.h"
#include "common/mail/dns_zone.h"
#include "milter/explain.h"
#include "policy/contact.h"
#include "policy/likeness.h"
#include "policy/sender.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1800000000

#define THREAT                                                                                     \
    "S\xc3\xa9 muy bien d\xc3\xb3nde vives y a qu\xc3\xa9 hora sales cada ma\xc3\xb1"              \
    "ana del trabajo.\r\nNadie te va a creer cuando lo cuentes, y la pr\xc3\xb3xima vez que "      \
    "hables\r\nen esa radio vas a ver lo que pasa contigo y con toda tu familia.\r\nTodav\xc3\xad" \
    "a est\xc3\xa1s a tiempo de callarte para siempre y desaparecer.\r\n"

static const char zone[] = "$TTL 60\n"
                           "y.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "_dmarc.y.example TXT \"v=DMARC1; p=reject\"\n";

struct scene {
    struct room *room;
    struct dns *dns;
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

/* What review/learn.c does of a held mail from mal@x.example. */
static void learn_threat(void)
{
    struct room *room = scene.room;
    struct text_piece piece = {
        .where = TEXT_BODY, .text = slice_of(THREAT), .source = "text/plain"};
    const struct text_set texts = {&piece, 1, NULL, 0};
    const struct likeness_mail mail = {.from_address = slice_of("mal@x.example"),
                                       .from_name = slice_of("El Malo Maloso"),
                                       .reply_address = slice_of("buzon@x.example"),
                                       .texts = &texts};
    struct likeness *likeness;
    assert_int_equal(likeness_read(&mail, &room->keys, &likeness, NULL), 0);
    assert_int_equal(sender_set_rule(room->store, &room->keys, scene.ana.row.id,
                                     slice_of("mal@x.example"), STORE_SENDER_BLOCK, NOW, NULL),
                     0);
    assert_int_equal(likeness_learn(room->store, &room->keys, &scene.ana.row,
                                    slice_of("mal@x.example"), likeness, NULL, 0, NOW, NULL),
                     0);
    likeness_free(likeness);
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
    add_member("ana@casa.example", &scene.ana);
    add_member("eva@casa.example", &scene.eva);
    learn_threat();
    return 0;
}

static int close_scene(void **state)
{
    free(scene.bytes);
    arena_free(scene.arena);
    arena_free(scene.scan_arena);
    dns_close(scene.dns);
    return room_teardown(state);
}

/* To ana and eva, from 192.0.2.1; in memory of its exact size. */
static const struct message_result *run(const char *text)
{
    static struct slice recipients[2];
    static struct envelope envelope;
    struct message_result *result = NULL;
    struct error err = {0};
    size_t size = strlen(text);
    recipients[0] = slice_of("<ana@casa.example>");
    recipients[1] = slice_of("<eva@casa.example>");
    envelope = (struct envelope){.client_ip = slice_of("192.0.2.1"),
                                 .helo = slice_of("mx.y.example"),
                                 .sender = slice_of("otra@y.example"),
                                 .queue_id = slice_of("Q"),
                                 .recipients = recipients,
                                 .recipient_count = 2};
    free(scene.bytes);
    scene.bytes = malloc(size);
    assert_non_null(scene.bytes);
    memcpy(scene.bytes, text, size);
    if (message_run(&scene.tools, &envelope, slice_new(scene.bytes, size), scene.arena,
                    scene.scan_arena, &result, &err) != 0)
        fail_msg("%s", err.text);
    return result;
}

static void expect(const char *mail, enum verdict_action action, const char *trait)
{
    const struct message_result *result = run(mail);
    const struct verdict *hers = &result->recipients[0].verdict;
    assert_int_equal(hers->action, action);
    if (trait != NULL) {
        assert_true(slice_is(hers->reasons[0].rule, "resembles"));
        assert_true(slice_is(hers->reasons[0].where, trait));
    }
    /* Eva has blocked nobody. */
    assert_int_equal(result->recipients[1].verdict.action, VERDICT_NONE);
    assert_int_equal(result->recipients[1].verdict.reason_count, 0);
}

#define FROM(name) "From: " name " <otra@y.example>\r\nSubject: Hola\r\n"

static void a_stranger_with_nothing_in_common_passes(void **state)
{
    (void)state;
    expect(FROM("Luz Marina") "\r\nHola, nos vemos el lunes.\r\n", VERDICT_NONE, NULL);
}

static void the_same_person_is_tagged_for_her_who_blocked_him(void **state)
{
    (void)state;
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_TAG, "text");
    expect(FROM("Maloso El Malo") "\r\nHola\r\n", VERDICT_TAG, "name");
    expect(FROM("Nadie") "Reply-To: Yo <buzon+3@x.example>\r\n\r\nHola\r\n", VERDICT_TAG,
           "reply-to");
    expect("From: mal+nuevo@x.example\r\n\r\nHola\r\n", VERDICT_HOLD, NULL); /* the block itself */
}

static void she_decides_what_happens_to_it(void **state)
{
    struct room *room = *state;
    struct slice name = slice_of("resembling");
    assert_int_equal(member_set(room->store, &scene.ana, name, slice_of("hold"), NULL), 0);
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_HOLD, "text");
    assert_int_equal(member_set(room->store, &scene.ana, name, slice_of("tag"), NULL), 0);
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_TAG, "text");
    assert_int_equal(member_set(room->store, &scene.ana, name, slice_of("off"), NULL), 0);
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_NONE, NULL);
    /* What off forgot does not come back. */
    assert_int_equal(member_set(room->store, &scene.ana, name, slice_of("tag"), NULL), 0);
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_NONE, NULL);
}

static void people_she_wrote_to_never_resemble(void **state)
{
    struct room *room = *state;
    assert_int_equal(contact_add(room->store, &room->keys, scene.ana.row.id,
                                 slice_of("otra@y.example"), NOW, NULL),
                     0);
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_NONE, NULL);
}

static void excused_by_her_it_passes(void **state)
{
    struct room *room = *state;
    assert_int_equal(likeness_excuse(room->store, &room->keys, scene.ana.row.id,
                                     slice_of("otra@y.example"), true, NOW, NULL),
                     0);
    expect(FROM("Nadie") "\r\n" THREAT, VERDICT_NONE, NULL);
}

static void explain_names_the_trait(void **state)
{
    (void)state;
    BUFFER_CLEANUP text = buffer_new(1 << 16);
    explain_write(run(FROM("Nadie") "\r\n" THREAT), &text);
    struct slice wanted = slice_of("ana@casa.example>: tag\n    because of resembles (text)\n");
    assert_true(slice_find(buffer_slice(&text), wanted) < text.size);
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_stranger_with_nothing_in_common_passes),
        SCENE_TEST(the_same_person_is_tagged_for_her_who_blocked_him),
        SCENE_TEST(she_decides_what_happens_to_it),
        SCENE_TEST(people_she_wrote_to_never_resemble),
        SCENE_TEST(excused_by_her_it_passes),
        SCENE_TEST(explain_names_the_trait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
