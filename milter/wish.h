/*
 * wish: which recipients of a message said yes, and what they wish. Nothing is looked at before.
 */
#ifndef ZAGUAN_MILTER_WISH_H
#define ZAGUAN_MILTER_WISH_H

#include "milter/message.h"

/* Fills result->recipients and is_looked_at. -1: the wishes cannot be read, so nobody knows what
 * would be right: the sender's server must try again. */
int wish_find(const struct message_tools *tools, const struct envelope *envelope,
              struct arena *arena, struct message_result *result, struct error *err) MUST_CHECK;

#endif
