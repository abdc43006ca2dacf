/* refuse: a sender whom this member blocked, with the wish that such are refused openly, and only
 * when SPF proves the domain: a forged sender would make us answer somebody who did nothing. */
#include "policy/policy_rules.h"

static bool is_blocked(const struct request_facts *facts)
{
    return facts->is_member_on && facts->member.wishes.blocked_sender == WISH_BLOCKED_REFUSE &&
           facts->relation.member_rule == STORE_SENDER_BLOCK;
}

enum policy_step policy_rule_refuse(struct request_facts *facts, struct answer *answer,
                                    struct error *err)
{
    (void)err;
    if (!is_blocked(facts) || !request_facts_proves_sender(facts))
        return POLICY_GOES_ON; /* the milter holds it */
    answer_reject(answer, "blocked", "5.7.1",
                  slice_of("The person you write to has chosen not to receive mail from this "
                           "address. Your message was not delivered; please do not send it again"));
    return POLICY_ENDS;
}
