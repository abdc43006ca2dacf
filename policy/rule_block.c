/*
 * block: she blocked this sender. Needs no proof: a forged name of someone she blocked is no loss.
 */
#include "policy/rules.h"

enum rule_end rule_block(const struct facts *facts, struct opinions *opinions)
{
    if (facts->member_rule != STORE_SENDER_BLOCK)
        return RULE_GOES_ON;
    opinions_add_rule(opinions, VERDICT_HOLD, "blocked", "blocked");
    return RULE_ENDS;
}
