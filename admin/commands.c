#include "admin/commands.h"

const struct command commands[] = {
    {"setup", command_setup, "[--dry-run] [--undo] [--sample]",
     "keys, database, users and the exact Postfix lines; prints what it changes"},
    {NULL, NULL, NULL, NULL},
};

int command_read_settings(const struct command_context *context, struct settings *settings,
                          struct error *err)
{
    return settings_read(context->settings_path, settings, err);
}
