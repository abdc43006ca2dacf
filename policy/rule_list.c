/*
 * list: what the lists say of it. Of the entry's and the list's ceiling, what its source may reach
 * (ceiling of the partner, freshness, quorum) and her wish for the category the weakest counts; of
 * people she has written to a hit only leaves a tag, unless she asked for more.
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

/* Counted where hits are counted; of no effect here. */
static bool is_silent(const struct hit *hit)
{
    return hit->list->is_shadow;
}

/* An own opinion of a partner that counts; what was adopted from others is no second voice. */
static bool is_voice(const struct hit *hit, enum category category)
{
    return !hit->list->is_local && !is_silent(hit) && hit->list->counts_for_quorum &&
           hit->entry->category == category && !slice_is(hit->entry->basis, "adopted");
}

/* One voice for each partner, however many of its lists hit. */
static bool has_spoken(const struct hit_set *hits, size_t before, const struct hit *hit)
{
    for (size_t i = 0; i < before; i++)
        if (is_voice(&hits->hits[i], hit->entry->category) &&
            slice_equals(hits->hits[i].list->partner, hit->list->partner))
            return true;
    return false;
}

static int count_voices(const struct hit_set *hits, enum category category)
{
    int voices = 0;
    for (size_t i = 0; i < hits->count; i++)
        if (is_voice(&hits->hits[i], category) && !has_spoken(hits, i, &hits->hits[i]))
            voices++;
    return voices;
}

/*
 * What the source of the list lets through: the partner's ceiling for the category, how fresh its
 * word is, and whether enough distinct partners say the same of this message. Alone a partner's
 * word reaches a tag, unless the admin set its hold-quorum to 1.
 */
static enum verdict_action reach_of(const struct facts *facts, const struct hit *hit)
{
    const struct list *list = hit->list;
    if (list->is_local)
        return VERDICT_HOLD;
    enum verdict_action reach =
        weaker(of_list(list->ceilings[hit->entry->category]), of_list(list->freshness));
    int voices = list->hold_quorum < 2 ? 1 : count_voices(facts->hits, hit->entry->category);
    int needed = list->hold_quorum < 2 ? 1 : list->hold_quorum + hit->entry->disagreements;
    return voices >= needed ? reach : weaker(reach, VERDICT_TAG);
}

static enum verdict_action judge_hit(const struct facts *facts, const struct hit *hit)
{
    enum verdict_action action =
        weaker(of_list(hit->entry->max_action), of_list(hit->list->max_action));
    action = weaker(action, reach_of(facts, hit));
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
        .publisher = hit->list->is_local ? hit->list->publisher : hit->list->partner,
        .entry = entry->id,
        .where = slice_of(hit->where_name),
    };
}

enum rule_end rule_list(const struct facts *facts, struct opinions *opinions)
{
    for (size_t i = 0; facts->hits != NULL && i < facts->hits->count; i++) {
        const struct hit *hit = &facts->hits->hits[i];
        if (is_silent(hit))
            continue;
        enum verdict_action action = judge_hit(facts, hit);
        struct item_reason reason = reason_of(hit);
        if (action != VERDICT_NONE)
            opinions_add(opinions, action, &reason);
    }
    return RULE_GOES_ON;
}
