/*
 * clock: the time of day, time that only moves forward, and deadlines.
 * Functions whose answer depends on the date take `now` as a parameter; only programs read the
 * clock.
 */
#ifndef ZAGUAN_BASE_CLOCK_H
#define ZAGUAN_BASE_CLOCK_H

#include "common/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

int64_t clock_now(void);                    /* seconds since 1970, UTC */
int64_t clock_monotonic_milliseconds(void); /* for measuring and deadlines */
int64_t clock_monotonic_microseconds(void);
int64_t clock_monotonic_nanoseconds(void);

struct deadline {
    int64_t at_milliseconds; /* monotonic */
};

struct deadline deadline_in(int64_t milliseconds);
int64_t deadline_left_milliseconds(struct deadline d); /* 0 when it has passed */
bool deadline_has_passed(struct deadline d);

#define CLOCK_DATE_BYTES 40
/* RFC 5322 date-time in UTC, "Mon, 23 Nov 2026 09:00:00 +0000". */
void clock_write_mail_date(int64_t when, char text[CLOCK_DATE_BYTES]);
/* RFC 3339 in UTC, "2026-11-23T09:00:00Z", and its first ten characters. */
void clock_write_timestamp(int64_t when, char text[CLOCK_DATE_BYTES]);
/* Reads "2026-11-23" or "2026-11-23T09:00:00Z"; false when it is neither or no such day. */
bool clock_read_timestamp(struct slice text, int64_t *when_out);

#endif
