/*
 * local_rules: the admin's own rules, policy.rules (docs/formats/policy-rules.md): one a line, the
 * first that fits decides. The only place from which mail to everybody can be refused.
 *
 *     pass    client    192.0.2.0/24
 *     refuse  sender    @spam.example        Write to postmaster@coop.example if this is wrong.
 *     refuse  spf-fail  bank.example
 *
 * Read as a whole or not at all; errors name file and line. Safe for threads: a question keeps the
 * rules it began with while new ones are read.
 */
#ifndef ZAGUAN_POLICY_LOCAL_RULES_H
#define ZAGUAN_POLICY_LOCAL_RULES_H

#include "policy/answer.h"
#include "policy/request_facts.h"

#define LOCAL_RULES_MOST 2000

struct local_rules;      /* what one file says; immutable */
struct local_rules_desk; /* the file's name and the rules of the moment */

/* ERROR_INPUT names `name` and the line. */
int local_rules_read(struct slice text, const char *name, struct local_rules **rules_out,
                     struct error *err) MUST_CHECK;
void local_rules_free(struct local_rules *rules);
/* local_rules_fit(): true: a rule fits, *answer is set (DUNNO for pass). */
size_t local_rules_size(const struct local_rules *rules);
bool local_rules_fit(const struct local_rules *rules, struct request_facts *facts,
                     struct answer *answer);

/* A file that is not there has no rules. */
int local_rules_open(const char *path, struct local_rules_desk **desk_out,
                     struct error *err) MUST_CHECK;
void local_rules_close(struct local_rules_desk *desk); /* NULL is fine */
int local_rules_reload(struct local_rules_desk *desk, struct error *err) MUST_CHECK;
size_t local_rules_count(struct local_rules_desk *desk);
bool local_rules_ask(struct local_rules_desk *desk, struct request_facts *facts,
                     struct answer *answer);

#endif
