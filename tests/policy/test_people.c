#include "policy/people.h"

#include "policy/brake.h"
#include "policy/list_address.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1795428000

static void wait_for_news(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2 * PEOPLE_STALE_MILLISECONDS * 1000000L}, NULL);
}

static struct person person_of(struct people *people, struct room *room, const char *address)
{
    struct person person = {.id = 0};
    assert_in_range(people_find(people, slice_of(address), room->arena, &person, NULL), 0, 1);
    return person;
}

static struct relation relation_of(struct people *people, struct room *room,
                                   const struct person *person, const char *sender)
{
    struct relation relation;
    assert_int_equal(
        people_relation(people, person, slice_of(sender), room->arena, &relation, NULL), 0);
    return relation;
}

static void what_is_remembered_follows_the_database(void **state)
{
    struct room *room = *state;
    struct member member;
    struct store_pool *stores = store_pool_new(room->settings.database);
    struct people *people = people_new(&room->settings, &room->keys, stores);
    assert_int_equal(person_of(people, room, "ana@casa.example").id, 0);
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0,
                                   NOW, &member, room->arena, NULL),
                     0);
    wait_for_news();
    struct person ana = person_of(people, room, "ana@casa.example");
    assert_int_equal(ana.id, member.row.id);
    assert_false(ana.has_contacts || ana.has_rules);
    assert_int_equal(
        contact_add(room->store, &room->keys, ana.id, slice_of("club@l.example"), NOW, NULL), 0);
    assert_int_equal(sender_set_rule(room->store, &room->keys, ana.id, slice_of("@mal.example"),
                                     STORE_SENDER_BLOCK, NOW, NULL),
                     0);
    wait_for_news();
    ana = person_of(people, room, "ana@casa.example");
    assert_true(ana.has_contacts && ana.has_rules);
    for (int twice = 0; twice < 2; twice++) { /* from the database, then from memory */
        assert_true(relation_of(people, room, &ana, "club@l.example").is_correspondent);
        assert_true(relation_of(people, room, &ana, "club-bounces@l.example").is_correspondent);
        assert_false(relation_of(people, room, &ana, "otra@l.example").is_correspondent);
        assert_int_equal(relation_of(people, room, &ana, "x@mal.example").member_rule,
                         STORE_SENDER_BLOCK);
        assert_int_equal(relation_of(people, room, &ana, "").member_rule, STORE_SENDER_NONE);
    }
    assert_int_equal(member_forget(room->store, &member, NULL), 0);
    wait_for_news();
    assert_int_equal(person_of(people, room, "ana@casa.example").id, 0);
    people_free(people);
    store_pool_free(stores);
}

static void correspondents_off_forgets_them_all(void **state)
{
    struct room *room = *state;
    struct member member;
    int64_t count = -1;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0,
                                   NOW, &member, room->arena, NULL),
                     0);
    assert_int_equal(
        contact_add(room->store, &room->keys, member.row.id, slice_of("x@y.example"), NOW, NULL),
        0);
    assert_int_equal(
        member_set(room->store, &member, slice_of("correspondents"), slice_of("off"), NULL), 0);
    assert_int_equal(store_contact_count(room->store, member.row.id, &count, NULL), 0);
    assert_int_equal(count, 0);
}

static void the_list_behind_a_bounce_address_is_found(void **state)
{
    struct room *room = *state;
    static const struct {
        const char *sender, *list;
    } rows[] = {
        {"club-bounces@l.example", "club@l.example"},
        {"owner-club@l.example", "club@l.example"},
        {"club-return-7-ana=casa.example@l.example", "club@l.example"},
        {"club-owner@l.example", "club@l.example"},
        {"ana@l.example", ""},
        {"-bounces@l.example", ""},
        {"", ""},
        {"club-bounces", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!slice_is(list_address(slice_of(rows[i].sender), room->arena), rows[i].list))
            fail_msg("%s", rows[i].sender);
}

static void the_brake_counts_an_hour_and_tells_once_a_day(void **state)
{
    (void)state;
    struct brake *brake = brake_new(100);
    struct slice ana = slice_of("ana"), eva = slice_of("eva");
    for (int i = 0; i < 100; i++)
        assert_int_equal(brake_count(brake, ana, NOW + i), BRAKE_FREE);
    assert_int_equal(brake_count(brake, ana, NOW + 100), BRAKE_FIRST);
    assert_int_equal(brake_count(brake, ana, NOW + 101), BRAKE_AGAIN);
    assert_int_equal(brake_count(brake, eva, NOW + 101), BRAKE_FREE);
    assert_int_equal(brake_count(brake, ana, NOW + 4000), BRAKE_FREE);
    for (int i = 0; i < 99; i++)
        assert_int_equal(brake_count(brake, ana, NOW + 4000), BRAKE_FREE);
    assert_int_equal(brake_count(brake, ana, NOW + 4001), BRAKE_AGAIN); /* told today already */
    brake_free(brake);
    brake = brake_new(0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(brake_count(brake, ana, NOW), BRAKE_FREE);
    brake_free(brake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_remembered_follows_the_database),
        TEST(correspondents_off_forgets_them_all),
        TEST(the_list_behind_a_bounce_address_is_found),
        TEST(the_brake_counts_an_hour_and_tells_once_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
