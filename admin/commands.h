/*
 * commands: the subcommands of `zaguan`, one row each in commands.c, one file command_X.c each.
 * `zaguan X` runs the row X, else the program zaguan-X beside this one.
 */
#ifndef ZAGUAN_ADMIN_COMMANDS_H
#define ZAGUAN_ADMIN_COMMANDS_H

#include "common/base/args.h"
#include "common/base/settings.h"
#include "common/store/store.h"

struct command_context {
    const char *settings_path; /* of -c; NULL: the default place, if there is a file */
    const char *program_path;  /* argv[0] of zaguan */
};

struct command {
    const char *name;
    /* argv[0] is the subcommand's name. Prints its own results to standard output; -1 with the
     * error set, else 0, or 1 for "ran, and the answer is no" (a failed test, a part that needs
     * mending). */
    int (*run)(const struct command_context *context, int argc, char **argv, struct error *err);
    const char *synopsis;
    const char *help;
};

extern const struct command commands[]; /* ends with a NULL name */

/* settings_read() of context->settings_path. */
int command_read_settings(const struct command_context *context, struct settings *settings,
                          struct error *err) MUST_CHECK;

/* ERROR_USAGE when --client-ip names no IPv4 or IPv6 address. Fine are also NULL and the two ways
 * in which mail servers write: "IPv6:2001:db8::1" and "unknown". */
int command_check_client_ip(const char *ip, struct error *err) MUST_CHECK;

/* The settings and the database they name; ERROR_NOT_FOUND when there is none: a command that only
 * looks must not leave a database that belongs to the wrong user. */
int command_open_store(const struct command_context *context, struct settings *settings,
                       struct store **store_out, struct error *err) MUST_CHECK;

int command_auth(const struct command_context *context, int argc, char **argv, struct error *err);
int command_check(const struct command_context *context, int argc, char **argv, struct error *err);
int command_digest(const struct command_context *context, int argc, char **argv, struct error *err);
int command_member(const struct command_context *context, int argc, char **argv, struct error *err);
int command_list(const struct command_context *context, int argc, char **argv, struct error *err);
int command_explain(const struct command_context *context, int argc, char **argv,
                    struct error *err);
int command_setup(const struct command_context *context, int argc, char **argv, struct error *err);
int command_backup(const struct command_context *context, int argc, char **argv, struct error *err);
int command_held(const struct command_context *context, int argc, char **argv, struct error *err);
int command_key(const struct command_context *context, int argc, char **argv, struct error *err);
int command_partner(const struct command_context *context, int argc, char **argv,
                    struct error *err);
int command_stats(const struct command_context *context, int argc, char **argv, struct error *err);

#endif
