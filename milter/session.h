/*
 * session: one connection of Postfix and the message on it. Several messages come one after the
 * other; each may be given up at any stage (RSET, a lost client) and leaves nothing behind.
 *
 * Knows no libmilter: callbacks.c hands in what came, and how a message is changed. Belongs to the
 * thread of its connection. The only place that carries a plan out, in the order: copies durable,
 * fields, recipients, answer; whatever fails before the answer is a temporary failure, so that the
 * sender's server keeps the message.
 */
#ifndef ZAGUAN_MILTER_SESSION_H
#define ZAGUAN_MILTER_SESSION_H

#include "milter/service.h"
#include <sys/socket.h>

struct session;

/* There is no answer that refuses mail for good. */
enum session_answer { SESSION_CONTINUE, SESSION_ACCEPT, SESSION_DISCARD, SESSION_TEMPFAIL };

/* How the message at its end is changed; each 0 or -1. Values without leading space, LF folding. */
struct session_edits {
    void *context;
    int (*remove_field)(void *context, const char *name, int place);
    int (*insert_field)(void *context, const char *name, const char *value); /* on top */
    int (*remove_recipient)(void *context, const char *path);
};

struct session *session_new(struct service *service); /* NULL: no memory */
void session_free(struct session *session);
/* True when values of fields come with what stands behind the colon (SMFIP_HDR_LEADSPC). */
void session_set_leading_space(struct session *session, bool has_leading_space);

/* SESSION_ACCEPT: a trusted client, whose mail is not looked at. `address` may be NULL. */
enum session_answer session_connect(struct session *session, const char *name,
                                    const struct sockaddr *address);
void session_helo(struct session *session, const char *name);
/* words[0] is the path, then ESMTP parameters; ends with NULL. */
void session_sender(struct session *session, char *const *words);
/* After the sender: who logged in to hand the message in; NULL: nobody did. */
void session_login(struct session *session, const char *login);
void session_recipient(struct session *session, const char *path);
void session_field(struct session *session, const char *name, const char *value);
void session_end_of_header(struct session *session);
void session_body(struct session *session, struct slice piece);
/* Decides, holds, changes. `queue_id` may be NULL. */
enum session_answer session_end(struct session *session, const char *queue_id,
                                const struct session_edits *edits);
/* Forgets the message; the connection goes on. */
void session_abort(struct session *session);

#endif
