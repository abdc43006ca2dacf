/*
 * impersonates: it comes as somebody of this household (disguise.h) while the address is another's.
 * Whom she has written to is no stranger to her, under whatever name; but her knowing an address
 * does not prove a mail that claims it.
 */
#include "policy/rules.h"

enum rule_end rule_impersonates(const struct facts *facts, struct opinions *opinions)
{
    static const enum verdict_action actions[] = {
        [WISH_OFF] = VERDICT_NONE, [WISH_TAG] = VERDICT_TAG, [WISH_HOLD] = VERDICT_HOLD};
    const struct item_reason reason = {
        .rule = SLICE_LITERAL("impersonates"),
        .category = slice_of(category_name(CATEGORY_IMPERSONATION)),
        .where = slice_of(disguise_name(facts->disguise)),
    };
    enum verdict_action action = actions[facts->wishes->category[CATEGORY_IMPERSONATION]];
    if (facts->disguise == DISGUISE_NONE || action == VERDICT_NONE ||
        (facts->is_correspondent && facts->disguise != DISGUISE_ADDRESS))
        return RULE_GOES_ON;
    opinions_add(opinions, action, &reason);
    return RULE_GOES_ON;
}
