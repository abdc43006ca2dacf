/* flood: when far more strangers than usual write to a member, she is offered the shield, and
 * beyond a hard limit strangers are put off by turns. Whom she knows passes always. */
#include "policy/flood.h"
#include "policy/policy_rules.h"
#include "policy/porter.h"

#define LAST_SECONDS 600 /* how exactly the store knows when it was last a flood */

static int note(struct request_facts *facts, const struct flood_stranger *stranger,
                struct store *store, enum flood_word *word_out, struct error *err)
{
    struct store_flood known = {0};
    struct flood *flood = facts->porter->flood;
    int64_t member_id = stranger->member_id;
    if (store_flood_get(store, member_id, &known, err) < 0)
        return -1;
    *word_out = flood_ask(flood, stranger, known.usual);
    if (*word_out == FLOOD_BEGINS &&
        (known.began_at == 0 || known.last_at + LAST_SECONDS < facts->now))
        return flood_begin(store, member_id, facts->member.wishes.flood,
                           facts->member.wishes.shield_until, facts->now, err) < 0
                   ? -1
                   : 0;
    if (*word_out == FLOOD_PASSES && flood_learn(flood, member_id, facts->now, &known) == 1)
        return store_flood_learn(store, member_id, known.usual, known.usual_at, err);
    return 0;
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
    struct store *store;
    enum flood_word word = FLOOD_PASSES;
    if (!facts->is_member_on || facts->member.wishes.flood == WISH_FLOOD_OFF || is_known(facts))
        return POLICY_GOES_ON;
    const struct flood_stranger stranger = {.member_id = facts->member.id,
                                            .sender = facts->sender,
                                            .sender_domain = facts->sender_domain,
                                            .client_ip = facts->request->client_address,
                                            .now = facts->now};
    if (store_pool_take(facts->porter->stores, &store, err) != 0)
        return POLICY_FAILED;
    int failed = note(facts, &stranger, store, &word, err);
    store_pool_give(facts->porter->stores, store, failed == 0);
    if (failed != 0)
        return POLICY_FAILED;
    if (word != FLOOD_PUT_OFF)
        return POLICY_GOES_ON;
    answer_defer(answer, "flood", "4.7.1",
                 slice_of("Unusually many people write to this address at the moment. Your mail is "
                          "welcome: please let your server try again, it will be taken a little "
                          "later"));
    return POLICY_ENDS;
}
