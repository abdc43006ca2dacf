/*
 * allow: she let this sender through. Counts only when the sender is proven; else the mail is
 * judged like any other, and the digest can say why her word did not count.
 */
#include "policy/rules.h"

enum rule_end rule_allow(const struct facts *facts, struct opinions *opinions)
{
    if (facts->member_rule != STORE_SENDER_ALLOW)
        return RULE_GOES_ON;
    opinions_add_rule(opinions, VERDICT_NONE,
                      facts->is_sender_proven ? "allowed" : "allowed-unproven", "");
    return facts->is_sender_proven ? RULE_ENDS : RULE_GOES_ON;
}
