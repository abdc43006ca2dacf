#include "common/mail/compose.h"

#include "common/base/limits.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct compose_mail plain_mail(void)
{
    return (struct compose_mail){
        .from_name = "zaguan",
        .from_address = "zaguan@casa.example",
        .reply_to = "zaguan+abc@casa.example",
        .to_address = "ana@casa.example",
        .subject = "zaguan",
        .auto_submitted = "auto-generated",
        .language = "es",
        .date = 1795428000,
        .message_id = "1.abc@casa.example",
        .text = slice_of("hola\n"),
    };
}

static void a_plain_mail_is_exactly_this(void **state)
{
    (void)state;
    BUFFER_CLEANUP into = buffer_new(64 * KIB);
    struct compose_mail mail = plain_mail();
    assert_int_equal(compose_write(&mail, &into, NULL), 0);
    assert_string_equal(into.data, "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
                                   "From: \"zaguan\"\r\n"
                                   " <zaguan@casa.example>\r\n"
                                   "To: ana@casa.example\r\n"
                                   "Reply-To: zaguan+abc@casa.example\r\n"
                                   "Subject: zaguan\r\n"
                                   "Message-ID: <1.abc@casa.example>\r\n"
                                   "Auto-Submitted: auto-generated\r\n"
                                   "Content-Language: es\r\n"
                                   "X-Auto-Response-Suppress: All\r\n"
                                   "MIME-Version: 1.0\r\n"
                                   "Content-Type: text/plain; charset=utf-8\r\n"
                                   "Content-Transfer-Encoding: quoted-printable\r\n"
                                   "\r\n"
                                   "hola\r\n");
}

static void body_of(const char *text, struct buffer *into)
{
    buffer_clear(into);
    struct compose_mail mail = plain_mail();
    mail.text = slice_of(text);
    assert_int_equal(compose_write(&mail, into, NULL), 0);
}

static void text_is_quoted_so_that_nothing_on_the_way_changes_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } rows[] = {
        {"se\xc3\xb1"
         "al",
         "se=C3=B1al\r\n"},
        {"a=b\n", "a=3Db\r\n"},
        {"a \nb\t\n", "a=20\r\nb=09\r\n"},
        {"a b", "a b\r\n"},
        {".\n..\nFrom me\n--\n", "=2E\r\n=2E.\r\n=46rom me\r\n=2D-\r\n"},
        {"a\r\nb", "a=0D\r\nb\r\n"},
        {"\n\nx\n", "\r\n\r\nx\r\n"},
        {"", ""},
    };
    BUFFER_CLEANUP into = buffer_new(64 * KIB);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        body_of(rows[i].text, &into);
        assert_string_equal(strstr(into.data, "\r\n\r\n") + 4, rows[i].written);
    }
}

static void no_line_is_longer_than_76(void **state)
{
    (void)state;
    BUFFER_CLEANUP into = buffer_new(64 * KIB);
    char text[2000], subject[600] = "";
    for (size_t size = 70; size < 240; size++) {
        memset(text, 'x', size);
        memcpy(text + size, "\xc3\xb1\n", 4);
        for (int i = 0; i < 60; i++)
            memcpy(subject + 3 * i, "\xe2\x82\xac", 4);
        struct compose_mail mail = plain_mail();
        mail.text = slice_of(text);
        mail.subject = subject;
        mail.from_name = subject;
        buffer_clear(&into);
        assert_int_equal(compose_write(&mail, &into, NULL), 0);
        struct slice rest = buffer_slice(&into), line;
        while (slice_next(&rest, '\n', &line))
            assert_true(line.size <= 77); /* with its CR */
    }
}

static void a_header_text_cannot_add_a_field(void **state)
{
    (void)state;
    BUFFER_CLEANUP into = buffer_new(64 * KIB);
    struct compose_mail mails[5];
    for (int i = 0; i < 5; i++)
        mails[i] = plain_mail();
    mails[0].subject = "a\r\nBcc: x@y.example";
    mails[1].from_name = "a\nb";
    mails[2].to_address = "ana@casa.example, otra@casa.example";
    mails[3].reply_to = "a@b.example\r\nX: y";
    mails[4].in_reply_to = "<a@b>\nX: y";
    for (int i = 0; i < 5; i++) {
        struct error err = {0};
        assert_int_equal(compose_write(&mails[i], &into, &err), -1);
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_int_equal(into.size, 0);
    }
}

static void names_with_quotes_and_accents_are_one_phrase(void **state)
{
    (void)state;
    BUFFER_CLEANUP into = buffer_new(64 * KIB);
    struct compose_mail mail = plain_mail();
    mail.from_name = "a \"b\" \\c";
    assert_int_equal(compose_write(&mail, &into, NULL), 0);
    assert_non_null(strstr(into.data, "From: \"a \\\"b\\\" \\\\c\"\r\n <zaguan@casa.example>\r\n"));
    buffer_clear(&into);
    mail.from_name = "zagu\xc3\xa1n";
    mail.subject = "=?x?";
    assert_int_equal(compose_write(&mail, &into, NULL), 0);
    assert_non_null(strstr(into.data, "From: =?utf-8?B?emFndcOhbg==?=\r\n"));
    assert_non_null(strstr(into.data, "Subject: =?utf-8?B?PT94Pw==?=\r\n"));
}

static void html_stands_beside_text_and_cannot_end_its_part(void **state)
{
    (void)state;
    BUFFER_CLEANUP into = buffer_new(64 * KIB);
    struct compose_mail mail = plain_mail();
    mail.text = slice_of("--=_zaguan_alternative--\n");
    mail.html = slice_of("<p>hola</p>");
    assert_int_equal(compose_write(&mail, &into, NULL), 0);
    const char *body = strstr(into.data, "\r\n\r\n") + 4;
    assert_string_equal(body, "--=_zaguan_alternative\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                              "=2D-=3D_zaguan_alternative--\r\n"
                              "--=_zaguan_alternative\r\n"
                              "Content-Type: text/html; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                              "<p>hola</p>\r\n"
                              "--=_zaguan_alternative--\r\n");
}

static void a_mail_beyond_the_buffer_is_an_error(void **state)
{
    (void)state;
    BUFFER_CLEANUP into = buffer_new(200);
    struct compose_mail mail = plain_mail();
    struct error err = {0};
    assert_int_equal(compose_write(&mail, &into, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_mail_is_exactly_this),
        cmocka_unit_test(text_is_quoted_so_that_nothing_on_the_way_changes_it),
        cmocka_unit_test(no_line_is_longer_than_76),
        cmocka_unit_test(a_header_text_cannot_add_a_field),
        cmocka_unit_test(names_with_quotes_and_accents_are_one_phrase),
        cmocka_unit_test(html_stands_beside_text_and_cannot_end_its_part),
        cmocka_unit_test(a_mail_beyond_the_buffer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
