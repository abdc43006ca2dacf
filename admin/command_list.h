/* The verbs of `zaguan list`, one row each in command_list.c. Private to command_list*.c. */
#ifndef ZAGUAN_ADMIN_COMMAND_LIST_H
#define ZAGUAN_ADMIN_COMMAND_LIST_H

#include "admin/commands.h"
#include "common/base/arena.h"
#include "lists/format/finding.h"
#include <jansson.h>

#define LIST_ARENA_BYTES ((size_t)512 * 1024 * 1024)

/* The options of all verbs together; each verb has rows for those it takes. */
struct list_wanted {
    bool is_json, is_write, has_subdomains;
    const char *id, *category, *severity, *language, *scope, *auth, *expires, *why, *max_action,
        *corpus;
    const char *digest_key, *key, *partner, *appeals, *audience, *fresh_days;
    const char *keyed_value; /* of list add: the digest that stands in the list */
    size_t keyed_words;
    bool shows_saw;
    bool is_undo, is_hold;
    const char *action, *format, *out;
    struct args_list yes, no, words, allowed_words, dropped;
};

struct list_verb {
    const char *name;
    const struct args_row *rows;
    int (*run)(const struct command_context *context, struct list_wanted *wanted,
               struct error *err);
    const char *synopsis;
    const char *help;
};

extern const struct args_row list_format_rows[], list_check_rows[], list_test_rows[],
    list_show_rows[], list_add_rows[], list_remove_rows[], list_retract_rows[], list_sign_rows[],
    list_verify_rows[], list_publish_rows[], list_diff_rows[], list_accept_rows[], list_park_rows[],
    list_import_rows[], list_export_rows[];

int list_verb_format(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err);
int list_verb_lint(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err);
int list_verb_test(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err);
int list_verb_show(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err);
int list_verb_add(const struct command_context *context, struct list_wanted *wanted,
                  struct error *err);
int list_verb_remove(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err);

int list_verb_retract(const struct command_context *context, struct list_wanted *wanted,
                      struct error *err);
int list_verb_sign(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err);
int list_verb_verify(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err);
int list_verb_diff(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err);
int list_verb_accept(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err);
int list_verb_park(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err);
int list_verb_import(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err);
int list_verb_export(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err);
int list_verb_publish(const struct command_context *context, struct list_wanted *wanted,
                      struct error *err);

/* The files that were named, else the .zl files of list_folder. */
int list_files(const struct command_context *context, const struct list_wanted *wanted,
               struct arena *arena, const char *const **paths_out, size_t *count_out,
               struct error *err) MUST_CHECK;

/* `list test --corpus`: what the lists catch of a corpus. */
int list_test_corpus(const struct command_context *context, const struct list_wanted *wanted,
                     struct error *err) MUST_CHECK;

json_t *list_json_text(struct slice text);
/* To standard output, and gives it back. */
int list_print_json(json_t *json, struct error *err) MUST_CHECK;

#endif
