/*
 * rules: the table of rules in the order in which they are asked, one rule_*.c each. Private to
 * policy/.
 *
 * A rule reads the facts and adds opinions; it has no other effect. RULE_ENDS: what was said so far
 * is the decision.
 */
#ifndef ZAGUAN_POLICY_RULES_H
#define ZAGUAN_POLICY_RULES_H

#include "policy/decide.h"

#define RULES_MOST_OPINIONS 32 /* the strongest; a digest shows fewer */

struct opinion {
    enum verdict_action action;
    struct item_reason reason;
};

/* Strongest first: by action, then severity, then as they were said. */
struct opinions {
    struct opinion rows[RULES_MOST_OPINIONS];
    size_t count;
};

enum rule_end { RULE_GOES_ON, RULE_ENDS };

struct rule {
    const char *name;
    enum rule_end (*ask)(const struct facts *facts, struct opinions *opinions);
};

extern const struct rule rules[]; /* ends with a NULL name */

/* Beyond the maximum the weakest is left out. */
void opinions_add(struct opinions *opinions, enum verdict_action action,
                  const struct item_reason *reason);
/* A rule without a list; `category` may be "". */
void opinions_add_rule(struct opinions *opinions, enum verdict_action action, const char *rule,
                       const char *category);

/* She has written to this sender, and it is proven to be the sender. */
bool rules_is_known_person(const struct facts *facts);

enum rule_end rule_allow(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_server_allow(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_block(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_resembles(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_lane(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_shield(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_impersonates(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_list(const struct facts *facts, struct opinions *opinions);
enum rule_end rule_unscanned(const struct facts *facts, struct opinions *opinions);

#endif
