#include "common/base/limits.h"
#include "common/mail/authres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID "mx.example.org"

static void expect_field(const struct auth_answer *answer, const char *wanted)
{
    BUFFER_CLEANUP field = buffer_new(64 * KIB);
    struct error err = {0};
    assert_int_equal(authres_write(answer, ID, &field, &err), 0);
    assert_string_equal(field.data, wanted);
}

static void results_stand_one_a_line(void **state)
{
    (void)state;
    struct dkim_signature signatures[] = {{.result = DKIM_PASS,
                                           .domain = slice_of("example.com"),
                                           .selector = slice_of("sel"),
                                           .algorithm = slice_of("rsa-sha256"),
                                           .signature_start = slice_of("ab+/cd12")},
                                          {.result = DKIM_FAIL,
                                           .domain = slice_of("example.net"),
                                           .selector = slice_of("s2"),
                                           .algorithm = slice_of("ed25519-sha256"),
                                           .signature_start = slice_of("zzzzzzzz"),
                                           .reason = "the body hash does not verify"}};
    struct auth_answer answer = {.has_client = true,
                                 .spf = {.result = SPF_PASS, .domain = slice_of("example.com")},
                                 .dkim = {signatures, 2},
                                 .dmarc = {.result = DMARC_PASS, .policy = "reject"},
                                 .from_domain = slice_of("example.com")};
    expect_field(&answer,
                 ID ";\n\tspf=pass smtp.mailfrom=example.com;\n"
                    "\tdkim=pass header.d=example.com header.s=sel header.a=rsa-sha256\n"
                    "\theader.b=\"ab+/cd12\";\n"
                    "\tdkim=fail reason=\"the body hash does not verify\" header.d=example.net\n"
                    "\theader.s=s2 header.a=ed25519-sha256 header.b=zzzzzzzz;\n"
                    "\tdmarc=pass (p=reject) header.from=example.com");
}

static void nothing_found_is_said_too(void **state)
{
    (void)state;
    struct auth_answer answer = {.dmarc = {.result = DMARC_NONE, .policy = ""}};
    expect_field(&answer, ID ";\n\tdkim=none;\n\tdmarc=none");
    answer.has_client = answer.is_null_sender = true;
    answer.spf.result = SPF_NONE;
    answer.spf.domain = slice_of("helo.example.net");
    expect_field(&answer,
                 ID ";\n\tspf=none smtp.helo=helo.example.net;\n\tdkim=none;\n\tdmarc=none");
}

/* Whatever a sender puts into any value: only our own line ends, only printable ASCII, and every
 * quote is closed. */
static void nothing_of_a_sender_can_leave_its_quotes(void **state)
{
    (void)state;
    static const char *const evil[] = {"a\r\nX-Injected: yes",
                                       "a\n\n<html>",
                                       "a; dmarc=pass",
                                       "a\" header.d=\"good.example",
                                       "a\\",
                                       "a\\\" b",
                                       "(comment",
                                       "\xc3\xb1",
                                       "a b",
                                       "\x01\x7f\x80\xff",
                                       "=?utf-8?q?x?=",
                                       "@"};
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
        struct slice text = slice_of(evil[i]);
        struct dkim_signature signature = {.result = DKIM_PERMERROR,
                                           .domain = text,
                                           .selector = text,
                                           .algorithm = text,
                                           .signature_start = text,
                                           .reason = evil[i]};
        struct auth_answer answer = {
            .has_client = true,
            .spf = {.result = SPF_TEMPERROR, .domain = text, .problem = evil[i]},
            .dkim = {&signature, 1},
            .dmarc = {.result = DMARC_FAIL, .policy = "none"},
            .from_domain = text};
        BUFFER_CLEANUP field = buffer_new(64 * KIB);
        assert_int_equal(authres_write(&answer, ID, &field, NULL), 0);
        bool is_quoted = false;
        size_t results = 0;
        for (size_t at = 0; at < field.size; at++) {
            char c = field.data[at];
            if (c == '\n')
                assert_true(!is_quoted && field.data[at + 1] == '\t');
            else
                assert_true(c == '\t' || (c >= ' ' && c <= '~'));
            if (is_quoted && c == '\\')
                at++;
            else if (c == '"')
                is_quoted = !is_quoted;
            else if (c == ';' && !is_quoted)
                results++;
        }
        assert_false(is_quoted);
        assert_int_equal(results, 3);
    }
}

