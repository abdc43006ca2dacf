/*
 * dkim_field: one DKIM-Signature field, read and judged by itself (RFC 6376 sections 3.5, 6.1.1).
 */
#ifndef ZAGUAN_MAIL_DKIM_FIELD_H
#define ZAGUAN_MAIL_DKIM_FIELD_H

#include "common/mail/dkim_canon.h"
#include "common/mail/dkim_key.h"

/* A sender's clock may be wrong by so much where t= and x= are held against ours. */
#define DKIM_CLOCK_DRIFT_SECONDS 300

struct dkim_field {
    enum dkim_algorithm algorithm;
    enum dkim_canon header_canon, body_canon;
    struct slice field_names; /* of h=, with colons and blanks between */
    struct slice identity_domain;
    struct slice signature, body_hash; /* decoded b= and bh= */
    uint64_t limit;                    /* l=, or DKIM_NO_LIMIT */
    size_t hidden_begin, hidden_end;   /* the value of b= in the whole field */
};

/*
 * `whole` is the field with its name. DKIM_PASS: the field is in order, and the key is what is
 * wanted next. Otherwise `shown_out` has the result and the reason. What could be read of d= s= a=
 * i= b= is in `shown_out` in any case. Slices point into `whole` or the arena.
 */
enum dkim_result dkim_field_parse(struct slice whole, int64_t now, struct arena *arena,
                                  struct dkim_field *field_out, struct dkim_signature *shown_out);

#endif
