/*
 * dmarc: RFC 9989: tree walk of at most eight queries, psd= np= t=, strict and relaxed alignment.
 * A null sender uses the HELO identity for SPF.
 */
#ifndef ZAGUAN_MAIL_DMARC_H
#define ZAGUAN_MAIL_DMARC_H

#include "common/mail/dkim.h"
#include "common/mail/spf.h"

enum dmarc_result { DMARC_NONE, DMARC_PASS, DMARC_FAIL, DMARC_TEMPERROR, DMARC_PERMERROR };

struct dmarc_request {
    struct slice from_domain; /* of the one From field; U-labels are fine */
    enum spf_result spf;
    struct slice spf_domain;
    const struct dkim_signature *signatures;
    size_t signature_count;
};

struct dmarc_answer {
    enum dmarc_result result;
    const char *policy;  /* "none", "quarantine", "reject": what the owner asks for this author's
                          * domain,  with sp=, np= and t= applied; "" without a record */
    struct slice domain; /* where the record was found; empty: nowhere */
    struct slice organizational_domain;
    bool is_aligned_by_spf, is_aligned_by_dkim;
    bool is_aligned_by_whole_dkim; /* by a signature that leaves no part of the body open (l=) */
};

void dmarc_check(struct dns *dns, const struct dmarc_request *request, struct deadline deadline,
                 struct arena *arena, struct dmarc_answer *answer_out);

const char *dmarc_result_name(enum dmarc_result result);

#endif
