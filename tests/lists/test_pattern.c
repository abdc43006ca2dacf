#include "common/base/limits.h"
#include "lists/format/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static bool is_accepted(const char *pattern, struct error *err)
{
    struct arena *arena = arena_new(4 * MIB);
    size_t size = strlen(pattern);
    char *exact = malloc(size + !size);
    assert_non_null(exact);
    memcpy(exact, pattern, size);
    bool accepted = pattern_check(slice_new(exact, size), arena, err) == 0;
    free(exact);
    arena_free(arena);
    return accepted;
}

static void subset_is_accepted(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "te voy a encontrar.{0,30}(?:trabajas|vives|tu casa)",
        "\\bmatar(?:te|los)?\\b",
        "^amenaza$",
        "[aeiou]{1,64}casa",
        "(?:matarte|golpearte)",
        "cuesta \\$5\\.00 o m\\*s",
        "d[oó]nde? vives",
        "no{1,9} vuelvas",
        "(?:a (?:b (?:c (?:dddd)))) eeee",
        "\\d{4} golpes \\w{1,8} \\s",
        "[^a-z0-9]amenaza[-.]",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct error err = {0};
        if (!is_accepted(patterns[i], &err))
            fail_msg("%s: %s", patterns[i], err.text);
    }
}

static void all_else_is_refused_and_the_place_named(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *says;
    } rows[] = {
        {"", "empty"},
        {"abcd.*", "character 6"},
        {"abcd+", "character 5"},
        {"(?:abcd)*", "character 9"},
        {"(?:abcd)+", "character 9"},
        {"(?:abcd){2}", "not repeated"},
        {"(abcd)", "(?:...)"},
        {"abcd\\1", "character 5"},
        {"(?=abcd)", "ahead"},
        {"(?!abcd)", "ahead"},
        {"(?<=abcd)e", "ahead or behind"},
        {"(?<!abcd)e", "ahead or behind"},
        {"(?R)abcd", "recursion"},
        {"(?1)abcd", "recursion"},
        {"(?P<n>abcd)", "named"},
        {"(?i)abcd", "flags"},
        {"(?i:abcd)", "flags"},
        {"(?>abcd)", "flags and other"},
        {"(?|abcd)", "flags and other"},
        {"(?#abcd)abcd", "flags and other"},
        {"(?C1)abcd", "callouts"},
        {"(*COMMIT)abcd", "verbs"},
        {"(*UTF)abcd", "verbs"},
        {"abcd\\C", "\\C"},
        {"abcd\\K", "anchors"},
        {"abcd\\Qx\\E", "escape"},
        {"abcd\\x41", "by number"},
        {"abcd\\p{L}", "property"},
        {"abcd|efgh", "(?:a|b)"},
        {"abcd{1,65}", "64"},
        {"abcd{3,}", "both numbers"},
        {"abcd{,3}", "both numbers"},
        {"abcd{3,2}", "larger"},
        {"abcd{0}", "at least 1"},
        {"abcd{2}{3}", "one repetition after"},
        {"abcd??", "one repetition after"},
        {"abcd.{0,5}?", "one repetition after"},
        {"abcd{1,2}+", "one repetition after"},
        {"abcd\\b{2}", "not repeated"},
        {"abcd.{0,3}x.{0,3}y.{0,3}z", "two gaps"},
        {"abcd[[:alpha:]]", "names"},
        {"abcd[]", "empty"},
        {"abcd[a", "not closed"},
        {"abcd[z-a]", "range"},
        {"abcd[á-ú]", "range"},
        {"abcd(?:x", "not closed"},
        {"abcd)", "without an opening"},
        {"abcd]", "closing bracket"},
        {"?abcd", "nothing to repeat"},
        {"abc\\", "backslash"},
        {"abc.def", "four characters"},
        {"a?b?c?d?", "four characters"},
        {"(?:abcd|efg)", "four characters"},
        {"(?:abcd)?", "four characters"},
        {"....", "four characters"},
        {"abcd(?:(?:(?:(?:(?:x)))))", "four deep"},
        {"abcd\xff", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = {0};
        if (is_accepted(rows[i].pattern, &err))
            fail_msg("%s was accepted", rows[i].pattern);
        if (strstr(err.text, rows[i].says) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].pattern, err.text, rows[i].says);
        assert_int_equal(err.kind, ERROR_INPUT);
    }
}

static void a_pattern_has_at_most_300_bytes(void **state)
{
    (void)state;
    char pattern[LIMIT_PATTERN_BYTES + 2];
    memset(pattern, 'a', sizeof pattern);
    struct error err = {0};
    pattern[LIMIT_PATTERN_BYTES] = '\0';
    assert_true(is_accepted(pattern, &err));
    pattern[LIMIT_PATTERN_BYTES] = 'a';
    pattern[LIMIT_PATTERN_BYTES + 1] = '\0';
    assert_false(is_accepted(pattern, &err));
}

static void letters_are_folded_as_the_text_is(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        enum fold_view view;
        const char *source, *literal;
        size_t least, most;
    } rows[] = {
        {"MATARÉ", FOLD_PLAIN, "matare", "matare", 0, 0},
        {"m4tarte", FOLD_TIGHT, "matarte", "matarte", 0, 0},
        {"sé? dónde", FOLD_PLAIN, "s(?:e)? donde", "donde", 2, 3},
        {".{0,3}Ñandú", FOLD_PLAIN, ".{0,3}nandu", "nandu", 0, 12},
        {"a(?:bb|c) d[Óx]mela", FOLD_PLAIN, "a(?:bb|c) d[ox]mela", "mela", 5, 9},
        {"cuesta\\*\\.", FOLD_PLAIN, "cuesta\\*\\.", "cuesta*.", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *arena = arena_new(4 * MIB);
        struct pattern *pattern;
        struct pattern_form form;
        struct error err = {0};
        assert_int_equal(pattern_parse(slice_of(rows[i].pattern), arena, &pattern, &err), 0);
        assert_int_equal(pattern_fold(pattern, rows[i].view, false, arena, &form, &err), 0);
        assert_string_equal(form.source.data, rows[i].source);
        assert_int_equal(form.literal_count, 1);
        assert_true(slice_is(form.literals[0].text, rows[i].literal));
        assert_int_equal(form.literals[0].least_before, rows[i].least);
        assert_int_equal(form.literals[0].most_before, rows[i].most);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subset_is_accepted),
        cmocka_unit_test(all_else_is_refused_and_the_place_named),
        cmocka_unit_test(a_pattern_has_at_most_300_bytes),
        cmocka_unit_test(letters_are_folded_as_the_text_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
