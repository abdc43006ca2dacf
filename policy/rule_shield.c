/*
 * shield: while it is up, every stranger waits. Three lanes, so that the digest can tell them
 * apart: strangers ("shield"), login codes and confirmations ("shield-code"), and mail in the name
 * of someone she has written to that nothing proves ("shield-unproven"): the shield is up because
 * somebody is after her, and a friend's name is the cheapest way in.
 * docs/decisions/0015-shield-and-proof.md.
 */
#include "policy/rules.h"

enum rule_end rule_shield(const struct facts *facts, struct opinions *opinions)
{
    const char *lane = "shield";
    if (facts->wishes->shield_until <= facts->now || rules_is_known_person(facts))
        return RULE_GOES_ON;
    if (facts->is_correspondent)
        lane = "shield-unproven";
    else if (facts->is_transactional)
        lane = "shield-code";
    opinions_add_rule(opinions, VERDICT_HOLD, lane, "shield");
    return RULE_GOES_ON; /* a list may know worse of it, and she should be told that first */
}
