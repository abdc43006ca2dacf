#include "policy/member.h"

#include "common/store/store_likeness.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000

static struct member invite(struct room *room, const char *address)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address),
                                   SETTINGS_LANGUAGE_PT, NOW, &member, room->arena, NULL),
                     0);
    return member;
}

static struct member find(struct room *room, const char *recipient)
{
    struct member member;
    assert_int_equal(
        member_find(room->store, &room->settings, slice_of(recipient), room->arena, &member, NULL),
        1);
    return member;
}

static void nobody_is_on_before_a_yes(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(member_find(room->store, &room->settings, slice_of("ana@casa.example"),
                                 room->arena, &member, NULL),
                     0);
    member = invite(room, "ana@casa.example");
    assert_false(member_is_on(&member));
    member = find(room, "ana@casa.example");
    assert_false(member_is_on(&member));
    assert_int_equal(member.row.state, STORE_MEMBER_INVITED);
    assert_int_equal(member.wishes.language, SETTINGS_LANGUAGE_PT);

    assert_int_equal(member_consent(room->store, &member, slice_of("by reply"), NOW + 5, NULL), 0);
    assert_true(member_is_on(&member));
    member = find(room, "ana@casa.example");
    assert_true(member_is_on(&member));
    assert_int_equal(member.row.consented_at, NOW + 5);
    assert_true(slice_is(member.row.consent_note, "by reply"));
}

static void a_recipient_is_the_same_person_in_every_spelling(void **state)
{
    struct room *room = *state;
    int64_t id = invite(room, " Ana@Casa.EXAMPLE ").row.id;
    static const char *const spellings[] = {"<ana@casa.example>", "ANA@casa.example",
                                            "<ana+boletin@casa.example>", "ana",
                                            "<\"ana\"@casa.example>"};
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        assert_int_equal(find(room, spellings[i]).row.id, id);
    static const char *const others[] = {"",
                                         "<>",
                                         "ana@otra.example",
                                         "anna@casa.example",
                                         "<ana@casa.example",
                                         "@casa.example",
                                         "a b@c d"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct member member;
        assert_int_equal(member_find(room->store, &room->settings, slice_of(others[i]), room->arena,
                                     &member, NULL),
                         0);
    }
}

static void an_invitation_needs_an_address_and_no_yes_before(void **state)
{
    struct room *room = *state;
    struct member member = invite(room, "ana@casa.example");
    static const char *const wrong[] = {"", "<>", "ana@@casa.example", "ana@casa.example, b@c.d"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = {0};
        assert_int_equal(member_invite(room->store, &room->settings, slice_of(wrong[i]), 0, NOW,
                                       &member, room->arena, &err),
                         -1);
        assert_int_equal(err.kind, ERROR_INPUT);
    }
    member = invite(room, "ana@casa.example"); /* a second time is fine */
    assert_int_equal(member_consent(room->store, &member, slice_of("by reply"), NOW, NULL), 0);
    struct error err = {0};
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0,
                                   NOW, &member, room->arena, &err),
                     -1);
    assert_int_equal(err.kind, ERROR_INPUT);
}

static void settings_stay_and_wrong_ones_change_nothing(void **state)
{
    struct room *room = *state;
    struct member member = invite(room, "ana@casa.example");
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"reveal", "Who"},    {"category.hate", "hold"},         {"time-zone", "America/Bogota"},
        {"weekday", "lunes"}, {"shield", "2026-11-30"},          {"language", "en"},
        {"hour", "21"},       {"shield", "2026-12-01T09:00:00Z"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            member_set(room->store, &member, slice_of(rows[i].name), slice_of(rows[i].value), NULL),
            0);
    struct wishes wanted = member.wishes;
    assert_int_equal(member_set(room->store, &member, slice_of("hour"), slice_of("25"), NULL), -1);
    assert_int_equal(member_set(room->store, &member, slice_of("no-such"), slice_of("1"), NULL),
                     -1);
    assert_memory_equal(&member.wishes, &wanted, sizeof wanted);
    member = find(room, "ana@casa.example");
    assert_memory_equal(&member.wishes, &wanted, sizeof wanted);
    assert_int_equal(member.wishes.reveal, WISH_REVEAL_WHO);
    assert_int_equal(member.wishes.category[CATEGORY_HATE], WISH_HOLD);
    assert_string_equal(member.wishes.time_zone, "America/Bogota");
    assert_int_equal(member.wishes.digest_weekday, 1);
    assert_int_equal(member.wishes.language, SETTINGS_LANGUAGE_EN);
    assert_int_equal(member.wishes.shield_until, 1796115600);
}

static void the_days_of_her_invitation_stay_hers(void **state)
{
    struct room *room = *state;
    room->settings.keep_days = 60;
    invite(room, "ana@casa.example");
    room->settings.keep_days = 3;
    assert_int_equal(find(room, "ana@casa.example").wishes.keep_days, 60);
}

static void off_and_forgotten_are_what_they_say(void **state)
{
    struct room *room = *state;
    struct member member = invite(room, "ana@casa.example");
    assert_int_equal(member_consent(room->store, &member, slice_of("by reply"), NOW, NULL), 0);
    assert_int_equal(member_stop(room->store, &member, NOW + 9, NULL), 0);
    member = find(room, "ana@casa.example");
    assert_false(member_is_on(&member));
    assert_int_equal(member.row.state, STORE_MEMBER_OFF);
    assert_int_equal(member.row.stopped_at, NOW + 9);
    assert_int_equal(member_forget(room->store, &member, NULL), 0);
    assert_int_equal(member_find(room->store, &room->settings, slice_of("ana@casa.example"),
                                 room->arena, &member, NULL),
                     0);
}

static void what_resembles_off_forgets_all_but_whom_she_excused(void **state)
{
    struct room *room = *state;
    struct member ana;
    struct error err = {0};
    struct store_likeness trait = {.value = slice_of("mark"), .created_at = 5};
    int64_t count = 0;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0, 1,
                                   &ana, room->arena, &err),
                     0);
    trait.member_id = ana.row.id;
    for (int kind = STORE_LIKENESS_EXCUSED; kind <= STORE_LIKENESS_TEXT; kind++) {
        trait.kind = (enum store_likeness_kind)kind;
        assert_int_equal(store_likeness_put(room->store, &trait, &err), 0);
    }
    assert_int_equal(member_set(room->store, &ana, slice_of("resembling"), slice_of("hold"), &err),
                     0);
    assert_int_equal(store_likeness_count(room->store, ana.row.id, &count, &err), 0);
    assert_int_equal(count, STORE_LIKENESS_TEXT - STORE_LIKENESS_EXCUSED);
    assert_int_equal(member_set(room->store, &ana, slice_of("resembling"), slice_of("off"), &err),
                     0);
    assert_int_equal(store_likeness_count(room->store, ana.row.id, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(
        store_likeness_find(room->store, ana.row.id, STORE_LIKENESS_EXCUSED, trait.value, &err), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_on_before_a_yes),
        TEST(a_recipient_is_the_same_person_in_every_spelling),
        TEST(an_invitation_needs_an_address_and_no_yes_before),
        TEST(settings_stay_and_wrong_ones_change_nothing),
        TEST(the_days_of_her_invitation_stay_hers),
        TEST(off_and_forgotten_are_what_they_say),
        TEST(what_resembles_off_forgets_all_but_whom_she_excused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
