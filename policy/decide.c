#include "policy/decide.h"

#include "policy/rules.h"

int decide(const struct facts *facts, struct arena *arena, struct verdict *verdict_out,
           struct error *err)
{
    struct opinions opinions = {.count = 0};
    struct verdict verdict = {.is_unscanned = !facts->is_scanned};
    for (const struct rule *rule = rules; rule->name != NULL; rule++)
        if (rule->ask(facts, &opinions) == RULE_ENDS)
            break;
    if (opinions.count > 0) {
        verdict.action = opinions.rows[0].action;
        verdict.category = opinions.rows[0].reason.category;
        verdict.severity = opinions.rows[0].reason.severity;
        verdict.reasons = arena_alloc_array(arena, opinions.count, sizeof *verdict.reasons);
        if (verdict.reasons == NULL)
            return arena_error(arena, err);
    }
    for (size_t i = 0; i < opinions.count; i++)
        verdict.reasons[verdict.reason_count++] = opinions.rows[i].reason;
    *verdict_out = verdict;
    return 0;
}
