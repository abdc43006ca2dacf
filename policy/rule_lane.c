/*
 * lane: in a burst of automatic mail (lane.h) confirmations wait together, so that one real letter
 * among them is not buried; login codes beyond what a person asks for wait each by itself.
 */
#include "policy/rules.h"

enum rule_end rule_lane(const struct facts *facts, struct opinions *opinions)
{
    if (facts->wishes->lane == WISH_LANE_OFF || rules_is_known_person(facts))
        return RULE_GOES_ON;
    if (facts->lane == LANE_CONFIRMATIONS)
        opinions_add_rule(opinions, VERDICT_HOLD, "lane", "confirmations");
    else if (facts->lane == LANE_LOGIN_CODES)
        opinions_add_rule(opinions, VERDICT_HOLD, "lane-codes", "codes");
    return RULE_GOES_ON;
}
