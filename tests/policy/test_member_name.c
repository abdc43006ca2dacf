#include "common/store/store_name.h"
#include "policy/member_name.h"

#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000

static struct member add(struct room *room, const char *address)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address),
                                   SETTINGS_LANGUAGE_ES, NOW, &member, room->arena, NULL),
                     0);
    assert_int_equal(member_consent(room->store, &member, slice_of("by reply"), NOW, NULL), 0);
    return member;
}

static void learn(struct room *room, const struct member *member, const char *from, int64_t now)
{
    assert_int_equal(member_name_learn(room->store, &room->keys, &room->settings, member,
                                       slice_of(from), room->arena, now, NULL),
                     0);
}

static size_t known(struct room *room)
{
    struct store_name *names;
    size_t count;
    assert_int_equal(store_name_list(room->store, room->arena, &names, &count, NULL), 0);
    return count;
}

static void only_a_full_name_above_her_own_address_is_learned(void **state)
{
    static const struct {
        const char *from;
        size_t count;
    } rows[] = {
        {"Ana <ana@casa.example>", 0},
        {"ana@casa.example", 0},
        {"Equipo Legal <ana@casa.example>", 0},
        {"Ana P\u00e9rez <bea@casa.example>", 0},
        {"Ana P\u00e9rez <ana@otra.example>", 0},
        {"Ana P\u00e9rez <ana@casa.example>, Bea Ruiz <bea@casa.example>", 0},
        {"", 0},
        {"Ana P\u00e9rez | Colectiva Luna <ana@casa.example>", 1},
        {"=?utf-8?q?P=C3=A9rez=2C_Ana?= <ANA+x@Casa.example>", 1}, /* the same name */
        {"Anita P\u00e9rez <ana@casa.example>", 2},
    };
    struct room *room = *state;
    struct member ana = add(room, "ana@casa.example");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        learn(room, &ana, rows[i].from, NOW);
        if (known(room) != rows[i].count)
            fail_msg("%s: %zu names", rows[i].from, known(room));
    }
}

static void it_is_bounded_and_the_last_names_stay(void **state)
{
    struct room *room = *state;
    struct member ana = add(room, "ana@casa.example");
    char from[64];
    for (int i = 0; i < 3 * MEMBER_NAME_MOST; i++) {
        snprintf(from, sizeof from, "Ana %c%cez <ana@casa.example>", 'a' + i, 'b' + i);
        learn(room, &ana, from, NOW + i);
    }
    assert_int_equal(known(room), MEMBER_NAME_MOST);
}

static void nothing_is_learned_of_who_did_not_say_yes_or_does_not_want_it(void **state)
{
    struct room *room = *state;
    struct member ana = add(room, "ana@casa.example"), bea;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("bea@casa.example"),
                                   SETTINGS_LANGUAGE_ES, NOW, &bea, room->arena, NULL),
                     0);
    learn(room, &bea, "Bea Ruiz <bea@casa.example>", NOW);
    assert_int_equal(known(room), 0);
    learn(room, &ana, "Ana P\u00e9rez <ana@casa.example>", NOW);
    assert_int_equal(known(room), 1);
    assert_int_equal(
        member_set(room->store, &ana, slice_of("category.impersonation"), slice_of("off"), NULL),
        0);
    assert_int_equal(known(room), 0);
    learn(room, &ana, "Ana P\u00e9rez <ana@casa.example>", NOW);
    assert_int_equal(known(room), 0);
}

static void a_forgotten_member_leaves_no_name(void **state)
{
    struct room *room = *state;
    struct member ana = add(room, "ana@casa.example");
    learn(room, &ana, "Ana P\u00e9rez <ana@casa.example>", NOW);
    assert_int_equal(known(room), 1);
    assert_int_equal(member_forget(room->store, &ana, NULL), 0);
    assert_int_equal(known(room), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_a_full_name_above_her_own_address_is_learned),
        TEST(it_is_bounded_and_the_last_names_stay),
        TEST(nothing_is_learned_of_who_did_not_say_yes_or_does_not_want_it),
        TEST(a_forgotten_member_leaves_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
