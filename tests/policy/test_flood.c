#include "policy/flood.h"

#include "tests/policy/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "policy/member.h"

#define NOW INT64_C(1800000000)
#define WINDOW 600
#define LIMIT 60

enum flood_word { FLOOD_PASSES, FLOOD_IS_ON, FLOOD_PUT_OFF };

static enum flood_word ask(struct flood *flood, int number, int domain, int64_t now, int64_t usual)
{
    char sender[64], ip[64];
    snprintf(sender, sizeof sender, "n%d@d%d.example", number, domain);
    snprintf(ip, sizeof ip, "10.%d.%d.1", domain / 256, domain % 256);
    struct slice address = slice_of(sender);
    const struct flood_stranger stranger = {
        .member_id = 1,
        .sender = address,
        .sender_domain = slice_from(address, slice_find_byte(address, '@') + 1),
        .client_ip = slice_of(ip),
        .now = now};
    struct flood_view view = flood_ask(flood, &stranger, usual);
    if (view.is_put_off)
        return FLOOD_PUT_OFF;
    return view.is_flood ? FLOOD_IS_ON : FLOOD_PASSES;
}

static void what_is_usual_is_no_flood(void **state)
{
    (void)state;
    struct flood *flood = flood_new(0, WINDOW);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ask(flood, i, i, NOW, 20000), FLOOD_PASSES);
    assert_int_equal(ask(flood, 100, 100, NOW, 20000), FLOOD_IS_ON);
    flood_free(flood);
}

static void a_few_strangers_are_no_flood(void **state)
{
    (void)state;
    struct flood *flood = flood_new(LIMIT, WINDOW);
    for (int i = 0; i < FLOOD_LEAST; i++)
        assert_int_equal(ask(flood, i, i, NOW, 0), FLOOD_PASSES);
    assert_int_equal(ask(flood, 99, 99, NOW, 0), FLOOD_IS_ON);
    flood_free(flood);
}

static void one_hand_does_not_take_all_places(void **state)
{
    (void)state;
    struct flood *flood = flood_new(LIMIT, WINDOW);
    int passed = 0;
    for (int i = 0; i < 500; i++)
        passed += ask(flood, i, 1, NOW, 0) != FLOOD_PUT_OFF ? 1 : 0;
    assert_int_equal(passed, LIMIT / 2);
    assert_int_not_equal(ask(flood, 1000, 2, NOW, 0), FLOOD_PUT_OFF); /* somebody else still can */
    flood_free(flood);
}

static void everybody_gets_in_in_the_end(void **state)
{
    (void)state;
    struct flood *flood = flood_new(LIMIT, WINDOW);
    bool is_in[500] = {false};
    int left = 500;
    for (int64_t now = NOW; now < NOW + 2 * FLOOD_LONGEST_SECONDS && left > 0; now += 300)
        for (int i = 0; i < 500; i++)
            if (!is_in[i] && ask(flood, i, i % 200, now, 0) != FLOOD_PUT_OFF) {
                is_in[i] = true;
                left--;
            }
    assert_int_equal(left, 0);
    flood_free(flood);
}

static void of_many_at_once_one_writes(void **state)
{
    (void)state;
    struct flood *flood = flood_new(LIMIT, WINDOW);
    int writers = 0;
    for (int i = 0; i < 1000; i++)
        writers += flood_may_write(flood, 1, FLOOD_BEGINS, NOW) ? 1 : 0;
    assert_int_equal(writers, 1);
    assert_true(flood_may_write(flood, 2, FLOOD_BEGINS, NOW));
    assert_true(flood_may_write(flood, 1, FLOOD_LEARNED, NOW)); /* one hides not the other */
    assert_true(flood_may_write(flood, 1, FLOOD_BEGINS, NOW + 2 * FLOOD_WRITE_SECONDS));
    flood_free(flood);
}

static void a_flood_begins_once(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    struct member member;
    struct store_flood known;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0,
                                   NOW, &member, room->arena, &err),
                     0);
    int64_t id = member.row.id;
    assert_int_equal(flood_begin(room->store, id, WISH_FLOOD_SHIELD, 0, NOW, &err), 1);
    assert_int_equal(flood_begin(room->store, id, WISH_FLOOD_SHIELD, 0, NOW + 9, &err), 0);
    assert_int_equal(member_get(room->store, id, room->arena, &member, &err), 1);
    assert_int_equal(member.wishes.shield_until, NOW + FLOOD_SHIELD_SECONDS);
    assert_int_equal(store_flood_tell(room->store, id, NOW, &err), 1);
    assert_int_equal(store_flood_tell(room->store, id, NOW, &err), 0);
    assert_int_equal(store_flood_end(room->store, NOW + 10, &err), 0);
    assert_int_equal(store_flood_get(room->store, id, &known, &err), 1);
    assert_int_equal(known.began_at, 0);
    assert_int_equal(flood_begin(room->store, id, WISH_FLOOD_OFFER, 0, NOW + 99, &err), 1);
    assert_int_equal(store_flood_tell(room->store, id, NOW + 99, &err), 1);
}

static void what_is_usual_is_learned_slowly(void **state)
{
    (void)state;
    struct flood *flood = flood_new(0, WINDOW);
    struct store_flood known = {.member_id = 1};
    int64_t now = NOW;
    for (int window = 0; window < 1000; window++, now += WINDOW) {
        for (int i = 0; i < 10; i++)
            ask(flood, i, i, now, known.usual);
        flood_learn(flood, 1, now, &known);
    }
    assert_in_range(known.usual, 9000, 10000);
    known.began_at = now;
    assert_int_equal(flood_learn(flood, 1, now + WINDOW, &known), 0); /* a flood teaches nothing */
    flood_free(flood);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_usual_is_no_flood),
        cmocka_unit_test(a_few_strangers_are_no_flood),
        cmocka_unit_test(one_hand_does_not_take_all_places),
        cmocka_unit_test(everybody_gets_in_in_the_end),
        cmocka_unit_test(of_many_at_once_one_writes),
        cmocka_unit_test_setup_teardown(a_flood_begins_once, room_setup, room_teardown),
        cmocka_unit_test(what_is_usual_is_learned_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
