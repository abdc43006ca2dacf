/*
 * spf: RFC 7208, exactly: a strict parse of the whole record first (one syntax error anywhere is
 * permerror), counters shared by the whole recursion (10 terms that query, 2 void lookups, 10 MX
 * and 10 PTR names each), a deadline, TXT only.
 */
#ifndef ZAGUAN_MAIL_SPF_H
#define ZAGUAN_MAIL_SPF_H

#include "common/mail/dns.h"

enum spf_result {
    SPF_NONE,
    SPF_NEUTRAL,
    SPF_PASS,
    SPF_FAIL,
    SPF_SOFTFAIL,
    SPF_TEMPERROR,
    SPF_PERMERROR
};

struct spf_request {
    struct slice
        client_ip; /* as text; IPv4-mapped IPv6 is IPv4; Postfix's "IPv6:" prefix is fine */
    struct slice helo;
    struct slice sender;   /* envelope sender without < >; empty: postmaster@HELO (section 2.4) */
    struct slice receiver; /* our host name, for %{r} */
};

struct spf_answer {
    enum spf_result result;
    struct slice domain;      /* the domain that was checked, in the arena */
    struct slice explanation; /* exp= text of a fail, printable ASCII; empty otherwise */
    const char *problem;      /* one line why, for temperror and permerror; in the arena; or NULL */
    int lookup_count, void_count;
};

void spf_check(struct dns *dns, const struct spf_request *request, struct deadline deadline,
               struct arena *arena, struct spf_answer *answer_out);

const char *spf_result_name(enum spf_result result); /* RFC 7208 section 2.6 words, lower case */

/* The same question to libspf2, in a sandboxed child whose death is an answer ("died: signal 6").
 */
int spf_second_opinion(const struct settings *settings, const struct spf_request *request,
                       struct buffer *words_out, struct error *err) MUST_CHECK;

#endif
