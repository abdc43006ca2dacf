/* local: the admin's own rules of policy.rules, in the order of the file. */
#include "policy/policy_rules.h"
#include "policy/porter.h"

enum policy_step policy_rule_local(struct request_facts *facts, struct answer *answer,
                                   struct error *err)
{
    (void)err;
    return local_rules_ask(facts->porter->local, facts, answer) ? POLICY_ENDS : POLICY_GOES_ON;
}
