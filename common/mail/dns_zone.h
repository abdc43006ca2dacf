/*
 * dns_zone: a struct dns that answers from a zone text instead of the network, for unit tests and
 * fuzzers. tests/tools/dns_server serves the same text over UDP and TCP. One record a line, all
 * names absolute, as in RFC 1035 master files:
 *
 *     # or ; begins a comment
 *     $TTL 60
 *     example.com      TXT "v=spf1 mx" " -all"
 *     example.com      MX 10 mail.example.com
 *     mail.example.com A 192.0.2.1
 *     *.example.net    TXT hello                     below example.net, where nothing is named
 *     $GENERATE 1-500 many.example.com MX 10 mail$.example.com
 *     slow.example.com TIMEOUT TXT                   trouble for one type, or for all without one:
 *     sick.example.com SERVFAIL                      SERVFAIL, REFUSED, TIMEOUT, NXDOMAIN
 *
 * Also AAAA, PTR, CNAME; MX 0 . is the null MX. A TXT has one or more strings, in quotes unless
 * they are one word; \" \\ and \DDD are read in strings and names.
 *
 * And for the server alone: DELAY MILLISECONDS, TRUNCATE (TC over UDP whatever the size), GARBAGE,
 * NOEDNS (FORMERR to EDNS).
 * In memory a TIMEOUT is answered at once as DNS_TEMPORARY.
 */
#ifndef ZAGUAN_MAIL_DNS_ZONE_H
#define ZAGUAN_MAIL_DNS_ZONE_H

#include "common/mail/dns.h"

/* The text may go away afterwards. ERROR_INPUT names the line. */
int dns_open_zone(struct slice text, struct dns **dns_out, struct error *err) MUST_CHECK;

#endif
