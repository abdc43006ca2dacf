/* flood: when far more strangers than usual write to a member, she is offered the shield, and
 * beyond a hard limit strangers are put off by turns. Whom she knows passes always. */
#include "policy/flood.h"
#include "policy/policy_rules.h"
#include "policy/porter.h"

#define LAST_SECONDS 600 /* how exactly the store knows when it was last a flood */

/* What the store does not know yet; *known is what it is to know. */
static enum flood_news find_news(struct request_facts *facts, bool is_flood,
                                 struct store_flood *known)
{
    struct flood *flood = facts->porter->flood;
    int64_t now = facts->now;
    enum flood_news news = FLOOD_NO_NEWS;
    if (is_flood && (known->began_at == 0 || known->last_at + LAST_SECONDS < now))
        news = FLOOD_BEGINS;
    else if (!is_flood && flood_learn(flood, facts->member.id, now, known) == 1)
        news = FLOOD_LEARNED;
    if (news == FLOOD_NO_NEWS || !flood_may_write(flood, facts->member.id, news, now))
        return FLOOD_NO_NEWS;
    return news;
}

static int write_news(struct request_facts *facts, enum flood_news news,
                      const struct store_flood *known, struct error *err)
{
    struct store *store;
    const struct person *member = &facts->member;
    if (store_pool_take(facts->porter->stores, &store, err) != 0)
        return -1;
    int failed = news == FLOOD_BEGINS
                     ? flood_begin(store, member->id, member->wishes.flood,
                                   member->wishes.shield_until, facts->now, err)
                     : store_flood_learn(store, member->id, known->usual, known->usual_at, err);
    store_pool_give(facts->porter->stores, store, failed >= 0);
    return failed < 0 ? -1 : 0;
}

/* Her own rules and her correspondents; a name that SPF disproves is nobody she knows. */
static bool is_known(struct request_facts *facts)
{
    if (!facts->relation.is_correspondent && facts->relation.member_rule != STORE_SENDER_ALLOW &&
        facts->relation.server_rule != STORE_SENDER_ALLOW)
        return false;
    request_facts_spf(facts);
    return facts->spf_of_sender.result != SPF_FAIL && facts->spf_of_sender.result != SPF_SOFTFAIL;
}

enum policy_step policy_rule_flood(struct request_facts *facts, struct answer *answer,
                                   struct error *err)
{
    struct store_flood known = facts->member.flood;
    if (!facts->is_member_on || facts->member.wishes.flood == WISH_FLOOD_OFF || is_known(facts))
        return POLICY_GOES_ON;
    const struct flood_stranger stranger = {.member_id = facts->member.id,
                                            .sender = facts->sender,
                                            .sender_domain = facts->sender_domain,
                                            .client_ip = facts->request->client_address,
                                            .now = facts->now};
    struct flood_view view = flood_ask(facts->porter->flood, &stranger, known.usual);
    enum flood_news news = find_news(facts, view.is_flood, &known);
    if (news != FLOOD_NO_NEWS && write_news(facts, news, &known, err) != 0)
        return POLICY_FAILED;
    if (!view.is_put_off)
        return POLICY_GOES_ON;
    answer_defer(answer, "flood", "4.7.1",
                 slice_of("Unusually many people write to this address at the moment. Your mail is "
                          "welcome: please let your server try again, it will be taken a little "
                          "later"));
    return POLICY_ENDS;
}
