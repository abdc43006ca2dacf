#include "common/base/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <time.h>

static void nothing_is_used_up_at_once(void **state)
{
    (void)state;
    struct budget budget = budget_of(0);
    assert_true(budget_is_used_up(&budget));
}

/* What a machine does that is busy with other things. */
static void waiting_uses_nothing_up(void **state)
{
    (void)state;
    const struct timespec pause = {.tv_nsec = 60 * 1000 * 1000};
    struct budget budget = budget_of(20);
    nanosleep(&pause, NULL);
    assert_false(budget_is_used_up(&budget));
    assert_in_range(budget_spent_microseconds(&budget), 0, 19999);
}

static void work_uses_it_up_and_it_stays_so(void **state)
{
    (void)state;
    struct budget budget = budget_of(20);
    while (!budget_is_used_up(&budget))
        continue;
    /* One tick is at most 10 ms (HZ=100). */
    assert_in_range(budget_spent_microseconds(&budget), 20000, 20000 + 15000);
    assert_true(budget_is_used_up(&budget));
}

static void the_clock_is_the_last_bound(void **state)
{
    (void)state;
    struct budget budget = budget_of(20);
    /* As if it had begun then. */
    budget.look_at -= (int64_t)BUDGET_CLOCK_MILLISECONDS * 1000;
    budget.ends_at -= (int64_t)BUDGET_CLOCK_MILLISECONDS * 1000;
    assert_true(budget_is_used_up(&budget));
    assert_true(budget_is_used_up(&budget));
}

static void work_for(int64_t milliseconds)
{
    struct budget begun = budget_of(0);
    while (budget_spent_microseconds(&begun) < milliseconds * 1000)
        continue;
}

/* As it looks to a thread when the host stops its machine for a while. */
static void a_stretch_without_a_question_counts_as_a_short_one(void **state)
{
    (void)state;
    struct budget budget = budget_of(2 * BUDGET_STRETCH_MILLISECONDS);
    work_for(5 * BUDGET_STRETCH_MILLISECONDS);
    assert_false(budget_is_used_up(&budget));
    work_for(5 * BUDGET_STRETCH_MILLISECONDS);
    assert_true(budget_is_used_up(&budget));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_used_up_at_once),
        cmocka_unit_test(waiting_uses_nothing_up),
        cmocka_unit_test(work_uses_it_up_and_it_stays_so),
        cmocka_unit_test(the_clock_is_the_last_bound),
        cmocka_unit_test(a_stretch_without_a_question_counts_as_a_short_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
