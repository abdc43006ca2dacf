/*
 * resembles: something in it is like a mail of a sender she blocked (likeness.h): the same person
 * under another address, or somebody who looks so. Never said of people she has written to.
 */
#include "policy/rules.h"

enum rule_end rule_resembles(const struct facts *facts, struct opinions *opinions)
{
    if (facts->resembles == NULL || facts->wishes->resembling == WISH_OFF ||
        rules_is_known_person(facts))
        return RULE_GOES_ON;
    const struct item_reason reason = {.rule = SLICE_LITERAL("resembles"),
                                       .category = SLICE_LITERAL("resembles"),
                                       .where = slice_of(facts->resembles)};
    opinions_add(opinions, facts->wishes->resembling == WISH_HOLD ? VERDICT_HOLD : VERDICT_TAG,
                 &reason);
    return RULE_GOES_ON; /* a list may say worse of it, or the shield hold what this only tags */
}
