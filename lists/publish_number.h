/* Private to publish*.c. */
#ifndef ZAGUAN_LISTS_PUBLISH_NUMBER_H
#define ZAGUAN_LISTS_PUBLISH_NUMBER_H

#include "lists/floor.h"
#include "lists/publish.h"

/* Into `text`: the list under its next number, or as it is when that was published already. */
int publish_number(const struct floors *floors, const struct publish_wish *wish,
                   struct publish_list *row, struct buffer *text, struct arena *arena,
                   struct error *err) MUST_CHECK;

#endif
