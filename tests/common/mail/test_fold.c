#include "common/base/limits.h"
#include "common/mail/charset.h"
#include "common/mail/fold.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *text, *plain, *tight;
} rows[] = {
    {"", "", ""},
    {"Te VOY a Matar", "te voy a matar", "te voy a matar"},
    {"aa \t\r\n  bb\u00a0\u2003cc", "aa bb cc", "aa bb cc"},
    /* accents, composed or not, one or many */
    {"ma\u00f1ana \u00c1rbol", "manana arbol", "manana arbol"},
    {"man\u0303ana a\u0301\u0300\u0336rbol", "manana arbol", "manana arbol"},
    {"\u0130stanbul Stra\u00dfe \u0141\u00f3d\u017a \u00e6 \u0153", "istanbul strasse lodz ae oe",
     "istanbul strasse lodz ae oe"},
    /* what nobody sees inside of words */
    {"m\u200ba\u200dt\u00ada\u2060r\ufeff \u202emato\u202c", "matar mato", "matar mato"},
    {"a\ufe0fb\U000e0061c\u034fd\u180ee", "abcde", "abcde"},
    {"a \u200b b", "a b", "a b"},
    {"a\001\177b", "ab", "ab"},
    /* compatibility forms and look-alikes */
    {"\uff54\uff45\u3000\U0001d4f6\U0001d4ea\U0001d4fd\U0001d4f8", "te mato", "te mato"},
    {"\u0422\u0415 \u0432\u043e\u0443 \u043c\u0430t\u0430r", "te boy matar", "te boy matar"},
    {"\u039c\u0391\u03a4\u0391R \u03bc\u03b1\u03c4\u03b1r", "matar matar", "matar matar"},
    {"\u1d1b\u1d07 \u24dc\u24d0\u24e3\u24de \U0001f17c\U0001f170", "te mato ma", "te mato ma"},
    {"don\u2019t \u201cx\u201d \u2014 y", "don't \"x\" - y", "don't \"x\" - y"},
    /* what stays: other scripts, signs, pictures */
    {"\u4e2d\u6587 \u05e9\u05dc\u05d5\u05dd \U0001f600",
     "\u4e2d\u6587 \u05e9\u05dc\u05d5\u05dd \U0001f600",
     "\u4e2d\u6587 \u05e9\u05dc\u05d5\u05dd \U0001f600"},
    {"\uac01 \u1100\u1161\u11a8 \u3131\u314f", "\uac01 \uac01 \uac00", "\uac01 \uac01 \uac00"},
    {"\u00a1te! \u00bfque?", "\u00a1te! \u00bfque?", "\u00a1te! \u00bfque?"},
    /* digits and signs for letters, in words only */
    {"v0y a m4t4r put@", "v0y a m4t4r put@", "voy a matar puta"},
    {"h!jo d3 7u madre!", "h!jo d3 7u madre!", "hijo de tu madre!"},
    {"4 2023 $50 12:30 10%", "4 2023 $50 12:30 10%", "4 2023 $50 12:30 10%"},
    /* letters one by one */
    {"t e  v o y  a  m a t a r", "t e v o y a m a t a r", "te voy a matar"},
    {"t.e v.o.y a m-a-t-a-r", "t.e v.o.y a m-a-t-a-r", "te voy a matar"},
    {"t e\u00a0\u00a0m a t o", "t e m a t o", "te mato"},
    {"m 4 t 4 r", "m 4 t 4 r", "matar"},
    {"m_a_t_a_r", "m_a_t_a_r", "matar"},
    {"m. a. t. a. r.", "m. a. t. a. r.", "matar."},
    {"y a mi", "y a mi", "y a mi"},
    {"1 2 3 a", "1 2 3 a", "1 2 3 a"},
    {"te_voy-a.matar", "te_voy-a.matar", "te voy a matar"},
    /* letters repeated */
    {"mataaaar goool ll nnn", "mataaaar goool ll nnn", "matar gol ll n"},
    {"m a a a t o", "m a a a t o", "mato"},
    {"wow... 1000", "wow... 1000", "wow... 1000"},
};

