/*
 * list_address: the address people write to, of an envelope sender as mailing lists make them:
 * "club-bounces@l.example", "club-return-7-ana=coop.example@l.example", "owner-club@l.example" are
 * all "club@l.example". Whoever wrote to the list gets its mail as from a correspondent.
 */
#ifndef ZAGUAN_POLICY_LIST_ADDRESS_H
#define ZAGUAN_POLICY_LIST_ADDRESS_H

#include "common/base/arena.h"

/* `sender` canonical, so without a tag. Empty: not of such a form. */
struct slice list_address(struct slice sender, struct arena *arena);

#endif
