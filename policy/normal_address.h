/*
 * normal_address: one spelling for the addresses that reach the same mailbox: what follows a "+" is
 * left out (RFC 5233), case is folded, and where the host is known to ignore signs, or to have
 * several names, they are made one. For likeness only, never for who somebody is: where a host
 * means a "+" literally, two people look alike here.
 */
#ifndef ZAGUAN_POLICY_NORMAL_ADDRESS_H
#define ZAGUAN_POLICY_NORMAL_ADDRESS_H

#include "common/base/arena.h"

/* `written`: local@domain as it stands in a field or an envelope. Empty: it is no address, or no
 * room. */
struct slice normal_address(struct slice written, struct arena *arena);

#endif
