/* spf: one Received-SPF field a message, where the setting says that no milter checks SPF. */
#include "policy/policy_rules.h"
#include "policy/porter.h"
#include "policy/received_spf.h"
#include "policy/visit.h"
#include <string.h>

/* Postfix asks once for each recipient; `instance` is the same for all of one message. */
static bool has_field_already(struct request_facts *facts)
{
    unsigned char instance[KEYED_DIGEST_BYTES];
    if (slice_is_empty(facts->request->instance))
        return false;
    keyed_digest(facts->porter->keys.digest_key, "instance", facts->request->instance, instance);
    if (memcmp(instance, facts->visit->instance, sizeof instance) == 0)
        return true;
    memcpy(facts->visit->instance, instance, sizeof instance);
    return false;
}

enum policy_step policy_rule_spf(struct request_facts *facts, struct answer *answer,
                                 struct error *err)
{
    BUFFER_CLEANUP field = buffer_new(ANSWER_TEXT_BYTES - 1);
    if (!facts->porter->settings.policy_received_spf || has_field_already(facts))
        return POLICY_GOES_ON;
    request_facts_spf(facts);
    received_spf_write(facts, &field);
    if (buffer_check(&field, "Received-SPF", err) != 0)
        return POLICY_FAILED;
    answer_prepend(answer, "spf", buffer_slice(&field));
    return POLICY_ENDS;
}
