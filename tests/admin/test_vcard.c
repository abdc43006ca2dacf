#include "admin/vcard.h"

#include "tests/common/mail/exact.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void every_email_line_is_found_and_nothing_else(void **state)
{
    static const struct {
        const char *text, *emails; /* joined by blanks */
    } rows[] = {
        {"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEMAIL;TYPE=INTERNET:ana@x.example\r\nEND:"
         "VCARD\r\n",
         "ana@x.example"},
        {"BEGIN:VCARD\nitem1.EMAIL;TYPE=\"a:b\";PREF=1:ana@x.example\nemail:eva@x.example\n",
         "ana@x.example eva@x.example"},
        {"EMAIL;TYPE=work:ana.of.a.very.long\n .name@x.exa\n\tmple\n",
         "ana.of.a.very.long.name@x.example"},
        {"EMAIL;ENCODING=QUOTED-PRINTABLE:ana=\n=40x.example\nTEL:1\n", "ana@x.example"},
        {"EMAIL:mailto:ana@x.example\nEMAIL:\\,a@x.example\n", "ana@x.example ,a@x.example"},
        {"NOTE:EMAIL:not@this.example\nEMAILS:nor@this.example\nX-EMAIL:nor@that.example\n", ""},
        {"NOTE: see\n EMAIL:not@this.example\n", ""},
        {"EMAIL", ""},
        {"", ""},
        {"EMAIL:", " "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(1 << 20);
        struct slice copy = exact_text(rows[i].text), rest = copy, email;
        char found[300] = "";
        int count = 0;
        while (vcard_next_email(&rest, arena, &email, NULL) == 1) {
            size_t used = strlen(found);
            snprintf(found + used, sizeof found - used, "%s" SLICE_FORMAT, used > 0 ? " " : "",
                     SLICE_ARGUMENTS(email));
            count++;
        }
        if (count == 1 && found[0] == '\0')
            snprintf(found, sizeof found, " "); /* a line without a value */
        if (strcmp(found, rows[i].emails) != 0)
            fail_msg("%zu: %s", i, found);
        exact_free(copy);
    }
}

static void what_is_no_vcard_is_none(void **state)
{
    (void)state;
    assert_true(vcard_is_one(slice_of("begin:vcard\n")));
    assert_false(vcard_is_one(slice_of("From: a@b.example\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_email_line_is_found_and_nothing_else),
        cmocka_unit_test(what_is_no_vcard_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
