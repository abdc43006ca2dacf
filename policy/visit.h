/* visit: what is remembered of one connection of Postfix between its questions. */
#ifndef ZAGUAN_POLICY_VISIT_H
#define ZAGUAN_POLICY_VISIT_H

#include "common/base/keyed.h"

struct visit {
    unsigned char instance[KEYED_DIGEST_BYTES]; /* message that has its Received-SPF already */
};

#endif
