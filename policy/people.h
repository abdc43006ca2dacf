/*
 * people: what the policy daemon remembers of members, so that a question costs no look at the
 * database: who is on with which wishes, and how a sender stands to her. Bounded; all of it is
 * forgotten when another program has committed anything (store_data_version), so nothing here is
 * older than PEOPLE_STALE_MILLISECONDS.
 *
 * Safe for threads. Keeps digests under a key of this process, no addresses.
 */
#ifndef ZAGUAN_POLICY_PEOPLE_H
#define ZAGUAN_POLICY_PEOPLE_H

#include "common/store/store_flood.h"
#include "common/store/store_pool.h"
#include "policy/contact.h"
#include "policy/member.h"
#include "policy/sender.h"

#define PEOPLE_STALE_MILLISECONDS 20

struct person {
    int64_t id; /* 0: not a member */
    enum store_member_state state;
    int64_t consented_at;
    struct wishes wishes;
    struct store_flood flood; /* all zero: nothing was learned yet */
    bool has_rules;           /* she or the admin let somebody through or blocked somebody */
    bool has_contacts;        /* she has written to somebody */
};

struct relation {
    /* Of the envelope sender: an ALLOW counts only when request_facts_proves_sender(). */
    enum store_sender_rule member_rule, server_rule;
    bool is_correspondent; /* she has written to this address, or to the list behind it */
};

struct people;

/* `keys` and `settings` outlive it. NULL: no memory. */
struct people *people_new(const struct settings *settings, const struct keys *keys,
                          struct store_pool *stores);
void people_free(struct people *people);

/* By canonical address: 1 with *person_out, 0 not a member, -1. */
int people_find(struct people *people, struct slice address, struct arena *arena,
                struct person *person_out, struct error *err) MUST_CHECK;
/* How the envelope sender (canonical, may be empty) stands to her. */
int people_relation(struct people *people, const struct person *person, struct slice sender,
                    struct arena *arena, struct relation *relation_out,
                    struct error *err) MUST_CHECK;

#endif
