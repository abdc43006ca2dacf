#include "common/base/limits.h"
#include "lists/format/finding.h"
#include "lists/format/format.h"
#include "lists/format/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

static void format_text(const char *text, struct buffer *into)
{
    struct arena *arena = arena_new(16 * MIB);
    struct list *list;
    struct error err = {0};
    if (list_parse(slice_of(text), "input", arena, &list, &err) != 0)
        fail_msg("%s", err.text);
    list_format(list, into);
    assert_false(into->has_overflowed);
    arena_free(arena);
}

static void canonical_text_is_sorted_and_keeps_comments_with_their_entry(void **state)
{
    (void)state;
    static const char before[] =
        "# about this file\n"
        "%zaguan-list 1\n"
        "%name x   # its name\n"
        "%x-y #z\n"
        "\n"
        "# of the second\n"
        "+ phrase \"dos  palabras\"  sev 2 expires 2027-01-01 id 0b000001 cat threat  # behind\n"
        "  # inside\n"
        "  no \"a  # b\"  # kept here\n"
        "  yes \"dos \\\"palabras\\\"\"\n"
        "  x-mine 7  added 2026-11-01\n"
        "  why because it is\n"
        "+ domain malo.example sub id 0a000001 cat threat expires 2027-01-01\n"
        "- id 0f000002 retracted 2026-11-02 why fixed\n"
        "- id 0f000001 retracted 2026-11-02\n"
        "~ a.example/0123456789abcdef/0a0a0a0a opinion disagree why a quote\n"
        "# last\n"
        "@end 5   # five\n";
    static const char after[] =
        "# about this file\n"
        "%zaguan-list 1\n"
        "%name        x  # its name\n"
        "%x-y #z\n"
        "\n"
        "+ domain malo.example sub\n"
        "  id 0a000001  cat threat\n"
        "  expires 2027-01-01\n"
        "\n"
        "# of the second\n"
        "# behind\n"
        "# inside\n"
        "+ phrase \"dos  palabras\"\n"
        "  id 0b000001  cat threat  sev 2\n"
        "  added 2026-11-01  expires 2027-01-01\n"
        "  why because it is\n"
        "  yes \"dos \\\"palabras\\\"\"\n"
        "  no  \"a  # b\"  # kept here\n"
        "  x-mine 7\n"
        "\n"
        "- id 0f000001  retracted 2026-11-02\n"
        "- id 0f000002  retracted 2026-11-02  why fixed\n"
        "~ a.example/0123456789abcdef/0a0a0a0a opinion disagree why a quote\n"
        "\n"
        "# last\n"
        "# five\n"
        "@end 5\n";
    BUFFER_CLEANUP once = buffer_new(64 * KIB), twice = buffer_new(64 * KIB);
    format_text(before, &once);
    assert_string_equal(once.data, after);
    format_text(once.data, &twice);
    assert_string_equal(twice.data, after);
}

static void a_line_of_full_length_stays_readable(void **state)
{
    (void)state;
    char line[1200], text[4000];
    memset(line, 'x', sizeof line);
    line[1024 - strlen("  no \"\"")] = '\0';
    snprintf(text, sizeof text, "%%zaguan-list 1\n+ phrase \"dos palabras\"\n  no \"%s\"\n@end 1\n",
             line);
    BUFFER_CLEANUP once = buffer_new(64 * KIB), twice = buffer_new(64 * KIB);
    format_text(text, &once);
    format_text(once.data, &twice);
    assert_string_equal(once.data, twice.data);
}

static void shipped_lists_are_canonical_and_pass_lint_and_tests(void **state)
{
    (void)state;
    glob_t paths;
    assert_int_equal(glob("lists/shipped/*/*.zl", 0, NULL, &paths), 0);
    assert_true(paths.gl_pathc >= 9);
    for (size_t i = 0; i < paths.gl_pathc; i++) {
        struct arena *arena = arena_new(64 * MIB);
        struct findings findings = {.arena = arena};
        struct error err = {0};
        struct list *list;
        if (list_read(paths.gl_pathv[i], arena, &list, &err) != 0)
            fail_msg("%s", err.text);
        /* On the day they were issued: that they expire one day is no fault of theirs. */
        assert_int_equal(lint_list(list, list->issued_at, &findings, &err), 0);
        assert_int_equal(test_list(list, &findings, &err), 0);
        for (size_t k = 0; k < findings.count; k++)
            print_error("%s:%d: %s\n", paths.gl_pathv[i], findings.rows[k].place.line,
                        findings.rows[k].text);
        assert_int_equal(findings.count, 0);
        assert_true(list->entry_count > 0);
        arena_free(arena);
    }
    globfree(&paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_text_is_sorted_and_keeps_comments_with_their_entry),
        cmocka_unit_test(a_line_of_full_length_stays_readable),
        cmocka_unit_test(shipped_lists_are_canonical_and_pass_lint_and_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
