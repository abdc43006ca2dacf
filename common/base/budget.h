/*
 * budget: what one piece of work may take. Time of this thread on a processor is counted, so that
 * a busy machine takes nothing away from a message; the clock is only the last bound. Begun and
 * asked on one thread.
 */
#ifndef ZAGUAN_BASE_BUDGET_H
#define ZAGUAN_BASE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* By the clock, whatever the thread got: far below the 300 s that Postfix waits for an answer. */
#define BUDGET_CLOCK_MILLISECONDS 30000

struct budget {
    int64_t allowed;  /* of the processor; all in microseconds */
    int64_t begun_at; /* on the thread's clock */
    int64_t ends_at;  /* on the machine's clock */
    int64_t look_at;  /* before that moment it cannot be used up */
};

struct budget budget_of(int64_t milliseconds);

/* Cheap enough to be asked at every step: it looks at the thread's clock (a call of the system)
 * only when as much time has gone by as is left. Late by one tick of the machine at most. */
bool budget_is_used_up(struct budget *budget);

/* Since it began. */
int64_t budget_spent_microseconds(const struct budget *budget);

#endif
