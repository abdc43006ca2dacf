/*
 * learn: what is learnt of a held mail whose sender she blocks (policy/likeness.h). Reads the held
 * bytes once more; nothing of them is kept but keyed traits.
 */
#ifndef ZAGUAN_REVIEW_LEARN_H
#define ZAGUAN_REVIEW_LEARN_H

#include "review/conversation.h"

/* `sender`: item_sender(). Without effect when her wish `resembling` is off. */
int learn_blocked(struct conversation *talk, const struct found_item *found, struct slice sender,
                  struct error *err) MUST_CHECK;

#endif
