#include "admin/commands.h"

#include "admin/check.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct wanted {
    bool is_json;
};

static const struct args_row rows[] = {
    {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, "machine-readable output"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static const char *const state_words[] = {
    [CHECK_GOOD] = "good", [CHECK_NOTE] = "note", [CHECK_BAD] = "mend"};

static int prove_all(const struct settings *settings, bool is_json)
{
    int bad = 0;
    json_t *array = json_array();
    for (const struct check_part *part = check_parts; part->name != NULL; part++) {
        struct check_finding finding = {CHECK_BAD, ""};
        part->prove(settings, &finding);
        bad += finding.state == CHECK_BAD;
        if (is_json)
            json_array_append_new(array,
                                  json_pack("{s:s,s:s,s:s}", "part", part->name, "state",
                                            state_words[finding.state], "text", finding.text));
        else
            printf("%s  %-9s %s\n", state_words[finding.state], part->name, finding.text);
    }
    if (is_json) {
        json_dumpf(array, stdout, JSON_INDENT(1));
        putchar('\n');
    } else if (bad == 0)
        puts("\nEvery part is in order.");
    else
        printf("\n%d to mend.\n", bad);
    json_decref(array);
    return bad == 0 ? 0 : 1;
}

int command_check(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct wanted wanted = {0};
    struct args_list words = {0};
    struct settings settings;
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    args_list_free(&words);
    if (failed != 0 || command_read_settings(context, &settings, err) != 0)
        return -1;
    return prove_all(&settings, wanted.is_json);
}
