#include "common/base/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct wanted {
    bool is_json;
    const char *sender;
    struct args_list lists;
};

static const struct args_row rows[] = {
    {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, ""},
    {"sender", ARGS_VALUE, offsetof(struct wanted, sender), "ADDRESS", ""},
    {"list", ARGS_LIST, offsetof(struct wanted, lists), "FILE", ""},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

#define MOST 8

struct row {
    const char *line; /* with blanks between the words */
    bool is_json;
    const char *sender; /* NULL: none */
    const char *lists, *words;
    enum error_kind kind;
};

static const struct row cases[] = {
    {"a b", false, NULL, "", "a b", ERROR_NONE},
    {"--json a", true, NULL, "", "a", ERROR_NONE},
    {"a --sender x b", false, "x", "", "a b", ERROR_NONE},
    {"--sender=x=y", false, "x=y", "", "", ERROR_NONE},
    {"--sender --json", false, "--json", "", "", ERROR_NONE},
    {"--list a b --json c", true, NULL, "a b", "c", ERROR_NONE},
    {"--list a --list b", false, NULL, "a b", "", ERROR_NONE},
    {"--list a -- b", false, NULL, "a", "b", ERROR_NONE},
    {"--list a - --json", true, NULL, "a -", "", ERROR_NONE},
    {"-- --json", false, NULL, "", "--json", ERROR_NONE},
    {"--json -", true, NULL, "", "-", ERROR_NONE},
    {"--jason", false, NULL, "", "", ERROR_USAGE},
    {"--json=yes", false, NULL, "", "", ERROR_USAGE},
    {"--sender", false, NULL, "", "", ERROR_USAGE},
    {"--list", false, NULL, "", "", ERROR_USAGE},
    {"--list --json", false, NULL, "", "", ERROR_USAGE},
};

static void assert_list(const struct args_list *list, const char *expected)
{
    char joined[128] = "";
    for (size_t i = 0; i < list->count; i++) {
        strncat(joined, i == 0 ? "" : " ", sizeof joined - strlen(joined) - 1);
        strncat(joined, list->words[i], sizeof joined - strlen(joined) - 1);
    }
    assert_string_equal(joined, expected);
}

static void check(const struct row *row)
{
    char line[128], name[] = "command", *argv[MOST] = {name};
    int argc = 1;
    snprintf(line, sizeof line, "%s", row->line);
    for (char *rest = line, *word; (word = strsep(&rest, " ")) != NULL; argc++)
        argv[argc] = word;
    struct wanted wanted = {.is_json = false};
    struct args_list words = {.count = 0};
    struct error err = {0};
    int failed = args_parse(rows, argc, argv, &wanted, &words, &err);
    assert_int_equal(failed, row->kind == ERROR_NONE ? 0 : -1);
    assert_int_equal(err.kind, row->kind);
    if (failed == 0) {
        assert_int_equal(wanted.is_json, row->is_json);
        assert_string_equal(wanted.sender == NULL ? "none" : wanted.sender,
                            row->sender == NULL ? "none" : row->sender);
        assert_list(&wanted.lists, row->lists);
        assert_list(&words, row->words);
    }
    args_list_free(&words);
    args_list_free(&wanted.lists);
}

static void every_line_is_read_as_its_rows_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_read_as_its_rows_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
