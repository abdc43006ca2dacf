/*
 * explain: what the steps of a message found and decided, in calm words for the admin's terminal.
 * The steps are message_run()'s: the real ones, without effect. JSON: admin/command_explain.c.
 */
#ifndef ZAGUAN_MILTER_EXPLAIN_H
#define ZAGUAN_MILTER_EXPLAIN_H

#include "milter/message.h"

void explain_write(const struct message_result *result, struct buffer *into);

/* "list es 0123abcd (threat, body)", or the rule's name; one reason of a verdict. */
void explain_write_reason(const struct item_reason *reason, struct buffer *into);

#endif
