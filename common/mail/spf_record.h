/*
 * spf_record: one "v=spf1" record, parsed whole before anything of it is evaluated (RFC 7208
 * sections 4.5, 4.6 and 12). One syntax error anywhere makes the record a permerror.
 */
#ifndef ZAGUAN_MAIL_SPF_RECORD_H
#define ZAGUAN_MAIL_SPF_RECORD_H

#include "common/mail/spf.h"

enum spf_mechanism { SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6, SPF_EXISTS };

struct spf_directive {
    enum spf_mechanism mechanism;
    enum spf_result on_match;
    struct slice domain;  /* domain-spec, not expanded; empty: the domain of the record */
    struct in_addr ipv4;  /* ip4 */
    struct in6_addr ipv6; /* ip6 */
    int ipv4_bits, ipv6_bits;
};

struct spf_record {
    struct spf_directive *directives;
    size_t count;
    struct slice redirect, explanation; /* domain-specs; empty: not given */
};

/* "v=spf1" and then a space or the end. */
bool spf_record_is_spf(struct slice text);

/* Slices point into `text`. ERROR_INPUT "term 3: ..." without quoting the record; ERROR_LIMIT. */
int spf_record_parse(struct slice text, struct arena *arena, struct spf_record *record_out,
                     struct error *err) MUST_CHECK;

#endif
