#include "policy/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads a header of exactly these bytes. */
static struct facts read_header(const char *header)
{
    struct facts facts = {.is_correspondent = true};
    struct error err = {0};
    size_t size = strlen(header);
    char *exact = malloc(size > 0 ? size : 1);
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    assert_non_null(exact);
    memcpy(exact, header, size);
    if (facts_read_message(slice_new(exact, size), arena, &facts, &err) != 0)
        fail_msg("%s", err.text);
    assert_true(facts.is_correspondent); /* the rest is not touched */
    free(exact);
    return facts;
}

static void a_subject_tells_codes_from_letters(void **state)
{
    (void)state;
    static const struct {
        const char *subject;
        bool is_code;
    } rows[] = {
        {"123456 es tu código de Telegram", true},
        {"Tu CODIGO de verificación", true},
        {"=?utf-8?Q?C=C3=B3digo_de_acceso?=", true},
        {"=?iso-8859-1?Q?Restablecer_tu_contrase=F1a?=", true},
        {"Confirme seu e-mail", true},
        {"Redefinição de senha", true},
        {"Your security code is 998 221", true},
        {"Password reset", true},
        {"Re: Your security code", false},
        {"RV: Tu código de verificación", false},
        {"Fwd: password reset", false},
        {"Te voy a encontrar", false},
        {"código", false},
        {"Nos vemos el lunes", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char header[400];
        snprintf(header, sizeof header, "From: a@b.example\r\nSubject: %s\r\n\r\nbody\r\n",
                 rows[i].subject);
        if (read_header(header).is_transactional != rows[i].is_code)
            fail_msg("%s", rows[i].subject);
    }
}

static void only_the_header_is_read(void **state)
{
    (void)state;
    struct facts facts =
        read_header("From: a@b.example\r\n\r\nSubject: password reset\r\nList-Id: <x>\r\n");
    assert_false(facts.is_transactional);
    assert_false(facts.is_automatic);
    facts = read_header("");
    assert_false(facts.is_transactional);
    assert_false(facts.is_automatic);
}

static void a_long_subject_is_no_code(void **state)
{
    (void)state;
    char header[1000];
    int size = snprintf(header, sizeof header, "Subject: password reset ");
    memset(header + size, 'x', 400);
    memcpy(header + size + 400, "\r\n\r\n", 5);
    assert_false(read_header(header).is_transactional);
}

static void machines_say_that_they_are_machines(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        bool is_automatic;
    } rows[] = {
        {"Auto-Submitted: auto-generated", true},
        {"Auto-Submitted: Auto-Replied; x=y", true},
        {"auto-submitted:  auto-notified", true},
        {"Auto-Submitted: no", false},
        {"Auto-Submitted: NO ; comment", false},
        {"Auto-Submitted:", false},
        {"List-Id: <news.example>", true},
        {"List-Unsubscribe: <mailto:x@y.example>", true},
        {"Precedence: bulk", true},
        {"Precedence: Auto_Reply", true},
        {"Precedence: first-class", false},
        {"X-List-Id: <news.example>", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char header[400];
        snprintf(header, sizeof header, "From: a@b.example\n%s\n\nbody\n", rows[i].field);
        if (read_header(header).is_automatic != rows[i].is_automatic)
            fail_msg("%s", rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subject_tells_codes_from_letters),
        cmocka_unit_test(only_the_header_is_read),
        cmocka_unit_test(a_long_subject_is_no_code),
        cmocka_unit_test(machines_say_that_they_are_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
