#include "common/base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void next_gives_every_piece_also_empty_ones(void **state)
{
    (void)state;
    struct slice rest = slice_of("a,,b"), piece;
    assert_true(slice_next(&rest, ',', &piece) && slice_is(piece, "a"));
    assert_true(slice_next(&rest, ',', &piece) && slice_is(piece, ""));
    assert_true(slice_next(&rest, ',', &piece) && slice_is(piece, "b"));
    assert_false(slice_next(&rest, ',', &piece));
}

static void number_is_whole_and_within_its_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_number;
        long long number;
    } rows[] = {{"0", true, 0},     {"42", true, 42},
                {"100", true, 100}, {"101", false, 0},
                {"", false, 0},     {"-1", false, 0},
                {" 1", false, 0},   {"1x", false, 0},
                {"0x1", false, 0},  {"99999999999999999999", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        long long number = 0;
        assert_int_equal(slice_to_number(slice_of(rows[i].text), 0, 100, &number),
                         rows[i].is_number);
        assert_int_equal(number, rows[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_gives_every_piece_also_empty_ones),
        cmocka_unit_test(number_is_whole_and_within_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
