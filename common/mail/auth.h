/*
 * auth: SPF, DKIM and DMARC of one message in one pass; the milter, explain and `zaguan auth` use
 * it. Temporary DNS trouble is `temperror`, never a failure of this module.
 *
 * dns_timeout_milliseconds bounds all waiting for DNS of one message. Only that time counts, not
 * the minutes a slow sender may take for the body.
 */
#ifndef ZAGUAN_MAIL_AUTH_H
#define ZAGUAN_MAIL_AUTH_H

#include "common/mail/dmarc.h"

struct auth_client {
    struct slice ip; /* empty: not known, then SPF is none and DMARC rests on DKIM */
    struct slice helo;
    struct slice sender; /* envelope sender without < > */
    bool is_known;       /* false: `zaguan auth FILE` without client: only DKIM */
};

struct auth_answer {
    bool has_client;
    bool is_null_sender; /* SPF looked at HELO */
    struct spf_answer spf;
    struct dkim_answer dkim;
    struct dmarc_answer dmarc;
    struct slice from_domain; /* of the single From field; empty when there is none or several */
    size_t from_count;        /* From fields + mailboxes beyond the first: 1 is normal */
};

struct auth;

/* arena outlives it and holds the answer. NULL: no memory. */
struct auth *auth_begin(struct dns *dns, const struct settings *settings,
                        const struct auth_client *client, struct arena *arena);
void auth_free(struct auth *auth);
void auth_field(struct auth *auth, struct slice field); /* as dkim_verifier_field() */
void auth_end_of_header(struct auth *auth);
void auth_body(struct auth *auth, struct slice piece);
void auth_finish(struct auth *auth, struct auth_answer *answer_out);

/* All of it for a message that is there whole (LF or CRLF line ends). */
int auth_message(struct dns *dns, const struct settings *settings, const struct auth_client *client,
                 struct slice message, struct arena *arena, struct auth_answer *answer_out,
                 struct error *err) MUST_CHECK;

/* True when the domain of From itself is proven: DMARC pass, or without a DMARC record an aligned
 * (relaxed) SPF or DKIM pass. *domain_out is what is proven. What "let through" binds to. */
bool auth_proves_sender(const struct auth_answer *answer, struct slice *domain_out);

/* The domains of valid DKIM signatures that leave no part of the body open (l=), each once, blanks
 * between them, in the arena. Empty: none, or no room. */
struct slice auth_signed_by(const struct auth_answer *answer, struct arena *arena);

#endif
