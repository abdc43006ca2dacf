/*
 * verdict: what to do with one member's copy, and why. Four values and no more: nothing here can
 * refuse or drop mail.
 */
#ifndef ZAGUAN_POLICY_VERDICT_H
#define ZAGUAN_POLICY_VERDICT_H

#include "quarantine/item.h"

enum verdict_action { VERDICT_NONE, VERDICT_OBSERVE, VERDICT_TAG, VERDICT_HOLD };

struct verdict {
    enum verdict_action action;
    struct slice category; /* of the strongest reason; "shield", "blocked" for those rules */
    int severity;
    struct item_reason *reasons; /* in the arena, strongest first */
    size_t reason_count;
    bool is_unscanned;
};

const char *verdict_action_name(enum verdict_action action); /* "none", "observe", "tag", "hold" */

#endif
