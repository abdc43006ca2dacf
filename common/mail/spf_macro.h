/*
 * spf_macro: macro-strings and domain-specs of RFC 7208 section 7: what is well-formed, and what
 * they expand to. Pure functions; %{p} needs the network, so the caller says its value.
 */
#ifndef ZAGUAN_MAIL_SPF_MACRO_H
#define ZAGUAN_MAIL_SPF_MACRO_H

#include "common/base/buffer.h"
#include <netinet/in.h>
#include <stdint.h>

struct spf_client {
    bool is_ipv6; /* an IPv4-mapped address is IPv4 */
    struct in_addr ipv4;
    struct in6_addr ipv6;
};

/* The client as Postfix writes it; false when it is no address. */
bool spf_client_parse(struct slice text, struct spf_client *client_out);

struct spf_macro_values {
    const struct spf_client *client;
    struct slice local, sender_domain; /* %{l} %{o}, with '@' between them %{s} */
    struct slice domain;               /* %{d} */
    struct slice helo;                 /* %{h} */
    struct slice validated;            /* %{p} */
    struct slice receiver;             /* %{r} */
    int64_t now;                       /* %{t} */
};

/* SPF_MACRO_EXPLAIN also allows blanks and the letters c, r, t. */
enum spf_macro_use { SPF_MACRO_DOMAIN, SPF_MACRO_EXPLAIN };

bool spf_macro_is_valid(struct slice text, enum spf_macro_use use);
bool spf_domain_spec_is_valid(struct slice text);
bool spf_macro_uses(struct slice text, char letter); /* lower case; %{P} counts as 'p' */
/* -1: not well-formed, or longer than the buffer's maximum. */
int spf_macro_expand(struct slice text, enum spf_macro_use use,
                     const struct spf_macro_values *values, struct buffer *into);

#endif
