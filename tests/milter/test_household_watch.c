#include "milter/household_watch.h"

#include "policy/member.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1800000000
#define PATIENCE 500 /* naps of 10 ms: the rest after a reading is far shorter */

static void add_member(struct room *room, const char *address)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address), 0, NOW, &member,
                                   room->arena, NULL),
                     0);
    assert_int_equal(member_consent(room->store, &member, slice_of("by reply"), NOW, NULL), 0);
}

static bool knows(struct household_watch *watch, const char *address)
{
    struct household_turn *turn = household_watch_take(watch);
    const struct household *household = household_turn_get(turn);
    bool is_known = household != NULL && household_has_address(household, slice_of(address));
    household_watch_give(watch, turn);
    return is_known;
}

static bool learns(struct household_watch *watch, const char *address)
{
    const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
    for (int i = 0; i < PATIENCE && !knows(watch, address); i++) {
        assert_int_equal(household_watch_look(watch, NULL), 0);
        nanosleep(&nap, NULL);
    }
    return knows(watch, address);
}

static void before_the_first_look_nobody_is_known(void **state)
{
    struct room *room = *state;
    struct household_watch *watch = household_watch_new(&room->settings, &room->keys);
    assert_null(household_watch_take(watch));
    assert_null(household_turn_get(NULL));
    household_watch_give(watch, NULL);
    household_watch_free(watch);
    household_watch_free(NULL);
}

static void a_new_member_is_known_soon_and_messages_on_their_way_keep_theirs(void **state)
{
    struct room *room = *state;
    struct household_watch *watch = household_watch_new(&room->settings, &room->keys);
    add_member(room, "ana@casa.example");
    assert_int_equal(household_watch_look(watch, NULL), 0);
    assert_true(knows(watch, "ana@casa.example"));
    assert_false(knows(watch, "eva@casa.example"));
    struct household_turn *turn = household_watch_take(watch);
    const struct household *household = household_turn_get(turn);
    add_member(room, "eva@casa.example");
    assert_true(learns(watch, "eva@casa.example"));
    assert_ptr_equal(household_turn_get(turn), household);
    assert_false(household_has_address(household, slice_of("eva@casa.example")));
    household_watch_give(watch, turn);
    household_watch_free(watch);
}

static void a_database_that_comes_late_is_read_then(void **state)
{
    struct room *room = *state;
    struct settings elsewhere = room->settings;
    struct error err = {0};
    struct household_watch *watch = household_watch_new(&elsewhere, &room->keys);
    snprintf(elsewhere.database, sizeof elsewhere.database, "%s/no/such.db", room->folder);
    assert_int_equal(household_watch_look(watch, &err), -1);
    assert_true(err.text[0] != '\0');
    assert_null(household_watch_take(watch));
    elsewhere = room->settings;
    add_member(room, "ana@casa.example");
    assert_int_equal(household_watch_look(watch, NULL), 0); /* it comes later */
    assert_true(knows(watch, "ana@casa.example"));
    household_watch_free(watch);
}

static void when_it_cannot_be_read_the_last_household_stays(void **state)
{
    struct room *room = *state;
    struct household_watch *watch = household_watch_new(&room->settings, &room->keys);
    const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
    sqlite3 *database;
    int failed = 0;
    add_member(room, "ana@casa.example");
    assert_int_equal(household_watch_look(watch, NULL), 0);
    assert_int_equal(sqlite3_open(room->settings.database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "DROP TABLE member_name", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    for (int i = 0; i < PATIENCE && failed == 0; i++) {
        failed = household_watch_look(watch, NULL);
        nanosleep(&nap, NULL);
    }
    assert_int_equal(failed, -1);
    assert_true(knows(watch, "ana@casa.example"));
    assert_int_equal(household_watch_look(watch, NULL), -1); /* and it is tried again */
    household_watch_free(watch);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(before_the_first_look_nobody_is_known),
        TEST(a_new_member_is_known_soon_and_messages_on_their_way_keep_theirs),
        TEST(when_it_cannot_be_read_the_last_household_stays),
        TEST(a_database_that_comes_late_is_read_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
