/*
 * unscanned: what could not be read whole passes, marked, unless she asked for a tag or a hold.
 */
#include "policy/rules.h"

enum rule_end rule_unscanned(const struct facts *facts, struct opinions *opinions)
{
    bool softens = rules_is_known_person(facts) && facts->wishes->known_people == WISH_KNOWN_TAG;
    if (facts->is_scanned || facts->wishes->unscanned == WISH_OFF)
        return RULE_GOES_ON;
    opinions_add_rule(
        opinions, facts->wishes->unscanned == WISH_HOLD && !softens ? VERDICT_HOLD : VERDICT_TAG,
        "unscanned", "unscanned");
    return RULE_GOES_ON;
}