static void long_values_are_cut_and_no_line_is_too_long(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct dkim_signature signatures[LIMIT_DKIM_SIGNATURES];
    for (size_t i = 0; i < LIMIT_DKIM_SIGNATURES; i++)
        signatures[i] = (struct dkim_signature){.result = DKIM_FAIL,
                                                .domain = slice_of(text),
                                                .selector = slice_of(text),
                                                .algorithm = slice_of(text),
                                                .reason = text};
    struct auth_answer answer = {.dkim = {signatures, LIMIT_DKIM_SIGNATURES},
                                 .dmarc = {.policy = ""}};
    BUFFER_CLEANUP field = buffer_new(64 * KIB);
    assert_int_equal(authres_write(&answer, ID, &field, NULL), 0);
    struct slice rest = buffer_slice(&field), line;
    while (slice_next(&rest, '\n', &line))
        assert_true(line.size < 300);
    assert_true(field.size < 32 * KIB);
    BUFFER_CLEANUP small = buffer_new(100);
    struct error err = {0};
    assert_int_equal(authres_write(&answer, ID, &small, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void forged_fields_are_seen_through_every_disguise(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_ours;
    } rows[] = {
        {"mx.example.org; spf=pass", true},
        {" mx.example.org;spf=pass", true},
        {"mx.example.org", true},
        {"mx.example.org ; none", true},
        {"mx.example.org 1; spf=pass", true},
        {"MX.Example.ORG; spf=pass", true},
        {"\r\n\tmx.example.org\r\n\t;\r\n spf=pass", true},
        {"(hello) mx.example.org; spf=pass", true},
        {"(a (nested\\)) one)mx.example.org(x)1(y);", true},
        {"mx (a) . example (b)\r\n .org; spf=pass", true},
        {"\"mx.example.org\"; spf=pass", true},
        {"\"mx.exa\\mple.org\" 1; spf=pass", true},
        {"mx.example.org.; spf=pass", true},
        {"mx.example.org spf=pass", true},
        {"mx.exam\x01ple.org; spf=pass", true},
        {"=?us-ascii?q?mx.example.org?=; spf=pass", true},
        {"=?utf-8?b?bXguZXhhbXBsZS5vcmc=?= 1; spf=pass", true},
        {"\xef\xbd\x8dx.example.org; spf=pass", true}, /* full-width m */
        {"mx.example.org1; spf=pass", false},
        {"mx.example.net; spf=pass", false},
        {"amx.example.org; spf=pass", false},
        {"x.mx.example.org; spf=pass", false},
        {"example.org; spf=pass", false},
        {"other.example (mx.example.org); spf=pass", false},
        {"other.example; x=mx.example.org", false},
        {"(mx.example.org; spf=pass", false},
        {"", false},
        {";", false},
        {"\"", false},
        {"\\", false},
        {"(", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen(rows[i].value);
        char *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, rows[i].value, size);
        if (authres_is_ours(slice_new(exact, size), ID) != rows[i].is_ours)
            fail_msg("\"%s\"", rows[i].value);
        free(exact);
    }
    assert_true(authres_is_ours(slice_of("xn--espaa-rta.example; a=b"), "espa\xc3\xb1"
                                                                        "a.example"));
    assert_false(authres_is_ours(slice_of("; a=b"), ""));
}

static void what_we_write_is_ours(void **state)
{
    (void)state;
    static const char *const ids[] = {"mx.example.org", "MX", "mx_1.example.org", "odd id", "a\"b"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct auth_answer answer = {.dmarc = {.policy = ""}};
        BUFFER_CLEANUP field = buffer_new(KIB);
        assert_int_equal(authres_write(&answer, ids[i], &field, NULL), 0);
        if (strchr(ids[i], ' ') == NULL)
            assert_true(authres_is_ours(buffer_slice(&field), ids[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_stand_one_a_line),
        cmocka_unit_test(nothing_found_is_said_too),
        cmocka_unit_test(nothing_of_a_sender_can_leave_its_quotes),
        cmocka_unit_test(long_values_are_cut_and_no_line_is_too_long),
        cmocka_unit_test(forged_fields_are_seen_through_every_disguise),
        cmocka_unit_test(what_we_write_is_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
