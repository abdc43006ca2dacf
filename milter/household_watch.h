/*
 * household_watch: who lives here (policy/household.h), read anew when the database has changed. A
 * message takes the household of the moment and gives it back. While the database cannot be read
 * the last one stays; without any, nobody can be pretended to be.
 */
#ifndef ZAGUAN_MILTER_HOUSEHOLD_WATCH_H
#define ZAGUAN_MILTER_HOUSEHOLD_WATCH_H

#include "policy/household.h"

struct household_watch;
struct household_turn; /* one household, and how many messages use it */

/* NULL: no memory. `settings` and `keys` outlive it. */
struct household_watch *household_watch_new(const struct settings *settings,
                                            const struct keys *keys);
void household_watch_free(struct household_watch *watch); /* NULL is fine */

/* Called by one thread, every few seconds. Cheap when nobody has written to the database, and a
 * reading never takes more than a hundredth of the time. */
int household_watch_look(struct household_watch *watch, struct error *err) MUST_CHECK;

/* NULL: nothing could be read so far. */
struct household_turn *household_watch_take(struct household_watch *watch);
void household_watch_give(struct household_watch *watch, struct household_turn *turn);
const struct household *household_turn_get(const struct household_turn *turn); /* NULL gives NULL */

#endif
