/*
 * dns_message: one query as bytes, and what an answer's bytes say (RFC 1035 section 4, RFC 2308).
 * An answer is hostile input: every offset is checked, names are bounded, compression only points
 * backwards. What does not parse is DNS_TEMPORARY, never a guess.
 */
#ifndef ZAGUAN_MAIL_DNS_MESSAGE_H
#define ZAGUAN_MAIL_DNS_MESSAGE_H

#include "common/mail/dns.h"

#define DNS_QUERY_BYTES (12 + 255 + 4 + 11)
#define DNS_UDP_BYTES 1232 /* what we offer by EDNS: never a fragment (RFC 9715) */
#define DNS_NAME_BYTES 256 /* as text, with NUL */

struct dns_reply {
    enum dns_status status;
    struct dns_record *records; /* in the arena */
    size_t count;
    uint32_t ttl_seconds;
    bool is_format_error;       /* FORMERR: perhaps an old server that knows no EDNS */
    char alias[DNS_NAME_BYTES]; /* a CNAME whose target the answer left out: ask for it; or "" */
};

/* `name` as dns_name_normalise() gives it. Returns the size. */
size_t dns_message_write_query(uint16_t id, struct slice name, enum dns_type type, bool has_edns,
                               unsigned char query[DNS_QUERY_BYTES]);

void dns_message_read(struct slice message, struct slice name, enum dns_type type,
                      struct arena *arena, struct dns_reply *reply_out);

#endif
