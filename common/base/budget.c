#include "common/base/budget.h"

#include <time.h>

static int64_t microseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct budget budget_of(int64_t milliseconds)
{
    int64_t now = microseconds(CLOCK_MONOTONIC_COARSE);
    return (struct budget){.allowed = milliseconds * 1000,
                           .begun_at = microseconds(CLOCK_THREAD_CPUTIME_ID),
                           .ends_at = now + (int64_t)BUDGET_CLOCK_MILLISECONDS * 1000,
                           .look_at = now + milliseconds * 1000};
}

int64_t budget_spent_microseconds(const struct budget *budget)
{
    return microseconds(CLOCK_THREAD_CPUTIME_ID) - budget->begun_at;
}

bool budget_is_used_up(struct budget *budget)
{
    int64_t now = microseconds(CLOCK_MONOTONIC_COARSE);
    if (now < budget->look_at)
        return false;
    int64_t left = budget->allowed - budget_spent_microseconds(budget);
    /* A thread cannot work longer than the clock went on. */
    budget->look_at = now + left < budget->ends_at ? now + left : budget->ends_at;
    return left <= 0 || now >= budget->ends_at;
}
