/* The acts of `zaguan key`. Private to command_key*.c. */
#ifndef ZAGUAN_ADMIN_COMMAND_KEY_H
#define ZAGUAN_ADMIN_COMMAND_KEY_H

#include "admin/commands.h"

struct key_wanted {
    bool is_publish, is_simple, is_split, is_bare, is_json;
    const char *publisher, *group, *role, *id, *list, *since;
};

/* `init --publish|--simple|--split` */
int key_init_publish(const struct settings *settings, const struct key_wanted *wanted,
                     struct error *err) MUST_CHECK;
/* Prints the publishing keys, if there are any. */
int key_show_publish(const struct settings *settings, struct error *err) MUST_CHECK;
int key_rotate(const struct settings *settings, const struct key_wanted *wanted,
               struct error *err) MUST_CHECK;
int key_revoke(const struct settings *settings, const struct key_wanted *wanted,
               struct error *err) MUST_CHECK;

#endif
