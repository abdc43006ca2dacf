/*
 * zone: local time in a named time zone ("America/Bogota"), from ICU's own tables: another zone in
 * each thread, no environment variable, no zoneinfo files needed.
 */
#ifndef ZAGUAN_BASE_ZONE_H
#define ZAGUAN_BASE_ZONE_H

#include "common/base/error.h"
#include <stdbool.h>
#include <stdint.h>

#define ZONE_NAME_BYTES 64

struct zone_time {
    int year, month, day; /* month 1-12, day 1-31 */
    int hour, minute;
    int weekday; /* 0 Sunday - 6 */
};

bool zone_is_known(const char *name);
/* The zone of this machine, "UTC" when there is none. */
void zone_of_machine(char name[ZONE_NAME_BYTES]);
/* An unknown zone is read as UTC: a digest an hour off is better than none. */
void zone_read(const char *name, int64_t when, struct zone_time *time_out);
/*
 * When that hour begins there, at day + `days` (which may lead into another month). An hour that
 * the clock skips is the first moment after the gap, one that comes twice is the first of the two.
 */
int64_t zone_hour(const char *name, const struct zone_time *day, int days, int hour);

#endif
