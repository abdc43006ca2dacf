#include "admin/commands.h"

#include <stdio.h>

struct wanted {
    bool is_sample;
};

static const struct args_row rows[] = {
    {"sample", ARGS_FLAG, offsetof(struct wanted, is_sample), NULL,
     "print a commented zaguan.conf and do nothing"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static void print_sample(void)
{
    BUFFER_CLEANUP sample = buffer_new(64 * 1024);
    option_print_sample(settings_rows, &sample);
    fputs("# zaguan.conf: see zaguan.conf(5). What stands behind # is the default.\n\n", stdout);
    fputs(sample.data, stdout);
}

int command_setup(const struct command_context *context, int argc, char **argv, struct error *err)
{
    (void)context;
    struct wanted wanted = {0};
    struct args_list words = {0};
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    args_list_free(&words);
    if (failed != 0)
        return -1;
    if (wanted.is_sample) {
        print_sample();
        return 0;
    }
    return error_set(err, ERROR_USAGE, "setup: only --sample so far");
}
