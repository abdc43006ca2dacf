/*
 * budget: what one piece of work may take. Time of this thread on a processor is counted, so that
 * a busy machine takes nothing away from a message; the clock is only the last bound. Begun and
 * asked on one thread.
 *
 * A virtual machine that its host stops charges that time to the thread that was running, so no
 * stretch between two questions counts for more than BUDGET_STRETCH_MILLISECONDS: whoever asks
 * often enough never takes so long.
 */
#ifndef ZAGUAN_BASE_BUDGET_H
#define ZAGUAN_BASE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* By the clock, whatever the thread got: far below the 300 s that Postfix waits for an answer. */
#define BUDGET_CLOCK_MILLISECONDS 30000
#define BUDGET_STRETCH_MILLISECONDS 30

struct budget {
    int64_t allowed, spent;    /* of the processor; all in microseconds */
    int64_t begun_at, read_at; /* on the thread's clock */
    int64_t ends_at, look_at;  /* on the machine's clock, which goes in ticks */
};

struct budget budget_of(int64_t milliseconds);

/* Cheap enough to be asked at every step: the thread's clock, a call of the system, is read once a
 * tick of the machine (4 ms with HZ=250). Late by one tick at most. Once true it stays so. */
bool budget_is_used_up(struct budget *budget);

/* By the thread's clock since it began, whatever was counted. */
int64_t budget_spent_microseconds(const struct budget *budget);

#endif
