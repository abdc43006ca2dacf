#include "policy/rules.h"

const struct rule rules[] = {
    {"allow", rule_allow},               /* she let this sender through */
    {"server-allow", rule_server_allow}, /* the admin did */
    {"block", rule_block},               /* she blocked this sender */
    {"resembles", rule_resembles},       /* it is like one of a sender she blocked */
    {"lane", rule_lane},                 /* confirmations that come all at once wait together */
    {"shield", rule_shield},             /* she asked that every stranger waits */
    {"impersonates", rule_impersonates}, /* it comes as one of this household */
    {"list", rule_list},                 /* lists advise, by her wish for each category */
    {"unscanned", rule_unscanned},       /* what could not be read whole, if she asked for that */
    {NULL, NULL},
};

static bool is_stronger(const struct opinion *a, const struct opinion *b)
{
    if (a->action != b->action)
        return a->action > b->action;
    return a->reason.severity > b->reason.severity;
}

void opinions_add(struct opinions *opinions, enum verdict_action action,
                  const struct item_reason *reason)
{
    struct opinion added = {action, *reason};
    size_t at = opinions->count;
    if (opinions->count < RULES_MOST_OPINIONS)
        opinions->count++;
    else if (!is_stronger(&added, &opinions->rows[--at]))
        return;
    for (; at > 0 && is_stronger(&added, &opinions->rows[at - 1]); at--)
        opinions->rows[at] = opinions->rows[at - 1];
    opinions->rows[at] = added;
}

void opinions_add_rule(struct opinions *opinions, enum verdict_action action, const char *rule,
                       const char *category)
{
    struct item_reason reason = {.rule = slice_of(rule), .category = slice_of(category)};
    opinions_add(opinions, action, &reason);
}

bool rules_is_known_person(const struct facts *facts)
{
    return facts->is_correspondent && facts->is_sender_proven;
}
