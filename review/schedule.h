/*
 * schedule: when is a digest due? Pure: wishes, what is held, and the time.
 *
 *   each    at once; the more waits, the longer the pause between two (a flood of mail must not
 *           become a flood of digests)
 *   daily   at her hour, when something new was held or something was told only once
 *   weekly  the same, on her weekday
 *   none    never
 *
 * The quiet line is a digest although there is nothing to tell, so that silence never means
 * "broken": every week on her weekday unless a digest went out since then, or at every rhythm.
 */
#ifndef ZAGUAN_REVIEW_SCHEDULE_H
#define ZAGUAN_REVIEW_SCHEDULE_H

#include "policy/wishes.h"

#define SCHEDULE_TELLINGS 2 /* digests in which an item must have stood before it may expire */

struct schedule_facts {
    const struct wishes *wishes;
    int64_t consented_at;
    int64_t last_digest_at;  /* accepted for delivery; 0: never */
    int64_t untold_count;    /* held, stood in no digest yet */
    int64_t told_once_count; /* held, stood in fewer than SCHEDULE_TELLINGS digests */
    int64_t held_count;      /* all that wait */
    int64_t now;
};

enum schedule_answer { SCHEDULE_NOTHING, SCHEDULE_DIGEST, SCHEDULE_QUIET_LINE };

enum schedule_answer schedule_digest(const struct schedule_facts *facts);

/* The last time, at or before now, that her clock showed that hour (on that weekday, 0-6; -1: any
 * day). Through changes of daylight saving time: docs of zone_hour(). */
int64_t schedule_last_hour(const char *time_zone, int weekday, int hour, int64_t now);

#endif
