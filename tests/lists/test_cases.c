/*
 * tests/cases/lists/CLAIM/: input.zl and expect, the lines "LINE:COLUMN: level: text" that reading,
 * lint and test say of it on 24 November 2026. With WRITE_EXPECT set the files are written anew:
 * read the diff.
 */
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/finding.h"
#include "lists/format/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES "tests/cases/lists"
#define TODAY ((int64_t)1795478400) /* 2026-11-24 */

static void say(struct slice text, struct buffer *into)
{
    struct arena *arena = arena_new(16 * MIB);
    struct findings findings = {.arena = arena};
    struct error err = {0};
    struct list *list;
    if (list_parse(text, "input", arena, &list, &err) != 0) {
        buffer_printf(into, "%s\n", err.text + strlen("input:"));
    } else {
        assert_int_equal(lint_list(list, TODAY, &findings, &err), 0);
        if (findings.error_count == 0)
            assert_int_equal(test_list(list, &findings, &err), 0);
        for (size_t i = 0; i < findings.count; i++)
            buffer_printf(into, "%d:%d: %s: %s\n", findings.rows[i].place.line,
                          findings.rows[i].place.column,
                          findings.rows[i].level == FINDING_ERROR ? "error" : "warning",
                          findings.rows[i].text);
    }
    arena_free(arena);
}

/* False when what was said is not what stands in `expect`. */
static bool run_case(const char *name)
{
    char path[512];
    struct error err = {0};
    BUFFER_CLEANUP input = buffer_new(1 * MIB);
    BUFFER_CLEANUP expect = buffer_new(1 * MIB);
    BUFFER_CLEANUP said = buffer_new(1 * MIB);
    snprintf(path, sizeof path, CASES "/%s/input.zl", name);
    assert_int_equal(file_read(path, &input, &err), 0);
    char *exact = malloc(input.size + !input.size);
    assert_non_null(exact);
    memcpy(exact, input.data, input.size);
    say(slice_new(exact, input.size), &said);
    free(exact);
    snprintf(path, sizeof path, CASES "/%s/expect", name);
    if (getenv("WRITE_EXPECT") != NULL)
        assert_int_equal(file_write(path, buffer_slice(&said), 0644, &err), 0);
    assert_int_equal(file_read(path, &expect, &err), 0);
    if (slice_equals(buffer_slice(&expect), buffer_slice(&said)))
        return true;
    print_error("%s: expected:\n%ssaid:\n%s", name, expect.data, said.data);
    return false;
}

static void every_case_says_what_is_expected_of_it(void **state)
{
    (void)state;
    struct dirent **folders = NULL;
    int count = scandir(CASES, &folders, NULL, alphasort);
    int run = 0, wrong = 0;
    for (int i = 0; i < count; i++) {
        /* the corpora of tests/run-cases-abuse stand here too */
        if (folders[i]->d_name[0] != '.' && folders[i]->d_type != DT_REG) {
            run++;
            wrong += !run_case(folders[i]->d_name);
        }
        free(folders[i]);
    }
    free(folders);
    assert_true(run > 40);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_says_what_is_expected_of_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
