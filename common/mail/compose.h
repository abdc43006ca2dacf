/*
 * compose: mails that zaguan writes itself (RFC 5322, 2045-2047, 3834): text/plain, or
 * multipart/alternative with a simple text/html; UTF-8 as quoted-printable, CRLF line ends.
 */
#ifndef ZAGUAN_MAIL_COMPOSE_H
#define ZAGUAN_MAIL_COMPOSE_H

#include "common/base/buffer.h"
#include <stdint.h>

struct compose_mail {
    const char *from_name, *from_address; /* address of the From field */
    const char *reply_to;                 /* NULL: none */
    const char *to_address;
    const char *subject;        /* UTF-8; a line end in any header text is an error */
    const char *in_reply_to;    /* with < >; NULL: none; also References */
    const char *auto_submitted; /* "auto-generated" or "auto-replied" */
    const char *language;       /* Content-Language */
    int64_t date;
    const char *message_id; /* without < > */
    struct slice text;      /* UTF-8, LF */
    struct slice html;      /* empty: text alone */
};

/* Appended to `into`. ERROR_INPUT names the field. Deterministic: the caller makes the message id.
 */
int compose_write(const struct compose_mail *mail, struct buffer *into,
                  struct error *err) MUST_CHECK;

#endif
