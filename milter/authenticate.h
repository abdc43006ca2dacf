/*
 * authenticate: SPF, DKIM and DMARC of one message as it arrives (common/mail/auth.h), with the
 * time it took. Every message but those of trusted clients gets it, whoever its recipients are.
 */
#ifndef ZAGUAN_MILTER_AUTHENTICATE_H
#define ZAGUAN_MILTER_AUTHENTICATE_H

#include "common/mail/auth.h"
#include "milter/envelope.h"

struct authentication {
    struct auth *auth;
    int64_t microseconds;
};

int authenticate_begin(struct authentication *authentication, struct dns *dns,
                       const struct settings *settings, const struct envelope *envelope,
                       struct arena *arena, struct error *err) MUST_CHECK;
void authenticate_field(struct authentication *authentication, struct slice field);
void authenticate_end_of_header(struct authentication *authentication);
void authenticate_body(struct authentication *authentication, struct slice piece);
void authenticate_finish(struct authentication *authentication, struct auth_answer *answer_out);
void authenticate_drop(struct authentication *authentication);

/* The same for a message that is there whole. */
int authenticate_whole(struct authentication *authentication, struct dns *dns,
                       const struct settings *settings, const struct envelope *envelope,
                       struct slice message, struct arena *arena, struct auth_answer *answer_out,
                       struct error *err) MUST_CHECK;

#endif
