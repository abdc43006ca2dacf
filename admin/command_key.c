#include "admin/command_key.h"

#include "lists/format/keyed_entry.h"
#include "quarantine/keys.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const struct args_row rows[] = {
    {"publish", ARGS_FLAG, offsetof(struct key_wanted, is_publish), NULL,
     "init: the keys that sign our own lists; one key in every role"},
    {"simple", ARGS_FLAG, offsetof(struct key_wanted, is_simple), NULL, "the same"},
    {"split", ARGS_FLAG, offsetof(struct key_wanted, is_split), NULL,
     "init: a key for each role: root, list, head; the one of the head has no passphrase"},
    {"publisher", ARGS_VALUE, offsetof(struct key_wanted, publisher), "DOMAIN",
     "who answers for the lists (the setting domain)"},
    {"no-passphrase", ARGS_FLAG, offsetof(struct key_wanted, is_bare), NULL,
     "leave the new key unprotected"},
    {"group", ARGS_VALUE, offsetof(struct key_wanted, group), "NAME",
     "init: a key that a group of servers shares, for keyed entries"},
    {"role", ARGS_VALUE, offsetof(struct key_wanted, role), "ROLE",
     "rotate, revoke: root, list or head"},
    {"id", ARGS_VALUE, offsetof(struct key_wanted, id), "ID", "rotate, revoke: of which key"},
    {"list", ARGS_VALUE, offsetof(struct key_wanted, list), "LIST-ID",
     "revoke: of this list only what came after --since"},
    {"since", ARGS_VALUE, offsetof(struct key_wanted, since), "SEQ",
     "revoke: the last good number"},
    {NULL, ARGS_FLAG, 0, NULL, NULL}};

/* The public key alone; the other two are named, never shown. */
static int show_review(const struct settings *settings, struct error *err)
{
    struct keys keys;
    char hex[2 * sizeof keys.review_public + 1];
    if (keys_read(settings, KEYS_PUBLIC, &keys, err) != 0)
        return -1;
    sodium_bin2hex(hex, sizeof hex, keys.review_public, sizeof keys.review_public);
    printf("%s/review.pub  %s\n", settings->key_folder, hex);
    printf("%s/review.key  opens what is held: keep a copy where no backup of it lies\n",
           settings->key_folder);
    printf("%s/digest.key  finds correspondents again: keep a copy\n", settings->key_folder);
    return 0;
}

/* A machine that only publishes lists has no keys for held mail. */
static int show(const struct settings *settings, const struct key_wanted *wanted, struct error *err)
{
    struct error trouble = {0};
    (void)wanted;
    if (show_review(settings, &trouble) != 0 && trouble.kind != ERROR_NOT_FOUND)
        return error_set(err, trouble.kind, "%s", trouble.text);
    struct error none = {0};
    int failed = key_show_publish(settings, &none);
    if (failed == 0)
        return 0;
    if (none.kind != ERROR_NOT_FOUND || trouble.kind == ERROR_NOT_FOUND)
        return none.kind != ERROR_NOT_FOUND ? error_set(err, none.kind, "%s", none.text)
                                            : error_set(err, trouble.kind, "%s", trouble.text);
    return 0;
}

static int init_group(const struct settings *settings, const char *name, struct error *err)
{
    if (group_key_make(settings, name, err) != 0)
        return -1;
    printf("%s/group-%s.key: give a copy to each server of the group, over a channel you trust; "
           "who has it can test guesses\n",
           settings->key_folder, name);
    return 0;
}

static int init(const struct settings *settings, const struct key_wanted *wanted, struct error *err)
{
    if (wanted->group != NULL)
        return init_group(settings, wanted->group, err);
    if (wanted->is_publish || wanted->is_simple || wanted->is_split)
        return key_init_publish(settings, wanted, err);
    return keys_make(settings, err) != 0 ? -1 : show_review(settings, err);
}

static const struct {
    const char *name;
    int (*run)(const struct settings *settings, const struct key_wanted *wanted, struct error *err);
} acts[] = {{"init", init}, {"show", show}, {"rotate", key_rotate}, {"revoke", key_revoke}};

int command_key(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct args_list words = {0};
    struct settings settings;
    struct key_wanted wanted = {0};
    size_t at = 0, count = sizeof acts / sizeof acts[0];
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    while (failed == 0 && at < count &&
           (words.count != 1 || strcmp(acts[at].name, words.words[0]) != 0))
        at++;
    if (failed == 0 && at == count)
        failed = error_set(err, ERROR_USAGE, "one of init, show, rotate, revoke");
    if (failed == 0)
        failed = command_read_settings(context, &settings, err);
    if (failed == 0)
        failed = acts[at].run(&settings, &wanted, err);
    args_list_free(&words);
    return failed;
}
