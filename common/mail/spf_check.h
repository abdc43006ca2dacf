/*
 * spf_check: one run of check_host() (RFC 7208 section 4) with everything its recursion shares: the
 * counters of section 4.6.4, the deadline, the first problem. Private to spf.c and spf_match.c.
 */
#ifndef ZAGUAN_MAIL_SPF_CHECK_H
#define ZAGUAN_MAIL_SPF_CHECK_H

#include "common/mail/spf_macro.h"
#include "common/mail/spf_record.h"

struct spf_check {
    struct dns *dns;
    struct deadline deadline;
    struct arena *arena;
    struct spf_client client;
    struct spf_macro_values values; /* domain and validated are set for each expansion */
    struct slice *validated_names;  /* what the PTR names of the client prove, once asked */
    size_t validated_count;
    bool has_validated_names;
    bool is_explaining; /* the result stands: section 4.6.4 counts no more */
    int lookup_count, void_count;
    const char *problem;
};

struct spf_outcome {
    enum spf_result result;
    struct slice explanation; /* exp= of the record that decided, not expanded */
    struct slice domain;      /* of that record */
};

enum spf_match { SPF_MATCH_NO, SPF_MATCH_YES, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* check_host() for one domain; includes and redirects come back here. */
void spf_check_host(struct spf_check *check, struct slice domain, struct spf_outcome *outcome_out);

/* Whether the directive of the record of `domain` matches the client. */
enum spf_match spf_match_directive(struct spf_check *check, const struct spf_directive *directive,
                                   struct slice domain);

/* One more term that asks the DNS; false and a problem when it is the eleventh. */
bool spf_count_lookup(struct spf_check *check);
/* A domain-spec for the record of `domain` as a name to ask for, cut to 253 bytes from the left.
 * The empty spec is `domain`. False: too long to expand, or the eleventh lookup by %{p}. */
bool spf_expand_domain(struct spf_check *check, struct slice spec, struct slice domain,
                       struct slice *name_out);
/* The value of %{p} in the record of `domain`: a validated name, or "unknown". */
struct slice spf_validated_name(struct spf_check *check, struct slice domain);

#endif
