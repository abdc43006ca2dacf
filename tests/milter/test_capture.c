#include "milter/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct field_row {
    const char *name, *value;
    bool has_leading_space;
    const char *written;
};

/* Names and values as the milter protocol brings them; what Postfix had. */
static const struct field_row field_rows[] = {
    {"Subject", " hola", true, "Subject: hola"},
    {"Subject", "hola", true, "Subject:hola"},
    {"Subject", "\thola", true, "Subject:\thola"},
    {"Subject", "  hola ", true, "Subject:  hola "},
    {"Subject", "", true, "Subject:"},
    {"Subject", " a\n\tb\n   c", true, "Subject: a\r\n\tb\r\n   c"},
    {"Subject", " a\r\n b", true, "Subject: a\r\n b"},
    {"Subject", "\n a", true, "Subject:\r\n a"},
    {"Subject", " a\n", true, "Subject: a\r\n"},
    {"Subject", " \xe1\xff", true, "Subject: \xe1\xff"},
    {"Subject", "hola", false, "Subject: hola"},
};

static void fields_are_put_together_as_they_were(void **state)
{
    (void)state;
    struct capture capture = capture_new(1000);
    for (size_t i = 0; i < sizeof field_rows / sizeof field_rows[0]; i++) {
        const struct field_row *row = &field_rows[i];
        capture_begin(&capture, true);
        struct slice field = capture_field(&capture, slice_of(row->name), slice_of(row->value),
                                           row->has_leading_space);
        if (!slice_is(field, row->written))
            fail_msg("row %zu: \"" SLICE_FORMAT "\"", i, SLICE_ARGUMENTS(field));
    }
    capture_free(&capture);
}

static void a_message_is_header_empty_line_and_body(void **state)
{
    (void)state;
    struct capture capture = capture_new(1000);
    capture_begin(&capture, true);
    capture_field(&capture, slice_of("A"), slice_of(" 1"), true);
    capture_field(&capture, slice_of("B"), slice_of(" 2\n 3"), true);
    capture_end_of_header(&capture);
    capture_body(&capture, slice_of("one\r\n.tw"));
    capture_body(&capture, slice_new("o\0\r", 3));
    capture_body(&capture, slice_of("\n"));
    struct slice message = capture_message(&capture);
    static const char whole[] = "A: 1\r\nB: 2\r\n 3\r\n\r\none\r\n.two\0\r\n";
    assert_true(slice_equals(message, slice_new(whole, sizeof whole - 1)));
    capture_free(&capture);
}

static void a_message_may_have_no_body_and_no_header(void **state)
{
    (void)state;
    struct capture capture = capture_new(1000);
    capture_begin(&capture, true);
    capture_end_of_header(&capture);
    assert_true(slice_is(capture_message(&capture), "\r\n"));
    capture_free(&capture);
}

static void without_a_yes_nothing_is_kept(void **state)
{
    (void)state;
    struct capture capture = capture_new(1000);
    capture_begin(&capture, false);
    assert_true(slice_is(capture_field(&capture, slice_of("A"), slice_of(" 1"), true), "A: 1"));
    assert_true(slice_is(capture_field(&capture, slice_of("B"), slice_of(" 2"), true), "B: 2"));
    capture_end_of_header(&capture);
    capture_body(&capture, slice_of("body"));
    assert_int_equal(capture_message(&capture).size, 0);
    assert_true(capture.is_whole);
    assert_int_equal(slice_find(buffer_slice(&capture.bytes), slice_of("body")),
                     capture.bytes.size);
    capture_free(&capture);
}

static void beyond_the_limit_nothing_is_kept_and_it_says_so(void **state)
{
    (void)state;
    struct capture capture = capture_new(20);
    capture_begin(&capture, true);
    capture_field(&capture, slice_of("A"), slice_of(" 1"), true);
    capture_end_of_header(&capture);
    capture_body(&capture, slice_of("0123456789ab"));
    assert_true(capture.is_whole);
    assert_int_equal(capture_message(&capture).size, 20);
    capture_body(&capture, slice_of("c"));
    assert_false(capture.is_whole);
    assert_int_equal(capture_message(&capture).size, 0);
    assert_int_equal(capture.bytes.capacity_bytes, 0);
    capture_body(&capture, slice_of("d"));
    assert_int_equal(capture_message(&capture).size, 0);
    capture_begin(&capture, true);
    capture_field(&capture, slice_of("A"), slice_of(" 1"), true);
    assert_true(slice_is(capture_message(&capture), "A: 1\r\n"));
    capture_free(&capture);
}

static void a_large_message_gives_its_memory_back(void **state)
{
    (void)state;
    static char piece[65536];
    struct capture capture = capture_new(LIMIT_MESSAGE_BYTES);
    capture_begin(&capture, true);
    capture_end_of_header(&capture);
    for (int i = 0; i < 32; i++)
        capture_body(&capture, slice_new(piece, sizeof piece));
    assert_int_equal(capture_message(&capture).size, 2 + 32 * sizeof piece);
    capture_begin(&capture, true);
    assert_true(capture.bytes.capacity_bytes <= CAPTURE_KEPT_BYTES);
    capture_free(&capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_put_together_as_they_were),
        cmocka_unit_test(a_message_is_header_empty_line_and_body),
        cmocka_unit_test(a_message_may_have_no_body_and_no_header),
        cmocka_unit_test(without_a_yes_nothing_is_kept),
        cmocka_unit_test(beyond_the_limit_nothing_is_kept_and_it_says_so),
        cmocka_unit_test(a_large_message_gives_its_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
