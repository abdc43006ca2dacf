/*
 * setup: what zaguan needs on this machine besides Postfix: users, folders, settings file, keys and
 * database. Each step is a row: is it done already, what would be done, do it. Running it again
 * does only what is missing.
 */
#ifndef ZAGUAN_ADMIN_SETUP_H
#define ZAGUAN_ADMIN_SETUP_H

#include "common/base/settings.h"

struct setup {
    const struct settings *settings;
    const char *settings_path;
};

struct setup_step {
    const char *what; /* for the admin: "users zaguan-milter, ..." */
    bool (*is_done)(const struct setup *setup);
    int (*run)(const struct setup *setup, struct error *err);
};

extern const struct setup_step setup_steps[]; /* ends with a NULL what */

#endif
