#include "policy/lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

static const struct keys keys = {.digest_key = {7}};

static enum lane ask(struct lanes *lanes, int domain, bool is_code, bool is_automatic, int64_t now)
{
    char address[64];
    snprintf(address, sizeof address, "noreply@s%d.example", domain);
    const struct lane_mail mail = {.member_id = 1,
                                   .from_address = slice_of(address),
                                   .is_login_code = is_code,
                                   .is_automatic = is_automatic,
                                   .now = now};
    return lanes_ask(lanes, &keys, &mail);
}

static void a_burst_of_many_senders_goes_into_the_lane(void **state)
{
    (void)state;
    struct lanes *lanes = lanes_new();
    for (int i = 0; i < 300; i++)
        assert_int_equal(ask(lanes, i, false, true, NOW + i / 3),
                         i < LANE_SOURCES ? LANE_NONE : LANE_CONFIRMATIONS);
    lanes_free(lanes);
}

static void a_burst_of_one_sender_does_too(void **state)
{
    (void)state;
    struct lanes *lanes = lanes_new();
    for (int i = 0; i < 300; i++)
        assert_int_equal(ask(lanes, 1, false, true, NOW),
                         i < LANE_MAILS ? LANE_NONE : LANE_CONFIRMATIONS);
    lanes_free(lanes);
}

static void letters_and_codes_in_a_burst_do_not(void **state)
{
    (void)state;
    struct lanes *lanes = lanes_new();
    for (int i = 0; i < 100; i++)
        ask(lanes, i, false, true, NOW);
    assert_int_equal(ask(lanes, 200, false, false, NOW), LANE_NONE);
    assert_int_equal(ask(lanes, 201, true, true, NOW), LANE_NONE);
    for (int i = 1; i < LANE_CODES; i++)
        assert_int_equal(ask(lanes, 201 + i, true, true, NOW), LANE_NONE);
    assert_int_equal(ask(lanes, 300, true, true, NOW), LANE_LOGIN_CODES);
    lanes_free(lanes);
}

static void a_newsletter_of_yesterday_is_no_bomb(void **state)
{
    (void)state;
    struct lanes *lanes = lanes_new();
    ask(lanes, 7, false, true, NOW - DAY);
    for (int i = 10; i < 100; i++)
        ask(lanes, i, false, true, NOW);
    assert_int_equal(ask(lanes, 7, false, true, NOW), LANE_NONE);
    lanes_free(lanes);
}

static void a_burst_ends_by_itself(void **state)
{
    (void)state;
    struct lanes *lanes = lanes_new();
    for (int i = 0; i < 100; i++)
        ask(lanes, i, false, true, NOW);
    assert_int_equal(ask(lanes, 500, false, true, NOW + 2 * LANE_WINDOW_SECONDS), LANE_NONE);
    lanes_free(lanes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_of_many_senders_goes_into_the_lane),
        cmocka_unit_test(a_burst_of_one_sender_does_too),
        cmocka_unit_test(letters_and_codes_in_a_burst_do_not),
        cmocka_unit_test(a_newsletter_of_yesterday_is_no_bomb),
        cmocka_unit_test(a_burst_ends_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
