/*
 * disguise: as whom of this household a mail comes while its address is another's. Reads what
 * stands on the mail; what one recipient knows of the sender is weighed by judge.c and the rule.
 *
 * Not a disguise: what somebody handed in by her login or from this machine; names above a proven
 * address of lists and services that write in a person's name ("Ana Pérez" <notifications@...>,
 * "Ana Pérez via lista"); one's own address on a list that passes the mail on as it was.
 */
#ifndef ZAGUAN_POLICY_DISGUISE_H
#define ZAGUAN_POLICY_DISGUISE_H

#include "common/mail/auth.h"
#include "policy/household.h"

enum disguise {
    DISGUISE_NONE,
    DISGUISE_NAME,          /* the full name of a member */
    DISGUISE_SERVER,        /* the name of the server itself */
    DISGUISE_SHOWN_ADDRESS, /* an address of ours inside the display name */
    DISGUISE_REPLY,         /* answers would go to a copy of our domain */
    DISGUISE_DOMAIN,        /* a copy of our domain */
    DISGUISE_ADDRESS        /* our very address, which nothing proves */
};

/* "name", "server", "shown-address", "reply-to", "domain", "address"; "" */
const char *disguise_name(enum disguise disguise);

#define DISGUISE_MOST_BEARERS 8
#define DISGUISE_MOST_REPLIES 4
#define DISGUISE_MOST_AUTHORS 4

struct disguise_mail {
    struct slice display;                             /* of From, UTF-8 */
    struct slice from_address;                        /* canonical */
    struct slice more_authors[DISGUISE_MOST_AUTHORS]; /* named beside it; canonical */
    size_t more_author_count;
    struct slice reply_domains[DISGUISE_MOST_REPLIES];
    size_t reply_count;
    const struct auth_answer *auth;
    bool is_automatic; /* facts.h */
    bool is_list;      /* has a List-Id */
    bool is_inside;    /* by a login, or from this machine */
};

struct disguise_found {
    enum disguise kind;
    /* of DISGUISE_NAME: whose name, and whether a proven address spells it, as a private address of
     * hers would */
    int64_t bearers[DISGUISE_MOST_BEARERS];
    size_t bearer_count;
    bool is_spelled;
};

/* `arena` is only for scratch; without room in it less is found. */
void disguise_find(const struct household *household, const struct disguise_mail *mail,
                   struct arena *arena, struct disguise_found *found_out);

#endif
