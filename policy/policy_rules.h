/*
 * policy_rules: the table of rules that are asked about a recipient before the content is known, in
 * their order; one policy_rule_*.c each. A new rule is one file and one row.
 *
 * A rule reads the facts. It may set the answer and end, or go on. The first answer that is not
 * DUNNO ends: Postfix takes one. -1: the rule failed; that is logged, and the answer is DUNNO.
 */
#ifndef ZAGUAN_POLICY_POLICY_RULES_H
#define ZAGUAN_POLICY_POLICY_RULES_H

#include "policy/answer.h"
#include "policy/request_facts.h"

enum policy_step { POLICY_FAILED = -1, POLICY_GOES_ON = 0, POLICY_ENDS = 1 };

struct policy_rule {
    const char *name; /* in log lines */
    enum policy_step (*ask)(struct request_facts *facts, struct answer *answer, struct error *err);
};

extern const struct policy_rule policy_rules[]; /* ends with a NULL name */

/* Never fails: trouble is logged and answered with DUNNO. */
void policy_decide(struct porter *porter, struct visit *visit, const struct request *request,
                   struct arena *arena, int64_t now, struct answer *answer_out);

enum policy_step policy_rule_submission(struct request_facts *facts, struct answer *answer,
                                        struct error *err);
enum policy_step policy_rule_brake(struct request_facts *facts, struct answer *answer,
                                   struct error *err);
enum policy_step policy_rule_trusted(struct request_facts *facts, struct answer *answer,
                                     struct error *err);
enum policy_step policy_rule_local(struct request_facts *facts, struct answer *answer,
                                   struct error *err);
enum policy_step policy_rule_refuse(struct request_facts *facts, struct answer *answer,
                                    struct error *err);
enum policy_step policy_rule_flood(struct request_facts *facts, struct answer *answer,
                                   struct error *err);
enum policy_step policy_rule_spf(struct request_facts *facts, struct answer *answer,
                                 struct error *err);

#endif
