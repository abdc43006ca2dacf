/* Differences of lists: what is made leads exactly to the new text, and nothing else is taken. */
#include "common/base/limits.h"
#include "lists/format/delta.h"
#include "tests/lists/signer.h"

#include <stdio.h>
#include <stdlib.h>

static void a_delta_leads_to_the_new_text(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *script; /* NULL: whatever it is */
    } rows[] = {
        {"", "", ""},
        {"a\n", "a\n", ""},
        {"", "a\nb\n", "a0 2\na\nb\n"},
        {"a\nb\n", "", "d1 2\n"},
        {"a\nb\nc\n", "a\nc\n", "d2 1\n"},
        {"a\nc\n", "a\nb\nc\n", "a1 1\nb\n"},
        {"a\nb\nc\n", "a\nx\nc\n", "d2 1\na2 1\nx\n"},
        {"+ a\n  id 1\n+ b\n  id 2\n", "+ a\n  id 1\n  x\n+ b\n  id 2\n",
         "d1 2\na2 3\n+ a\n  id 1\n  x\n"},
        {"a\nb\nc\nd\n", "d\na\nb\nc\n", NULL}, /* moved */
        {"a\n\nb\n\nc\n", "a\n\nc\n", NULL},    /* empty lines are no landmarks */
        {"\n\n\n", "\n\n", NULL},
        {"x\nx\nx\n", "x\ny\nx\n", NULL},
        {"  begins inside\na\n", "  begins inside\nb\n", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BUFFER_CLEANUP script = buffer_new(4096), again = buffer_new(4096);
        struct error err = {0};
        struct slice old = exact(slice_of(rows[i].old)), new = exact(slice_of(rows[i].new));
        if (delta_make(old, new, &script, &err) != 0)
            fail_msg("row %zu: %s", i, err.text);
        if (rows[i].script != NULL && !slice_is(buffer_slice(&script), rows[i].script))
            fail_msg("row %zu: \"%s\" instead of \"%s\"", i, script.data, rows[i].script);
        struct slice input = exact(buffer_slice(&script));
        if (delta_apply(old, input, "x.rcs", &again, &err) != 0)
            fail_msg("row %zu: %s", i, err.text);
        if (!slice_is(buffer_slice(&again), rows[i].new))
            fail_msg("row %zu: \"" SLICE_FORMAT "\" came out", i,
                     SLICE_ARGUMENTS(buffer_slice(&again)));
        drop(input);
        drop(old);
        drop(new);
    }
}

static uint32_t random_below(uint32_t *seed, uint32_t most)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % most;
}

static void write_random(uint32_t *seed, uint32_t kinds, struct buffer *into)
{
    for (uint32_t i = random_below(seed, 30); i > 0; i--)
        buffer_printf(into, "%s%u\n", random_below(seed, 3) == 0 ? "  " : "+ ",
                      random_below(seed, kinds));
}

/* Few kinds of lines, so that much is the same, moved and doubled. */
static void any_two_texts_have_a_delta(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (int round = 0; round < 5000; round++) {
        BUFFER_CLEANUP old = buffer_new(4096), new = buffer_new(4096), script = buffer_new(8192);
        BUFFER_CLEANUP again = buffer_new(4096);
        struct error err = {0};
        uint32_t kinds = 1 + random_below(&seed, 40);
        write_random(&seed, kinds, &old);
        write_random(&seed, kinds, &new);
        if (delta_make(buffer_slice(&old), buffer_slice(&new), &script, &err) != 0 ||
            delta_apply(buffer_slice(&old), buffer_slice(&script), "x", &again, &err) != 0)
            fail_msg("round %d: %s", round, err.text);
        if (!slice_equals(buffer_slice(&again), buffer_slice(&new)))
            fail_msg("round %d: another text came out", round);
    }
}

static void what_does_not_fit_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *script, *complaint;
    } rows[] = {
        {"x1 1\n", "x.rcs:1: dL N or aL N"},
        {"d1\n", "x.rcs:1: dL N or aL N"},
        {"d1 0\n", "x.rcs:1: dL N or aL N"},
        {"d-1 1\n", "x.rcs:1: dL N or aL N"},
        {"d1 x\n", "x.rcs:1: dL N or aL N"},
        {"\n", "x.rcs:1: dL N or aL N"},
        {"d4 1\n", "behind the end"},
        {"d3 2\n", "behind the end"},
        {"a4 1\nx\n", "behind the end"},
        {"d0 1\n", "passed already"},
        {"d2 1\nd1 1\n", "x.rcs:2: a line that was passed"},
        {"d2 1\nd2 1\n", "x.rcs:2: a line that was passed"},
        {"a1 2\nx\n", "cut off"},
        {"a1 1\nx", "cut off"},
        {"d1 1", "cut off"},
        {"a1 1\nx\ny\n", "x.rcs:3: dL N"},
        {"a1 2147483647\nx\n", "cut off"},
        {"d99999999999 1\n", "dL N or aL N"},
        {"a0 3\n123456789\n123456789\n123456789\n", "longer than the list may be"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BUFFER_CLEANUP into = buffer_new(24);
        struct error err = {0};
        struct slice script = exact(slice_of(rows[i].script));
        if (delta_apply(SLICE_LITERAL("a\nb\nc\n"), script, "x.rcs", &into, &err) == 0)
            fail_msg("\"%s\" was taken", rows[i].script);
        drop(script);
        if (strstr(err.text, rows[i].complaint) == NULL)
            fail_msg("\"%s\": \"%s\" does not say \"%s\"", rows[i].script, err.text,
                     rows[i].complaint);
    }
}

static void a_text_whose_last_line_does_not_end_has_none(void **state)
{
    (void)state;
    BUFFER_CLEANUP script = buffer_new(4096);
    struct error err = {0};
    assert_int_equal(delta_make(SLICE_LITERAL("a"), SLICE_LITERAL("a\n"), &script, &err), -1);
    assert_int_equal(delta_make(SLICE_LITERAL("a\n"), SLICE_LITERAL("a\nb"), &script, &err), -1);
}

/* Ten thousand entries, twenty of them changed: what a partner asks for every day. */
static void a_small_change_of_a_large_list_is_a_small_delta(void **state)
{
    (void)state;
    BUFFER_CLEANUP old = buffer_new(4 * MIB), new = buffer_new(4 * MIB);
    BUFFER_CLEANUP script = buffer_new(4 * MIB), again = buffer_new(4 * MIB);
    struct error err = {0};
    for (int i = 0; i < 10000; i++) {
        buffer_printf(&old, "+ domain n%d.example\n  id %08x  cat other\n", i, (unsigned)i);
        if (i % 500 != 0)
            buffer_printf(&new, "+ domain n%d.example\n  id %08x  cat other\n", i, (unsigned)i);
        if (i % 500 == 250)
            buffer_printf(&new, "+ domain new%d.example\n  id %08x  cat other\n", i, (unsigned)i);
    }
    assert_int_equal(delta_make(buffer_slice(&old), buffer_slice(&new), &script, &err), 0);
    assert_true(script.size < 2000);
    assert_int_equal(delta_apply(buffer_slice(&old), buffer_slice(&script), "x", &again, &err), 0);
    assert_true(slice_equals(buffer_slice(&again), buffer_slice(&new)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delta_leads_to_the_new_text),
        cmocka_unit_test(any_two_texts_have_a_delta),
        cmocka_unit_test(what_does_not_fit_is_refused_with_its_line),
        cmocka_unit_test(a_text_whose_last_line_does_not_end_has_none),
        cmocka_unit_test(a_small_change_of_a_large_list_is_a_small_delta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
