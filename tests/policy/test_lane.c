#include "policy/lane.h"

#include "tests/policy/room.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/store/store_lane.h"
#include "policy/member.h"

#define DAY INT64_C(86400)
#define NOW (INT64_C(20833) * DAY + 36000) /* ten in the morning */

static struct member ana;

/* A room with one member, Ana, who is on. */
static int setup(void **state)
{
    if (room_setup(state) != 0)
        return -1;
    struct room *room = *state;
    struct error err = {0};
    return member_invite(room->store, &room->settings, slice_of("ana@casa.example"), 0, NOW, &ana,
                         room->arena, &err) != 0 ||
                   member_consent(room->store, &ana, slice_of("test"), NOW, &err) != 0
               ? -1
               : 0;
}

static enum lane ask(struct room *room, struct lanes *lanes, int domain, bool is_code,
                     bool is_automatic, int64_t now)
{
    char address[64];
    enum lane lane = LANE_NONE;
    struct error err = {0};
    snprintf(address, sizeof address, "noreply@s%d.example", domain);
    const struct lane_mail mail = {.member_id = ana.row.id,
                                   .from_address = slice_of(address),
                                   .is_login_code = is_code,
                                   .is_automatic = is_automatic,
                                   .now = now};
    if (lanes_ask(lanes, room->store, &room->keys, &mail, &lane, &err) != 0)
        fail_msg("%s", err.text);
    return lane;
}

static void write_at(struct room *room, struct lanes *lanes, int64_t now, bool at_once)
{
    struct store_pool *stores = store_pool_new(room->settings.database);
    struct error err = {0};
    if (lanes_write(lanes, stores, now, at_once, &err) != 0)
        fail_msg("%s", err.text);
    store_pool_free(stores);
}

/* Stopped and started again: memory is empty, what was written stays. */
static struct lanes *restart(struct room *room, struct lanes *lanes, int64_t now)
{
    write_at(room, lanes, now, true);
    lanes_free(lanes);
    return lanes_new();
}

static void bomb(struct room *room, struct lanes *lanes, int64_t now)
{
    for (int i = 1000; i < 1100; i++)
        ask(room, lanes, i, false, true, now);
}

static void a_burst_of_many_senders_goes_into_the_lane(void **state)
{
    struct lanes *lanes = lanes_new();
    for (int i = 0; i < 300; i++)
        assert_int_equal(ask(*state, lanes, i, false, true, NOW + i / 3),
                         i < LANE_SOURCES ? LANE_NONE : LANE_CONFIRMATIONS);
    lanes_free(lanes);
}

static void a_burst_of_one_sender_does_too(void **state)
{
    struct lanes *lanes = lanes_new();
    for (int i = 0; i < 300; i++)
        assert_int_equal(ask(*state, lanes, 1, false, true, NOW),
                         i < LANE_MAILS ? LANE_NONE : LANE_CONFIRMATIONS);
    lanes_free(lanes);
}

static void letters_and_codes_in_a_burst_do_not(void **state)
{
    struct lanes *lanes = lanes_new();
    bomb(*state, lanes, NOW);
    assert_int_equal(ask(*state, lanes, 200, false, false, NOW), LANE_NONE);
    for (int i = 0; i < LANE_CODES; i++)
        assert_int_equal(ask(*state, lanes, 201 + i, true, true, NOW), LANE_NONE);
    assert_int_equal(ask(*state, lanes, 300, true, true, NOW), LANE_LOGIN_CODES);
    lanes_free(lanes);
}

static void a_newsletter_of_an_earlier_day_is_no_bomb_also_after_a_restart(void **state)
{
    struct room *room = *state;
    struct lanes *lanes = lanes_new();
    assert_int_equal(ask(room, lanes, 7, false, true, NOW - DAY), LANE_NONE);
    lanes = restart(room, lanes, NOW - DAY);
    bomb(room, lanes, NOW);
    assert_int_equal(ask(room, lanes, 7, false, true, NOW), LANE_NONE);
    assert_int_equal(ask(room, lanes, 8, false, true, NOW), LANE_CONFIRMATIONS);
    lanes_free(lanes);
}

static void one_of_today_is_not_known_yet(void **state)
{
    struct room *room = *state;
    struct lanes *lanes = lanes_new();
    assert_int_equal(ask(room, lanes, 7, false, true, NOW - 3600), LANE_NONE);
    lanes = restart(room, lanes, NOW - 3600);
    bomb(room, lanes, NOW);
    assert_int_equal(ask(room, lanes, 7, false, true, NOW), LANE_CONFIRMATIONS);
    lanes_free(lanes);
}

static void a_bomb_of_yesterday_makes_nobody_known(void **state)
{
    struct room *room = *state;
    struct lanes *lanes = lanes_new();
    int passed = 0;
    bomb(room, lanes, NOW - DAY);
    lanes = restart(room, lanes, NOW - DAY);
    for (int i = 1000; i < 1100; i++)
        passed += ask(room, lanes, i, false, true, NOW) == LANE_NONE ? 1 : 0;
    assert_int_equal(passed, 2 * LANE_SOURCES); /* those of yesterday, and as many new ones */
    lanes_free(lanes);
}

