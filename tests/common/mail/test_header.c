#include "common/base/limits.h"
#include "common/mail/header.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void fields_come_in_order_and_the_body_is_what_is_left(void **state)
{
    (void)state;
    static const struct {
        const char *message, *names, *body;
    } rows[] = {
        {"A: 1\r\nB: 2\r\n\r\nbody", "A,B,", "body"},
        {"A: 1\nB: 2\n\nbody", "A,B,", "body"},
        {"A: 1\n folded: x\n\tagain\nB:2\n\n\nx", "A,B,", "\nx"},
        {"Subject : blank before the colon\n\n", "Subject,", ""},
        {"A: 1\nno field here\nB: 2\n\nx", "A,", "no field here\nB: 2\n\nx"},
        {"two words: x\n\n", "", "two words: x\n\n"},
        {"From ana@example.org Mon Jan  1 00:00:00 2026\nA: 1\n\nx", "A,", "x"},
        {">From ana@example.org Mon Jan  1\nA: 1\n\nx", "A,", "x"},
        {"A:", "A,", ""},
        {"A: 1\n \n B: part of A\n\nx", "A,", "x"},
        {":no name\nA: 1\n\n", ",A,", ""},
        {"\n\nA: 1\n", "", "\nA: 1\n"},
        {"   \r\nA: 1\n\nx", "A,", "x"},
        {"", "", ""},
        {" begins with a blank: x\n\ny", "", " begins with a blank: x\n\ny"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice message = exact_text(rows[i].message), rest = message;
        struct header_field field;
        char names[100] = "";
        while (header_next(&rest, &field)) {
            char name[40];
            assert_true(slice_to_text(field.name, name, sizeof name));
            strcat(strcat(names, name), ",");
        }
        assert_string_equal(names, rows[i].names);
        assert_slice_is(rest, rows[i].body);
        assert_slice_is(header_body(message), rows[i].body);
        exact_free(message);
    }
}

static void a_field_is_found_by_name_without_regard_to_case(void **state)
{
    (void)state;
    struct slice message = exact_text("X: 1\r\nsubJECT: two\r\n three\r\nSubject: four\r\n\r\n");
    struct header_field field;
    assert_true(header_find(message, "Subject", &field));
    assert_slice_is(field.value, " two\r\n three");
    assert_slice_is(field.whole, "subJECT: two\r\n three\r\n");
    assert_int_equal(header_count(message, "SUBJECT"), 2);
    assert_false(header_find(message, "Sub", &field));
    exact_free(message);
}

static void encoded_words_are_decoded_also_broken_ones(void **state)
{
    (void)state;
    static const struct {
        const char *value, *decoded;
    } rows[] = {
        {" plain ", "plain"},
        {"a\r\n b\n\tc", "a b\tc"},
        {"=?utf-8?Q?te_mato_ma=C3=B1ana?=", "te mato ma\u00f1ana"},
        {"=?UTF-8?B?w6FyYm9s?= y =?iso-8859-1?q?=E1?=", "\u00e1rbol y \u00e1"},
        {"=?utf-8?Q?a?=\n =?utf-8?Q?b?=", "ab"},
        {"=?utf-8?Q?a?= =?iso-8859-1?Q?=E1?=", "a\u00e1"},
        {"x =?utf-8?Q?a?= y", "x a y"},
        /* a character split over two words */
        {"=?utf-8?B?w6E=?= =?utf-8?Q?=C3?= =?utf-8?Q?=B1?=", "\u00e1\u00f1"},
        {"\"=?utf-8?Q?in_quotes?=\"", "\"in quotes\""},
        {"glued=?utf-8?Q?_on?=both", "glued onboth"},
        {"=?utf-8?Q?blank in word?=", "blank in word"},
        {"=?utf-8?Q?not_closed", "not closed"},
        {"=?utf-8*es?Q?con_idioma?=", "con idioma"},
        {"=?x-nothing?Q?a=E1?=", "a\u00e1"},
        {"=?utf-8?X?no?=", "=?utf-8?X?no?="},
        {"=?utf-8?Q?=ZZ?=", "=ZZ"},
        {"=??Q?no?=", "=??Q?no?="},
        {"=?", "=?"},
        {"=?utf-8?Q", "=?utf-8?Q"},
        {"=?utf-8?Q?", ""},
        {"undeclared \xe1", "undeclared \u00e1"},
        {"undeclared \xc3\xa1", "undeclared \u00e1"},
        {"=?iso-2022-jp?B?GyRCJUYbKEI=?=", "\u30c6"},
        {"=?utf-7?Q?+AOE-?=", "\u00e1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice value = exact_text(rows[i].value);
        assert_slice_is(header_decode(value, arena), rows[i].decoded);
        exact_free(value);
    }
}

static void many_open_words_take_linear_time(void **state)
{
    (void)state;
    enum { WORDS = 100000 };
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    char *text = malloc((size_t)8 * WORDS);
    assert_non_null(text);
    for (size_t i = 0; i < WORDS; i++)
        memcpy(text + 8 * i, "=?u?q?a ", 8);
    struct slice decoded = header_decode((struct slice){text, (size_t)8 * WORDS}, arena);
    assert_int_equal(decoded.size, WORDS);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_in_order_and_the_body_is_what_is_left),
        cmocka_unit_test(a_field_is_found_by_name_without_regard_to_case),
        cmocka_unit_test(encoded_words_are_decoded_also_broken_ones),
        cmocka_unit_test(many_open_words_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
