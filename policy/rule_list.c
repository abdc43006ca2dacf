/*
 * list: what the lists say of it. Of the entry's and the list's ceiling and her wish for the
 * category the weakest counts; of people she has written to a hit only leaves a tag, unless she
 * asked for more.
 */
#include "policy/rules.h"

static enum verdict_action of_list(enum list_action action)
{
    switch (action) {
    case LIST_ACTION_NONE:
        return VERDICT_NONE;
    case LIST_ACTION_OBSERVE:
        return VERDICT_OBSERVE;
    case LIST_ACTION_TAG:
        return VERDICT_TAG;
    case LIST_ACTION_HOLD:
        return VERDICT_HOLD;
    }
    return VERDICT_NONE;
}

static enum verdict_action of_wish(int wish)
{
    static const enum verdict_action actions[] = {
        [WISH_OFF] = VERDICT_NONE, [WISH_TAG] = VERDICT_TAG, [WISH_HOLD] = VERDICT_HOLD};
    return actions[wish];
}

static enum verdict_action weaker(enum verdict_action a, enum verdict_action b)
{
    return a < b ? a : b;
}

static enum verdict_action judge_hit(const struct facts *facts, const struct hit *hit)
{
    enum verdict_action action =
        weaker(of_list(hit->entry->max_action), of_list(hit->list->max_action));
    action = weaker(action, of_wish(facts->wishes->category[hit->entry->category]));
    if (rules_is_known_person(facts) && facts->wishes->known_people == WISH_KNOWN_TAG)
        action = weaker(action, VERDICT_TAG);
    return action;
}

static struct item_reason reason_of(const struct hit *hit)
{
    const struct entry *entry = hit->entry;
    return (struct item_reason){
        .rule = SLICE_LITERAL("list"),
        .category = slice_is_empty(entry->category_name) ? slice_of(category_name(entry->category))
                                                         : entry->category_name,
        .severity = entry->severity,
        .list = hit->list->name,
        .list_id = hit->list->list_id,
        .publisher = hit->list->publisher,
        .entry = entry->id,
        .where = slice_of(hit->where_name),
    };
}

enum rule_end rule_list(const struct facts *facts, struct opinions *opinions)
{
    for (size_t i = 0; facts->hits != NULL && i < facts->hits->count; i++) {
        const struct hit *hit = &facts->hits->hits[i];
        enum verdict_action action = judge_hit(facts, hit);
        struct item_reason reason = reason_of(hit);
        if (action != VERDICT_NONE)
            opinions_add(opinions, action, &reason);
    }
    return RULE_GOES_ON;
}
