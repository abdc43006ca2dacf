/*
 * server-allow: the admin let this sender through (the town hall, the school). Proven senders only.
 */
#include "policy/rules.h"

enum rule_end rule_server_allow(const struct facts *facts, struct opinions *opinions)
{
    if (facts->server_rule != STORE_SENDER_ALLOW || !facts->is_sender_proven)
        return RULE_GOES_ON;
    opinions_add_rule(opinions, VERDICT_NONE, "server-allowed", "");
    return RULE_ENDS;
}
