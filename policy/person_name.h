/*
 * person_name: a display name as a key to know it by: folded, its words in the order of the
 * alphabet ("García, María" is "Maria Garcia"), and nothing when it could be anybody's.
 */
#ifndef ZAGUAN_POLICY_PERSON_NAME_H
#define ZAGUAN_POLICY_PERSON_NAME_H

#include "common/base/arena.h"

/* Empty: no name, an address for a name, one short word, a role ("No reply", "Customer service"),
 * or no room. `display` is UTF-8. */
struct slice person_name(struct slice display, struct arena *arena);
/* The words of an address before the @, as a name would be written: "maria.garcia" is her name too.
 * Never left out for being short. */
struct slice person_name_of_address(struct slice canonical_address, struct arena *arena);

#endif
