/*
 * request_facts: all that a rule of the policy daemon may rest on, for one recipient of one
 * message, before its content is known. Plain data, filled by request_gather.c; rules read it.
 *
 * What costs a look at the DNS is asked through request_facts_spf() when a rule needs it, and once.
 * Addresses here are canonical (common/mail/address.h); empty when there is none or it is no
 * address: a rule then has no opinion.
 */
#ifndef ZAGUAN_POLICY_REQUEST_FACTS_H
#define ZAGUAN_POLICY_REQUEST_FACTS_H

#include "common/base/clock.h"
#include "common/mail/spf.h"
#include "policy/people.h"
#include "policy/request.h"

struct porter; /* what all connections share (porter.h) */
struct visit;  /* of the connection (visit.h) */

struct request_facts {
    const struct request *request;
    struct porter *porter;
    struct visit *visit;
    struct arena *arena; /* of this request */
    int64_t now;         /* seconds since 1970 */

    struct slice sender; /* empty: the null sender, or no address */
    struct slice sender_domain;
    bool is_null_sender;
    struct slice recipient;
    bool is_trusted_client; /* trusted_networks */
    bool is_submission;     /* from one of our own people: logged in, or at a submission port */

    /* Of the recipient; is_member_on false: never decide about her. */
    bool is_member_on;
    struct person member;
    struct relation relation; /* the sender's to her; all zero unless is_member_on */

    bool has_spf; /* request_facts_spf() was asked */
    struct spf_answer spf_of_helo, spf_of_sender;
    struct slice helo; /* empty when HELO is no domain name */
};

/* Both identities of RFC 7208 section 2.3 and 2.4, filled in above. Waits for the DNS, at most
 * dns_timeout_milliseconds. Trouble is temperror. */
void request_facts_spf(struct request_facts *facts);
/* SPF passed for the envelope sender, so its domain is proven. */
bool request_facts_proves_sender(struct request_facts *facts);
/* -1: a part failed, *err says which; the answer is then DUNNO. */
int request_facts_gather(struct porter *porter, struct visit *visit, const struct request *request,
                         struct arena *arena, int64_t now, struct request_facts *facts_out,
                         struct error *err) MUST_CHECK;

#endif
