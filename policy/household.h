/*
 * household: who lives on this server, as far as a stranger can pretend to be one of them: the
 * domains that are ours, the addresses and names of members who are on, and zaguan's own. Names are
 * keyed digests (member_name.h) and what a local part of two words spells ("ana.perez"). Read once,
 * then never changed: threads share it.
 */
#ifndef ZAGUAN_POLICY_HOUSEHOLD_H
#define ZAGUAN_POLICY_HOUSEHOLD_H

#include "common/mail/lookalike.h"
#include "common/store/store.h"
#include "policy/full_name.h"
#include "quarantine/keys.h"

#define HOUSEHOLD_MOST_DOMAINS 256 /* more are not looked after */

struct household;

int household_read(struct store *store, const struct keys *keys, const struct settings *settings,
                   struct household **household_out, struct error *err) MUST_CHECK;
/* Without a database: members by their canonical addresses, with ids from 1 on. */
int household_of(const struct settings *settings, const struct slice *addresses, size_t count,
                 struct household **household_out, struct error *err) MUST_CHECK;
void household_free(struct household *household); /* NULL is fine */

/* One of our domains, or one below it: who stands above may host others too. */
bool household_has_domain(const struct household *household, const struct domain_look *look);
/* Made to be taken for one of our domains; false for ours. */
bool household_is_copied_by(const struct household *household, const struct domain_look *look);
/* Of a member who is on, of zaguan or of the admin; canonical. */
bool household_has_address(const struct household *household, struct slice address);
/* Whose name it is: how many, at most `most`. */
size_t household_bearers(const struct household *household, const struct full_name *name,
                         int64_t *member_ids_out, size_t most);
/* "Soporte Kefir", "Luna Roja", "kefir.example", "zaguan": the name of the server itself. */
bool household_is_named(const struct household *household, struct slice display,
                        struct arena *arena);

#endif
