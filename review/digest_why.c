#include "review/digest.h"

#include "review/phrases.h"
#include "review/plain.h"

#define NAME_BYTES 80 /* of a list, a publisher, a category of a list's own */

static const struct {
    const char *name;
    const char *english;
} categories[] = {
    {"threat", PHRASE("threat")},
    {"doxxing", PHRASE("private details")},
    {"sexual-harassment", PHRASE("sexual harassment")},
    {"sextortion", PHRASE("sexual blackmail")},
    {"ncii", PHRASE("intimate pictures")},
    {"hate", PHRASE("hate")},
    {"stalking", PHRASE("stalking")},
    {"impersonation", PHRASE("impersonation")},
    {"mail-bomb", PHRASE("flood of mail")},
    {"spear-phish", PHRASE("targeted trap")},
    {"other", PHRASE("other")},
    {"shield", PHRASE("shield")},
    {"blocked", PHRASE("blocked by you")},
    {"unscanned", PHRASE("could not be read whole")},
    {"resembles", PHRASE("resembles one you blocked")},
    {"confirmations", PHRASE("confirmations")},
    {"codes", PHRASE("login codes")},
};

static const struct {
    const char *rule;
    const char *english;
} rules[] = {
    {"shield", PHRASE("shield: from someone you have not written to")},
    {"shield-code", PHRASE("shield: looks like a login code or a confirmation")},
    {"shield-unproven", PHRASE("shield: in the name of someone you know, but nothing proves it")},
    {"blocked", PHRASE("you blocked this sender")},
    {"unscanned", PHRASE("could not be read whole")},
    {"resembles", PHRASE("resembles one you blocked")},
    {"lane", PHRASE("one of many confirmations that came at once")},
    {"lane-codes", PHRASE("one of many login codes that came at once")},
};

static const struct {
    const char *name;
    const char *english;
} traits[] = {
    {"address", PHRASE("the same address, written otherwise")},
    {"reply-to", PHRASE("answers would go to the same address")},
    {"domain", PHRASE("the same server signed it, and answers would go to the same address")},
    {"name", PHRASE("the same name")},
    {"text", PHRASE("nearly the same text")},
};

/* Which part of the mail is the false one: item_reason.where of rule "impersonates". */
static const struct {
    const char *where;
    const char *english;
} disguises[] = {
    {"name", PHRASE("shows the name of someone of this server, but comes from another address")},
    {"server", PHRASE("shows the name of this server, but comes from another address")},
    {"shown-address", PHRASE("shows an address of this server, but comes from another one")},
    {"reply-to", PHRASE("your answer would go to an address that imitates this server")},
    {"domain", PHRASE("comes from an address that imitates this server")},
    {"address", PHRASE("uses an address of this server, but nothing proves that it is real")},
};

static const char *clean(struct slice text, struct arena *arena)
{
    char cleaned[NAME_BYTES + 1];
    struct slice kept = plain_clean(text, cleaned, NAME_BYTES);
    const char *copy = arena_copy(arena, kept).data;
    return copy == NULL ? "" : copy;
}

const char *digest_category(int language, struct slice category, struct arena *arena)
{
    for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++)
        if (slice_is(category, categories[i].name))
            return phrase(language, categories[i].english);
    return clean(category, arena);
}

const char *digest_lane_why(int language, size_t count, struct arena *arena)
{
    return arena_printf(arena,
                        phrase_count(language, "1 lane: %lu confirmation",
                                     "1 lane: %lu confirmations", (unsigned long)count),
                        (unsigned long)count);
}

static const char *why_list(int language, const struct item_reason *reason, struct arena *arena)
{
    const char *category = digest_category(language, reason->category, arena);
    const char *list = clean(reason->list, arena);
    const char *text =
        slice_is_empty(reason->publisher)
            ? arena_printf(arena, phrase(language, "%s (list %s of this server)"), category, list)
            : arena_printf(arena, phrase(language, "%s (list %s, by %s)"), category, list,
                           clean(reason->publisher, arena));
    return text == NULL ? category : text;
}

static const char *why_rule(int language, struct slice rule, struct arena *arena)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (slice_is(rule, rules[i].rule))
            return phrase(language, rules[i].english);
    return clean(rule, arena);
}

static const char *why_disguise(int language, struct slice where)
{
    for (size_t i = 0; i < sizeof disguises / sizeof disguises[0]; i++)
        if (slice_is(where, disguises[i].where))
            return phrase(language, disguises[i].english);
    return phrase(language, PHRASE("impersonation"));
}

/* "resembles one you blocked: the same name" */
static const char *why(int language, const struct item_reason *reason, struct arena *arena)
{
    if (slice_is(reason->rule, "list"))
        return why_list(language, reason, arena);
    if (slice_is(reason->rule, "impersonates"))
        return why_disguise(language, reason->where);
    const char *rule = why_rule(language, reason->rule, arena), *more = NULL;
    for (size_t i = 0; i < sizeof traits / sizeof traits[0]; i++)
        if (slice_is(reason->rule, "resembles") && slice_is(reason->where, traits[i].name))
            more = arena_printf(arena, "%s: %s", rule, phrase(language, traits[i].english));
    return more == NULL ? rule : more;
}

static bool has_rule(const struct found_item *found, const char *rule)
{
    for (size_t i = 0; i < found->reason_count; i++)
        if (slice_is(found->reasons[i].rule, rule))
            return true;
    return false;
}

const char *digest_why(int language, const struct found_item *found, struct arena *arena)
{
    const char *first = found->reason_count > 0
                            ? why(language, &found->reasons[0], arena)
                            : digest_category(language, found->item.category, arena);
    if (!has_rule(found, "allowed-unproven"))
        return first;
    const char *more = arena_printf(
        arena, "%s; %s", first,
        phrase(language, "you let this sender through, but nothing proves that it is the same"));
    return more == NULL ? first : more;
}
