/* Private to publish*.c. */
#ifndef ZAGUAN_LISTS_PUBLISH_NUMBER_H
#define ZAGUAN_LISTS_PUBLISH_NUMBER_H

#include "lists/floor.h"
#include "lists/publish.h"

/* Into `text`: the list under its next number, or as it is when that was published already.
 * `is_renewed`: a new number in any case, since the keys are others than at the last time. */
int publish_number(const struct floors *floors, const struct publish_wish *wish, bool is_renewed,
                   struct publish_list *row, struct buffer *text, struct arena *arena,
                   struct error *err) MUST_CHECK;

#endif
