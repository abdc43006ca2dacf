#include "policy/policy_rules.h"

#include "policy/porter.h"

const struct policy_rule policy_rules[] = {
    {"brake", policy_rule_brake},           /* before learning: what is put off was not written */
    {"submission", policy_rule_submission}, /* our own people: nothing below is about them */
    {"trusted", policy_rule_trusted},
    {"local", policy_rule_local},
    {"blocked", policy_rule_refuse},
    {"flood", policy_rule_flood},
    {"spf", policy_rule_spf}, /* last: it only adds a field */
    {NULL, NULL},
};

enum policy_step policy_rule_trusted(struct request_facts *facts, struct answer *answer,
                                     struct error *err)
{
    (void)answer;
    (void)err;
    return facts->is_trusted_client ? POLICY_ENDS : POLICY_GOES_ON;
}

static int ask_rules(struct request_facts *facts, struct answer *answer, struct error *err)
{
    for (const struct policy_rule *rule = policy_rules; rule->name != NULL; rule++) {
        enum policy_step step = rule->ask(facts, answer, err);
        if (step == POLICY_FAILED)
            return error_context(err, "rule %s", rule->name);
        if (step == POLICY_ENDS || answer->action != ANSWER_DUNNO)
            return 0;
    }
    return 0;
}

/* Postfix asks at any stage it was told to; only a recipient is something to decide about. */
static bool is_about_a_recipient(const struct request *request)
{
    return slice_is(request->protocol_state, "RCPT") && !slice_is_empty(request->recipient);
}

void policy_decide(struct porter *porter, struct visit *visit, const struct request *request,
                   struct arena *arena, int64_t now, struct answer *answer_out)
{
    struct request_facts facts;
    struct error err = {0};
    answer_dunno(answer_out);
    answer_log_round(porter->answers, now);
    if (!is_about_a_recipient(request))
        return;
    if (request_facts_gather(porter, visit, request, arena, now, &facts, &err) != 0 ||
        ask_rules(&facts, answer_out, &err) != 0) {
        porter_log_trouble(porter, "not-decided", &err);
        answer_dunno(answer_out);
        return;
    }
    answer_log_say(porter->answers, answer_out, request->sender, request->recipient, now);
}
