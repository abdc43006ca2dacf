/*
 * facts: all that a decision about one message and one member may rest on. Plain data, filled by
 * the milter, the policy daemon or explain; rules read it and nothing else.
 */
#ifndef ZAGUAN_POLICY_FACTS_H
#define ZAGUAN_POLICY_FACTS_H

#include "common/store/store_sender.h"
#include "lists/match/match.h"
#include "policy/disguise.h"
#include "policy/lane.h"
#include "policy/wishes.h"

struct facts {
    const struct wishes *wishes; /* of the member */
    int64_t now;

    const struct hit_set *hits; /* what the lists say; may be NULL */
    bool is_scanned;            /* all of it was read and matched */

    struct slice sender;       /* envelope sender, canonical */
    struct slice from_address; /* canonical */
    bool is_sender_proven;     /* auth_proves_sender() */
    enum dmarc_result dmarc;
    enum spf_result spf;

    enum store_sender_rule member_rule; /* she let through / blocked this sender */
    enum store_sender_rule server_rule; /* the admin did */
    bool is_correspondent;              /* she has written to this address */
    bool is_transactional;              /* login code or confirmation of the moment */
    bool is_login_code;                 /* of these the codes and password resets */
    bool is_confirmation;               /* of a subscription or an account */
    bool is_automatic;                  /* Auto-Submitted, List-Id, Precedence: bulk */
    enum lane lane;                     /* of the burst that it is part of, if any */
    const char *resembles;  /* the trait it shares with one she blocked (likeness.h); NULL: none */
    enum disguise disguise; /* as whom of this household it comes, if so */
};

/*
 * Fills is_transactional, is_login_code, is_confirmation and is_automatic from the header of a
 * message. A careful guess: it only chooses the lane in which mail waits behind a shield, never
 * whether it is held. -1: no room.
 */
int facts_read_message(struct slice message, struct arena *arena, struct facts *facts,
                       struct error *err) MUST_CHECK;

#endif
