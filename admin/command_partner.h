/* The acts of `zaguan partner`, one row each in command_partner.c. Private to command_partner*.c.
 */
#ifndef ZAGUAN_ADMIN_COMMAND_PARTNER_H
#define ZAGUAN_ADMIN_COMMAND_PARTNER_H

#include "admin/commands.h"
#include "lists/trust/partner.h"
#include <jansson.h>

struct partner_wanted {
    bool is_sure, is_json;
    const char *url, *proxy;
    struct args_list keys;
    struct args_list words; /* the act, then its own */
};

struct partner_desk {
    const struct command_context *context;
    const struct partner_wanted *wanted;
    struct settings settings;
    const char *name; /* "" for list */
};

int partner_act_add(const struct partner_desk *desk, struct error *err) MUST_CHECK;
int partner_act_set(const struct partner_desk *desk, struct error *err) MUST_CHECK;
int partner_act_remove(const struct partner_desk *desk, struct error *err) MUST_CHECK;
int partner_act_show(const struct partner_desk *desk, struct error *err) MUST_CHECK;
int partner_act_list(const struct partner_desk *desk, struct error *err) MUST_CHECK;
int partner_act_fetch(const struct partner_desk *desk, struct error *err) MUST_CHECK;

#endif
