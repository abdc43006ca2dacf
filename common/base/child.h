/*
 * child: a piece of work in a process of its own, under limits, whose death is an answer.
 * For code we do not trust with our memory (libspf2) or our time (compiling patterns).
 */
#ifndef ZAGUAN_BASE_CHILD_H
#define ZAGUAN_BASE_CHILD_H

#include "common/base/buffer.h"
#include <stdint.h>

struct child_limits {
    int64_t wall_milliseconds;
    int64_t cpu_seconds;
    int64_t memory_bytes; /* 0: not limited */
};

enum child_ending { CHILD_FINISHED, CHILD_KILLED_BY_SIGNAL, CHILD_TIMED_OUT };

struct child_result {
    enum child_ending ending;
    int status; /* exit status, or the signal's number */
};

/*
 * Forks; the child runs work(context, fd), which writes its answer to fd and returns its exit
 * status. What it wrote is appended to `answer`. -1 only when no child could be made: its death is
 * a result.
 */
int child_run(int (*work)(void *context, int fd), void *context, const struct child_limits *limits,
              struct buffer *answer, struct child_result *result_out, struct error *err) MUST_CHECK;

#endif
