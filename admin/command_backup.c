#include "admin/commands.h"

#include <stdio.h>
#include <unistd.h>

static const struct args_row rows[] = {{NULL, ARGS_FLAG, 0, NULL, NULL}};

/* The copy is opened and checked: a backup that cannot be read is none. */
static int backup_and_check(struct store *store, const char *path, struct error *err)
{
    struct store *copy = NULL;
    if (store_backup(store, path, err) != 0)
        return -1;
    int failed = store_open(path, &copy, err);
    if (failed == 0)
        failed = store_check(copy, err);
    store_close(copy);
    if (failed != 0)
        unlink(path);
    return failed;
}

int command_backup(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct args_list words = {0};
    struct settings settings;
    struct store *store = NULL;
    char nothing;
    int failed = args_parse(rows, argc, argv, &nothing, &words, err);
    if (failed == 0 && words.count != 1)
        failed = error_set(err, ERROR_USAGE, "needs the name of one file");
    if (failed == 0)
        failed = command_open_store(context, &settings, &store, err);
    if (failed == 0) {
        failed = backup_and_check(store, words.words[0], err);
        store_close(store);
    }
    if (failed == 0)
        printf("%s: whole and checked; it is of no use without %s/review.key\n", words.words[0],
               settings.key_folder);
    args_list_free(&words);
    return failed;
}
