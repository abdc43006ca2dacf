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
    int64_t thread = microseconds(CLOCK_THREAD_CPUTIME_ID);
    return (struct budget){.allowed = milliseconds * 1000,
                           .begun_at = thread,
                           .read_at = thread,
                           .ends_at = now + (int64_t)BUDGET_CLOCK_MILLISECONDS * 1000,
                           .look_at = now + 1};
}

int64_t budget_spent_microseconds(const struct budget *budget)
{
    return microseconds(CLOCK_THREAD_CPUTIME_ID) - budget->begun_at;
}

static void count(struct budget *budget)
{
    const int64_t longest = (int64_t)BUDGET_STRETCH_MILLISECONDS * 1000;
    int64_t thread = microseconds(CLOCK_THREAD_CPUTIME_ID), stretch = thread - budget->read_at;
    budget->spent += stretch < longest ? stretch : longest;
    budget->read_at = thread;
}

bool budget_is_used_up(struct budget *budget)
{
    int64_t now = microseconds(CLOCK_MONOTONIC_COARSE);
    if (now >= budget->look_at) {
        count(budget);
        budget->look_at = now + 1;
        if (now >= budget->ends_at)
            budget->spent = budget->allowed;
    }
    return budget->spent >= budget->allowed;
}
