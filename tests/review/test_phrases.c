#include "review/phrases.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ENGLISH "An invitation: someone who keeps watch over your mail"

static void one_process_speaks_every_language(void **state)
{
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        assert_string_equal(phrase(SETTINGS_LANGUAGE_ES, ENGLISH),
                            "Una invitación: alguien que cuida tu correo");
        assert_string_equal(phrase(SETTINGS_LANGUAGE_PT, ENGLISH),
                            "Um convite: alguém que cuida do seu e-mail");
        assert_string_equal(phrase(SETTINGS_LANGUAGE_EN, ENGLISH), ENGLISH);
    }
}

static void what_is_not_translated_is_said_in_english(void **state)
{
    (void)state;
    assert_string_equal(phrase(SETTINGS_LANGUAGE_ES, "no such phrase"), "no such phrase");
    assert_string_equal(phrase(SETTINGS_LANGUAGE_PT, ""), "");
    assert_string_equal(phrase(77, ENGLISH), ENGLISH);
    assert_string_equal(phrase(-1, ENGLISH), ENGLISH);
}

static void plurals_follow_each_language(void **state)
{
    (void)state;
    static const struct {
        int language;
        unsigned long count;
        const char *expected;
    } rows[] = {
        {SETTINGS_LANGUAGE_ES, 1, "Todavía hay %lu correo retenido."},
        {SETTINGS_LANGUAGE_ES, 2, "Todavía hay %lu correos retenidos."},
        {SETTINGS_LANGUAGE_ES, 0, "Todavía hay %lu correos retenidos."},
        {SETTINGS_LANGUAGE_PT, 1, "Ainda há %lu e-mail retido."},
        {SETTINGS_LANGUAGE_PT, 0, "Ainda há %lu e-mail retido."},
        {SETTINGS_LANGUAGE_PT, 5, "Ainda há %lu e-mails retidos."},
        {SETTINGS_LANGUAGE_EN, 1, "%lu mail is still held."},
        {SETTINGS_LANGUAGE_EN, 0, "%lu mails are still held."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(phrase_count(rows[i].language, "%lu mail is still held.",
                                         "%lu mails are still held.", rows[i].count),
                            rows[i].expected);
}

int main(void)
{
    /* As a service or Postfix's pipe starts a program: no language at all, or somebody else's. */
    setenv("LC_ALL", "C", 1);
    setenv("LANGUAGE", "de", 1);
    setlocale(LC_CTYPE, "C");
    phrases_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_process_speaks_every_language),
        cmocka_unit_test(what_is_not_translated_is_said_in_english),
        cmocka_unit_test(plurals_follow_each_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
