/* Private to publish*.c. */
#ifndef ZAGUAN_LISTS_PUBLISH_PUBLISH_NUMBER_H
#define ZAGUAN_LISTS_PUBLISH_PUBLISH_NUMBER_H

#include "lists/publish/publish.h"
#include "lists/trust/floor.h"

/* Into `text`: the list under its next number, or as it is when that was published already.
 * `is_renewed`: a new number in any case, since the keys are others than at the last time. */
int publish_number(const struct floors *floors, const struct publish_wish *wish, bool is_renewed,
                   struct publish_list *row, struct buffer *text, struct arena *arena,
                   struct error *err) MUST_CHECK;

/* publish_delta.c: from the numbers before that stand in the web space, and their rows in the head.
 */
int publish_deltas(const char *folder, const struct head_list *list, struct slice text,
                   struct head *head, struct error *err) MUST_CHECK;
void publish_forget_deltas(struct head *head, struct slice list_id);

#endif
