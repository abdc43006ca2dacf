#include "policy/wishes.h"

#include "common/base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1795428000 /* 2026-11-23T10:00:00Z */
#define DAY 86400

static void print(const struct wishes *wishes, const char *name, struct buffer *into)
{
    const struct option_row *row = option_find(wishes_rows, slice_of(name));
    assert_non_null(row);
    buffer_clear(into);
    wishes_print(wishes, row, into);
}

static void defaults_are_those_of_the_invitation(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
    } rows[] = {
        {"category.threat", "hold"},
        {"category.doxxing", "hold"},
        {"category.sextortion", "hold"},
        {"category.ncii", "hold"},
        {"category.stalking", "hold"},
        {"category.sexual-harassment", "hold"},
        {"category.hate", "tag"},
        {"category.impersonation", "tag"},
        {"category.mail-bomb", "off"},
        {"category.spear-phish", "off"},
        {"category.other", "off"},
        {"known-people", "tag"},
        {"shield", "off"},
        {"blocked-sender", "hold"},
        {"resembling", "tag"},
        {"unscanned", "off"},
        {"digest", "daily"},
        {"hour", "9"},
        {"weekday", "1"},
        {"time-zone", "UTC"},
        {"quiet", "weekly"},
        {"reveal", "count"},
        {"language", "es"},
        {"keep", "30"},
        {"at-expiry", "delete"},
        {"share", "ask"},
        {"lane", "hold"},
        {"flood", "offer"},
        {"correspondents", "on"},
    };
    struct wishes wishes;
    wishes_set_defaults(&wishes);
    BUFFER_CLEANUP text = buffer_new(200);
    size_t count = 0;
    while (wishes_rows[count].name != NULL)
        count++;
    assert_int_equal(count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < count; i++) {
        print(&wishes, rows[i].name, &text);
        assert_string_equal(text.data, rows[i].value);
    }
}

static void what_is_printed_can_be_set_again(void **state)
{
    (void)state;
    struct wishes wishes, again;
    wishes_set_defaults(&wishes);
    assert_int_equal(wishes_set(&wishes, slice_of("shield"), slice_of("2026-11-30"), NULL), 0);
    wishes_set_defaults(&again);
    again.keep_days = 77;
    again.reveal = WISH_REVEAL_TEXT;
    BUFFER_CLEANUP text = buffer_new(200);
    for (const struct option_row *row = wishes_rows; row->name != NULL; row++) {
        buffer_clear(&text);
        wishes_print(&wishes, row, &text);
        assert_int_equal(wishes_set(&again, slice_of(row->name), buffer_slice(&text), NULL), 0);
    }
    assert_memory_equal(&wishes, &again, sizeof wishes);
}

static void a_wrong_value_names_the_setting_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *said;
    } rows[] = {
        {"category.threat", "reject", "category.threat"},
        {"hour", "24", "hour"},
        {"hour", "-1", "hour"},
        {"weekday", "someday", "weekday"},
        {"time-zone", "Mars/Base", "time-zone"},
        {"time-zone", "", "time-zone"},
        {"reveal", "everything", "reveal"},
        {"keep", "0", "keep"},
        {"shield", "soon", "shield"},
        {"colour", "blue", "colour"},
        {"", "", "\"\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wishes wishes, before;
        wishes_set_defaults(&wishes);
        before = wishes;
        struct error err = {0};
        assert_int_equal(wishes_set(&wishes, slice_of(rows[i].name), slice_of(rows[i].value), &err),
                         -1);
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, rows[i].said));
        assert_memory_equal(&wishes, &before, sizeof wishes);
    }
}

static void a_category_is_found_by_its_name_alone(void **state)
{
    (void)state;
    struct wishes wishes;
    wishes_set_defaults(&wishes);
    assert_int_equal(wishes_set(&wishes, slice_of("impersonation"), slice_of("hold"), NULL), 0);
    assert_int_equal(wishes.category[CATEGORY_IMPERSONATION], WISH_HOLD);
    assert_string_equal(wishes_find(slice_of("mail-bomb"))->name, "category.mail-bomb");
    assert_string_equal(wishes_find(slice_of("shield"))->name, "shield");
    assert_null(wishes_find(slice_of("category.")));
    assert_null(wishes_find(slice_of("")));
    assert_null(wishes_find(slice_of("threats")));
}

static void weekdays_are_understood_in_all_languages(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int64_t day;
    } rows[] = {{"domingo", 0}, {"Monday", 1},    {"lunes", 1},  {"segunda-feira", 1},
                {"terça", 2},   {"miércoles", 3}, {"quarta", 3}, {"jueves", 4},
                {"friday", 5},  {"sábado", 6},    {"sabado", 6}, {"4", 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wishes wishes;
        wishes_set_defaults(&wishes);
        assert_int_equal(wishes_set(&wishes, slice_of("weekday"), slice_of(rows[i].word), NULL), 0);
        assert_int_equal(wishes.digest_weekday, rows[i].day);
    }
}

static void a_shield_ends_by_itself(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t until; /* -1: refused */
    } rows[] = {
        {"3 days", NOW + 3 * DAY},
        {"3 días", NOW + 3 * DAY},
        {"3 dias", NOW + 3 * DAY},
        {"3d", NOW + 3 * DAY},
        {"2", NOW + 2 * DAY},
        {"12 hours", NOW + 43200},
        {"12h", NOW + 43200},
        {"1 semana", NOW + 7 * DAY},
        {"off", 0},
        {" OFF ", 0},
        {"2026-11-24", 1795478400},
        {"90 days", NOW + 90 * DAY},
        {"91 days", -1},
        {"2026-11-22", -1},
        {"2036-11-22", -1},
        {"0 days", -1},
        {"-3 days", -1},
        {"3 years", -1},
        {"days", -1},
        {"", -1},
        {"99999999999999 days", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t until = -7;
        struct error err = {0};
        int failed = wishes_read_shield(slice_of(rows[i].text), NOW, &until, &err);
        if (failed != (rows[i].until == -1 ? -1 : 0))
            fail_msg("%s: %d", rows[i].text, failed);
        assert_int_equal(until, failed ? -7 : rows[i].until);
        assert_int_equal(err.kind, failed ? ERROR_INPUT : ERROR_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_invitation),
        cmocka_unit_test(what_is_printed_can_be_set_again),
        cmocka_unit_test(a_wrong_value_names_the_setting_and_changes_nothing),
        cmocka_unit_test(a_category_is_found_by_its_name_alone),
        cmocka_unit_test(weekdays_are_understood_in_all_languages),
        cmocka_unit_test(a_shield_ends_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