static void fold(struct slice text, enum fold_view view, struct arena *arena, struct folded *folded)
{
    assert_int_equal(fold_text(text, view, arena, folded, NULL), 0);
}

static void both_views_are_what_the_header_promises(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice text = exact_text(rows[i].text);
        struct folded plain, tight;
        fold(text, FOLD_PLAIN, arena, &plain);
        fold(text, FOLD_TIGHT, arena, &tight);
        assert_slice_is(plain.text, rows[i].plain);
        assert_slice_is(tight.text, rows[i].tight);
        exact_free(text);
    }
}

static size_t write_utf8(uint32_t code, char utf8[4])
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    utf8[0] = (char)(leads[size] | code >> 6 * (size - 1));
    for (size_t k = 1; k < size; k++)
        utf8[k] = (char)(0x80 | (code >> 6 * (size - 1 - k) & 0x3f));
    return size;
}

static void folding_a_plain_view_again_changes_nothing(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(MIB);
    for (uint32_t code = 0x80; code < 0x110000; code++) {
        char utf8[4];
        struct folded once, twice;
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        arena_reset(arena);
        fold((struct slice){utf8, write_utf8(code, utf8)}, FOLD_PLAIN, arena, &once);
        fold(once.text, FOLD_PLAIN, arena, &twice);
        assert_true(slice_equals(once.text, twice.text));
    }
}

static void positions_point_into_what_a_person_saw(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted, *original;
        enum fold_view view;
    } places[] = {
        {"Ya TE  VOY\u200b a MATAR hoy", "te voy a matar", "TE  VOY\u200b a MATAR", FOLD_PLAIN},
        {"ya t e  m a t o hoy", "te mato", "t e  m a t o", FOLD_TIGHT},
        {"m4t4r!", "matar", "m4t4r", FOLD_TIGHT},
        {"mataaaar", "matar", "mataaaar", FOLD_TIGHT},
        {"x Stra\u00dfe", "strass", "Stra\u00df", FOLD_PLAIN},
        {"man\u0303ana si", "manana", "man\u0303ana", FOLD_PLAIN},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice text = exact_text(places[i].text), wanted = slice_of(places[i].wanted);
        struct folded folded;
        fold(text, places[i].view, arena, &folded);
        size_t begin = slice_find(folded.text, wanted);
        assert_true(begin < folded.text.size);
        assert_slice_is(fold_original(&folded, begin, begin + wanted.size), places[i].original);
        exact_free(text);
    }
}

static void positions_never_decrease_and_end_with_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int view = FOLD_PLAIN; view <= FOLD_TIGHT; view++) {
            ARENA_CLEANUP *arena = arena_new(MIB);
            struct folded folded;
            fold(slice_of(rows[i].text), (enum fold_view)view, arena, &folded);
            for (size_t k = 0; k < folded.text.size; k++)
                assert_true(folded.positions[k] <= folded.positions[k + 1]);
            assert_int_equal(folded.positions[folded.text.size], strlen(rows[i].text));
        }
    }
}

static void text_that_is_no_utf8_is_folded_to_utf8(void **state)
{
    (void)state;
    static const char *const texts[] = {"\xff", "a\xc3", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                        "\xe2\x82"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice text = exact_text(texts[i]);
        struct folded folded;
        fold(text, FOLD_TIGHT, arena, &folded);
        for (size_t k = 0; k < folded.text.size;) {
            size_t size = charset_character_size(slice_from(folded.text, k));
            assert_true(size > 0);
            k += size;
        }
        exact_free(text);
    }
}

static void without_room_folding_is_an_error(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(32);
    struct folded folded;
    struct error err = {ERROR_NONE, ""};
    assert_int_equal(fold_text(slice_of("more than fits here"), FOLD_PLAIN, arena, &folded, &err),
                     -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_views_are_what_the_header_promises),
        cmocka_unit_test(folding_a_plain_view_again_changes_nothing),
        cmocka_unit_test(positions_point_into_what_a_person_saw),
        cmocka_unit_test(positions_never_decrease_and_end_with_the_text),
        cmocka_unit_test(text_that_is_no_utf8_is_folded_to_utf8),
        cmocka_unit_test(without_room_folding_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
