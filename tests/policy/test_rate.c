#include "policy/rate.h"

#include "common/base/keyed.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)

static void make_digest(uint64_t number, unsigned char digest[KEYED_DIGEST_BYTES])
{
    unsigned char key[KEYED_KEY_BYTES] = {1};
    keyed_digest(key, "test", slice_new((const char *)&number, sizeof number), digest);
}

static struct rate_seen add(struct rate *rate, uint64_t number, int64_t now, unsigned amount)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    make_digest(number, digest);
    return rate_add(rate, digest, now, amount);
}

static void a_window_slides(void **state)
{
    (void)state;
    struct rate *rate = rate_new(64, 80, 80);
    for (int i = 0; i < 40; i++)
        assert_int_equal(add(rate, 1, NOW + i, 1).count, i + 1);
    assert_int_equal(add(rate, 1, NOW + 79, 0).count, 40);
    assert_int_equal(add(rate, 1, NOW + 95, 0).count, 20); /* the first two parts are over */
    assert_int_equal(add(rate, 1, NOW + 119, 0).count, 0);
    rate_free(rate);
}

static void asking_leaves_no_trace(void **state)
{
    (void)state;
    struct rate *rate = rate_new(64, 80, 1000);
    assert_int_equal(add(rate, 1, NOW, 0).since, NOW);
    assert_int_equal(add(rate, 1, NOW + 5, 1).since, NOW + 5);
    assert_int_equal(add(rate, 1, NOW + 900, 0).since, NOW + 5);
    assert_int_equal(add(rate, 1, NOW + 1006, 0).since, NOW + 1006); /* forgotten */
    rate_free(rate);
}

static void a_clock_that_goes_back_counts_on(void **state)
{
    (void)state;
    struct rate *rate = rate_new(64, 80, 80);
    add(rate, 1, NOW, 1);
    assert_int_equal(add(rate, 1, NOW - 5000, 1).count, 2);
    assert_int_equal(add(rate, 1, NOW, 1).count, 3);
    rate_free(rate);
}

static void a_part_holds_what_it_can(void **state)
{
    (void)state;
    struct rate *rate = rate_new(8, 80, 80);
    add(rate, 1, NOW, 60000);
    assert_int_equal(add(rate, 1, NOW, 60000).count, UINT16_MAX);
    rate_free(rate);
}

static void a_million_new_ones_take_no_more_memory(void **state)
{
    (void)state;
    struct rate *rate = rate_new(1024, 80, 80);
    size_t bytes = rate_bytes(rate);
    for (uint64_t i = 0; i < 1000000; i++)
        assert_int_equal(add(rate, i, NOW, 1).count, 1); /* never too large */
    assert_int_equal(rate_bytes(rate), bytes);
    rate_free(rate);
}

enum { THREADS = 4, TURNS = 5000 };

static void *count_on(void *rate)
{
    for (uint64_t i = 0; i < TURNS; i++) {
        add(rate, 1, NOW, 1);
        add(rate, 2 + i % 50, NOW, 1);
    }
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    (void)state;
    struct rate *rate = rate_new(4096, 80, 80);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_on, rate), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(add(rate, 1, NOW, 0).count, THREADS * TURNS);
    rate_free(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_slides),
        cmocka_unit_test(asking_leaves_no_trace),
        cmocka_unit_test(a_clock_that_goes_back_counts_on),
        cmocka_unit_test(a_part_holds_what_it_can),
        cmocka_unit_test(a_million_new_ones_take_no_more_memory),
        cmocka_unit_test(threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
