/*
 * limits: every maximum of zaguan, in one place. Bytes unless the name says otherwise.
 * Beyond a limit a message is delivered and marked `unscanned` in that respect, or refused with a
 * temporary error where it must be held; input for the admin gets an error that names the place.
 */
#ifndef ZAGUAN_BASE_LIMITS_H
#define ZAGUAN_BASE_LIMITS_H

#define KIB ((size_t)1024)
#define MIB ((size_t)1024 * 1024)

/* Mail */
#define LIMIT_MESSAGE_BYTES (256 * MIB) /* what the milter captures; Postfix has its own limit */
#define LIMIT_HEADER_BYTES (1 * MIB)    /* the header block that is parsed */
#define LIMIT_HEADER_FIELDS 5000        /* count */
#define LIMIT_RECIPIENTS 50000          /* count; Postfix's smtpd_recipient_limit is 1000 */
#define LIMIT_ADDRESS_BYTES 1024        /* an envelope address with its angle brackets */
#define LIMIT_DOMAIN_BYTES 255          /* RFC 1035 section 2.3.4, as text */
#define LIMIT_MIME_PARTS 1000           /* count */
#define LIMIT_MIME_DEPTH 30             /* count */
#define LIMIT_TEXT_PART_BYTES (1 * MIB) /* decoded text of one part that is matched */
#define LIMIT_TEXT_BYTES (4 * MIB)      /* decoded text of one message that is matched */
#define LIMIT_DKIM_SIGNATURES 16        /* count that is verified; RFC 6376 section 6.1 */
#define LIMIT_ENVELOPE_ARENA_BYTES                                                                 \
    (64 * MIB)                             /* recipients, answers and verdicts of one message      \
                                            */
#define LIMIT_SCAN_ARENA_BYTES (128 * MIB) /* its texts, their folded views and hits */

/* Time */
#define LIMIT_AUTH_MILLISECONDS 5000    /* all DNS work for one message */
#define LIMIT_SCAN_MILLISECONDS 250     /* matching of one message */
#define LIMIT_COLLECT_MILLISECONDS 2000 /* reading the parts of one message */

/* DNS and SPF */
#define LIMIT_DNS_CACHE_ENTRIES 16384          /* count of answers that are remembered */
#define LIMIT_DNS_CACHE_BYTES (16 * MIB)       /* and what they may weigh together */
#define LIMIT_DNS_PENDING 1024                 /* count of questions in flight */
#define LIMIT_DNS_SERVERS 8                    /* count in dns_server */
#define LIMIT_SPF_BYTES (16 * MIB)             /* what one check may keep of hostile answers */
#define LIMIT_SPF_EXPLANATION_BYTES (16 * KIB) /* of exp=; a longer one is left out */

/* Lists */
#define LIMIT_LIST_BYTES (8 * MIB)
#define LIMIT_LIST_LINE_BYTES 1024
#define LIMIT_PATTERN_BYTES 300

/* Replies, settings, files */
#define LIMIT_REPLY_BYTES (1 * MIB) /* what zaguan-answer reads; a longer quote is not read */
#define LIMIT_REPLY_COMMANDS 50     /* count */
#define LIMIT_SETTINGS_BYTES (256 * KIB)
#define LIMIT_DIGEST_BYTES (1 * MIB) /* one digest or receipt mail */

#endif
