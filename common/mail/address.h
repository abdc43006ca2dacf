/*
 * address: mailbox addresses of envelopes (RFC 5321 section 4.1.2, RFC 6531) and of header fields
 * (RFC 5322 section 3.4), as slices into the input or into the arena.
 *
 * "The same person" for zaguan: address_canonical() - lower case (ASCII and, for U-labels, by IDNA
 * to A-labels in the domain), the recipient_delimiter tag removed from the local part, quotes
 * removed where they were not needed.
 */
#ifndef ZAGUAN_MAIL_ADDRESS_H
#define ZAGUAN_MAIL_ADDRESS_H

#include "common/base/arena.h"
#include "common/base/error.h"

struct address {
    struct slice local;  /* unquoted */
    struct slice domain; /* as written; empty for a bare local part and for <> */
};

struct mailbox {
    struct slice display; /* decoded to UTF-8 (RFC 2047), unquoted; may be empty */
    struct address address;
    struct slice written; /* local@domain as it stands in the field, without < > */
};

/* "<a@b>", "a@b", "<>" (both empty), "<@relay:a@b>" (route ignored). ERROR_INPUT names the place.
 */
int address_parse_path(struct slice path, struct arena *arena, struct address *address_out,
                       struct error *err) MUST_CHECK;

/*
 * The mailboxes of a From, Sender, Reply-To or To value; groups are opened. What cannot be parsed
 * is skipped up to the next comma and counted in *broken_out. -1 only for lack of room.
 */
int address_parse_list(struct slice value, struct arena *arena, struct mailbox **mailboxes_out,
                       size_t *count_out, size_t *broken_out, struct error *err) MUST_CHECK;

/* local@domain in the canonical form above; `delimiter` holds Postfix's recipient_delimiter (""
 * none). Empty slice for lack of room. */
struct slice address_canonical(const struct address *address, const char *delimiter,
                               struct arena *arena);

/* A domain as lower-case A-labels without a final dot; ERROR_INPUT when it is no domain name. */
int address_domain_to_ascii(struct slice domain, char *text, size_t size,
                            struct error *err) MUST_CHECK;

#endif
