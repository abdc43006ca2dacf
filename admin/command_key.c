#include "admin/commands.h"

#include "quarantine/keys.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const struct args_row rows[] = {{NULL, ARGS_FLAG, 0, NULL, NULL}};

/* The public key alone; the other two are named, never shown. */
static int show(const struct settings *settings, struct error *err)
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

int command_key(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct args_list words = {0};
    struct settings settings;
    char nothing;
    int failed = args_parse(rows, argc, argv, &nothing, &words, err);
    const char *act = words.count == 1 ? words.words[0] : "";
    if (failed == 0 && strcmp(act, "init") != 0 && strcmp(act, "show") != 0)
        failed = error_set(err, ERROR_USAGE, "one of init, show");
    if (failed == 0)
        failed = command_read_settings(context, &settings, err);
    if (failed == 0 && strcmp(act, "init") == 0)
        failed = keys_make(&settings, err);
    if (failed == 0)
        failed = show(&settings, err);
    args_list_free(&words);
    return failed;
}
