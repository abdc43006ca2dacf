/*
 * dkim: RFC 6376, 8301, 8463, 8616: our own verifier over OpenSSL (docs/decisions says why not
 * libopendkim).
 *
 * One verifier per message and thread; the body is fed as it arrives. Keys come through our DNS
 * layer with our statuses. A message can make a signature fail, never this module.
 */
#ifndef ZAGUAN_MAIL_DKIM_H
#define ZAGUAN_MAIL_DKIM_H

#include "common/mail/dns.h"

enum dkim_result {
    DKIM_NONE, /* no signature */
    DKIM_PASS,
    DKIM_FAIL,      /* the signature or body hash does not verify */
    DKIM_NEUTRAL,   /* could not be tried: the header is beyond our limits */
    DKIM_POLICY,    /* not acceptable: an RSA key too small, several From fields */
    DKIM_TEMPERROR, /* no key because of DNS trouble */
    DKIM_PERMERROR  /* no key, revoked key, bad key record, bad signature tags, rsa-sha1 */
};

struct dkim_signature {
    enum dkim_result result;
    struct slice domain;          /* d=, lower case; empty when it could not be read */
    struct slice selector;        /* s= */
    struct slice algorithm;       /* a= */
    struct slice identity;        /* i= */
    struct slice signature_start; /* first 8 characters of b=, for header.b (RFC 6008) */
    const char *reason;           /* one line in words, for every result but pass; in the arena */
    bool is_partial; /* l= leaves a part of this body unsigned: anybody may have added it */
};

struct dkim_answer {
    struct dkim_signature
        *signatures; /* in the order of the message; at most LIMIT_DKIM_SIGNATURES */
    size_t count;
};

struct dkim_verifier;

/* Once per process before threads / at its end. */
int dkim_setup(struct error *err) MUST_CHECK;
void dkim_teardown(void);

/* NULL for lack of memory. The arena outlives the verifier and holds its answer. */
struct dkim_verifier *dkim_verifier_new(struct dns *dns, struct arena *arena);
void dkim_verifier_free(struct dkim_verifier *verifier);
/* A whole field as it arrived: "Name: value" with its folding (CRLF or LF), without last line end.
 */
void dkim_verifier_field(struct dkim_verifier *verifier, struct slice field);
void dkim_verifier_end_of_header(struct dkim_verifier *verifier, struct deadline deadline);
void dkim_verifier_body(struct dkim_verifier *verifier,
                        struct slice piece); /* any pieces, CRLF line ends */
void dkim_verifier_finish(struct dkim_verifier *verifier, struct deadline deadline,
                          struct dkim_answer *answer_out);

const char *dkim_result_name(enum dkim_result result);

#endif
