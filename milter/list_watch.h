/*
 * list_watch: the image of all lists, compiled anew in a child when a file changes, and mapped.
 *
 * A message takes the matcher of the moment and gives it back; a new one is swapped in beside, and
 * the old one goes at the next look behind its last message: no message waits for that. A list that
 * cannot be read stays as it was: a typing error must not switch off what members rely on. Without
 * any image mail passes unscanned and the log says so.
 */
#ifndef ZAGUAN_MILTER_LIST_WATCH_H
#define ZAGUAN_MILTER_LIST_WATCH_H

#include "common/base/settings.h"
#include "lists/match/match.h"
#include <stdbool.h>

struct list_watch;
struct list_turn; /* one matcher, and how many messages use it */

/* NULL: no memory. `settings` and `compiler` (compile_in_child()) outlive it. */
struct list_watch *list_watch_new(const struct settings *settings, char *const *compiler);
void list_watch_free(struct list_watch *watch);

enum list_watch_news { LIST_WATCH_NOTHING, LIST_WATCH_LOADED, LIST_WATCH_FAILED };
/* Looks at the folder's names, sizes and times; reads when they changed, or always when `is_asked`.
 * Called by one thread. LIST_WATCH_FAILED with *err. */
enum list_watch_news list_watch_look(struct list_watch *watch, bool is_asked, struct error *err);

/* Of the last look: a file that could not be read, and what became of its list. False: no more. */
bool list_watch_next_trouble(struct list_watch *watch, struct slice *trouble_out);

/* NULL: nothing could be read so far. */
struct list_turn *list_watch_take(struct list_watch *watch);
void list_watch_give(struct list_watch *watch, struct list_turn *turn); /* NULL is fine */
const struct matcher *list_turn_matcher(const struct list_turn *turn);  /* NULL gives NULL */

#endif