static void a_burst_ends_by_itself(void **state)
{
    struct lanes *lanes = lanes_new();
    bomb(*state, lanes, NOW);
    assert_int_equal(ask(*state, lanes, 500, false, true, NOW + 2 * LANE_WINDOW_SECONDS),
                     LANE_NONE);
    lanes_free(lanes);
}

static int64_t rows(struct room *room, int domains)
{
    int64_t count = 0;
    struct lanes *fresh = lanes_new();
    for (int i = 0; i < domains; i++) { /* a day later: known is who is in the store */
        bomb(room, fresh, NOW + DAY);
        count += ask(room, fresh, i, false, true, NOW + DAY) == LANE_NONE ? 1 : 0;
    }
    lanes_free(fresh);
    return count;
}

static void they_are_written_once_a_minute_and_at_a_stop(void **state)
{
    struct room *room = *state;
    struct lanes *lanes = lanes_new();
    ask(room, lanes, 0, false, true, NOW);
    write_at(room, lanes, NOW, false); /* the first look */
    assert_int_equal(rows(room, 3), 1);
    ask(room, lanes, 1, false, true, NOW + 1);
    write_at(room, lanes, NOW + 2, false);
    assert_int_equal(rows(room, 3), 1);
    write_at(room, lanes, NOW + LANE_WRITE_SECONDS, false);
    assert_int_equal(rows(room, 3), 2);
    ask(room, lanes, 2, false, true, NOW + 70);
    write_at(room, lanes, NOW + 70, true);
    assert_int_equal(rows(room, 3), 3);
    lanes_free(lanes);
}

static void lane_off_forgets_them_and_adds_none(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    struct lanes *lanes = lanes_new();
    ask(room, lanes, 0, false, true, NOW);
    write_at(room, lanes, NOW, true);
    ask(room, lanes, 1, false, true, NOW); /* on its way while she decides */
    assert_int_equal(member_set(room->store, &ana, slice_of("lane"), slice_of("off"), &err), 0);
    write_at(room, lanes, NOW, true);
    assert_int_equal(rows(room, 3), 0);
    lanes_free(lanes);
}

static void who_was_forgotten_leaves_nothing_and_harms_nobody(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    struct lanes *lanes = lanes_new();
    ask(room, lanes, 0, false, true, NOW);
    write_at(room, lanes, NOW, true);
    ask(room, lanes, 1, false, true, NOW);
    assert_int_equal(member_forget(room->store, &ana, &err), 0);
    write_at(room, lanes, NOW, true);
    assert_int_equal(rows(room, 3), 0);
    lanes_free(lanes);
}

static void after_sixty_days_of_silence_they_age(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    struct lanes *lanes = lanes_new();
    ask(room, lanes, 0, false, true, NOW - LANE_SOURCE_DAYS * DAY);
    ask(room, lanes, 1, false, true, NOW - (LANE_SOURCE_DAYS + 1) * DAY);
    write_at(room, lanes, NOW, true);
    assert_int_equal(store_lane_age(room->store, NOW / DAY - LANE_SOURCE_DAYS, &err), 0);
    assert_int_equal(rows(room, 3), 1);
    lanes_free(lanes);
}

enum { THREADS = 4, MAILS = 100 };

struct asker {
    struct room room; /* with a store of this thread */
    struct lanes *lanes;
    int first, passed;
};

static void *ask_on(void *context)
{
    struct asker *asker = context;
    for (int i = 0; i < MAILS; i++)
        asker->passed +=
            ask(&asker->room, asker->lanes, asker->first + i, false, true, NOW) == LANE_NONE ? 1
                                                                                             : 0;
    return NULL;
}

/* As the milter's threads do, while its main thread writes. */
static void threads_count_each_sender_once(void **state)
{
    struct room *room = *state;
    struct lanes *lanes = lanes_new();
    struct asker askers[THREADS];
    pthread_t threads[THREADS];
    int passed = 0;
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.room = *room, .lanes = lanes, .first = i * MAILS};
        assert_int_equal(store_open(room->settings.database, &askers[i].room.store, NULL), 0);
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &askers[i]), 0);
    }
    write_at(room, lanes, NOW, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        store_close(askers[i].room.store);
        passed += askers[i].passed;
    }
    assert_int_equal(passed, LANE_SOURCES);
    lanes_free(lanes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_burst_of_many_senders_goes_into_the_lane),
        TEST(a_burst_of_one_sender_does_too),
        TEST(letters_and_codes_in_a_burst_do_not),
        TEST(a_newsletter_of_an_earlier_day_is_no_bomb_also_after_a_restart),
        TEST(one_of_today_is_not_known_yet),
        TEST(a_bomb_of_yesterday_makes_nobody_known),
        TEST(a_burst_ends_by_itself),
        TEST(they_are_written_once_a_minute_and_at_a_stop),
        TEST(lane_off_forgets_them_and_adds_none),
        TEST(who_was_forgotten_leaves_nothing_and_harms_nobody),
        TEST(after_sixty_days_of_silence_they_age),
        TEST(threads_count_each_sender_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
