/*
 * command_auth_show: the results of SPF, DKIM and DMARC as JSON and as text; `zaguan auth` and
 * `zaguan explain` show them alike.
 */
#ifndef ZAGUAN_ADMIN_COMMAND_AUTH_SHOW_H
#define ZAGUAN_ADMIN_COMMAND_AUTH_SHOW_H

#include "common/mail/auth.h"

#include <jansson.h>

struct auth_shown {
    const struct auth_answer *answer;
    bool has_dmarc;             /* false: there was no message */
    const char *second_opinion; /* NULL: not asked for */
};

/* Puts "spf" (null without a client), "dkim" and "dmarc" into `object`. Text that is no UTF-8 has
 * "?" for its bytes above 127. */
int auth_show_fields(const struct auth_shown *shown, json_t *object, struct error *err) MUST_CHECK;

int auth_show_json(const struct auth_shown *shown, struct error *err) MUST_CHECK;
void auth_show_text(const struct auth_shown *shown);

#endif
