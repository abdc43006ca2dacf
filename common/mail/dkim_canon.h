/*
 * dkim_canon: the two canonical forms of RFC 6376 section 3.4, and the hash they flow into.
 *
 * Nothing is kept of the message: fields and body go through a small buffer into SHA-256. The body
 * comes in any pieces; what its end means (empty lines, a missing line end) is settled at the end.
 */
#ifndef ZAGUAN_MAIL_DKIM_CANON_H
#define ZAGUAN_MAIL_DKIM_CANON_H

#include "common/mail/dkim.h"

#include <openssl/evp.h>
#include <stdint.h>

#define DKIM_HASH_BYTES 32

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

/* SHA-256 with a buffer in front, since one update costs more than some hundred bytes of it. */
struct dkim_hash {
    EVP_MD_CTX *context;
    size_t buffered;
    bool is_broken; /* the library failed; the digest is worthless */
    char buffer[4096];
};

int dkim_hash_begin(struct dkim_hash *hash, struct error *err) MUST_CHECK;
void dkim_hash_add(struct dkim_hash *hash, struct slice piece);
/* False when the library failed. Once. */
bool dkim_hash_end(struct dkim_hash *hash, unsigned char digest_out[DKIM_HASH_BYTES]);
void dkim_hash_free(struct dkim_hash *hash);

/* A whole field with CRLF inside its folding and none at its end; adds the CRLF unless `is_last`.
 * What stands at [hidden_begin, hidden_end) of it is left out: the value of b=. */
void dkim_canon_field(struct dkim_hash *hash, enum dkim_canon canon, struct slice field,
                      size_t hidden_begin, size_t hidden_end, bool is_last);

#define DKIM_NO_LIMIT UINT64_MAX

/* The body hash of one canonical form and one l=. */
struct dkim_body {
    enum dkim_canon canon;
    uint64_t limit; /* l=, or DKIM_NO_LIMIT */
    uint64_t size;  /* canonical octets so far, beyond the limit too */
    uint64_t held_line_ends;
    bool has_line;  /* a line that is not empty was seen in this form */
    bool has_cr;    /* the last byte was a CR whose LF may follow */
    bool has_blank; /* relaxed: blanks were seen that may be the end of the line */
    struct dkim_hash hash;
};

void dkim_body_add(struct dkim_body *body, struct slice piece);
bool dkim_body_end(struct dkim_body *body, unsigned char digest_out[DKIM_HASH_BYTES]);

#endif
