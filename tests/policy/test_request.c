#include "policy/request.h"

#include "tests/common/mail/exact.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* As Postfix 3.7 asks, in its order (SMTPD_POLICY_README). */
static const char whole[] =
    "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=SMTP\n"
    "client_address=2001:db8::7\nclient_name=mail.x.example\n"
    "client_port=4711\nreverse_client_name=mail.x.example\n"
    "server_address=192.0.2.1\nserver_port=25\nhelo_name=x.example\n"
    "sender=a=b@x.example\nrecipient=ana@casa.example\n"
    "recipient_count=0\nqueue_id=8045F2AB23\ninstance=123.456.7\n"
    "size=12345\netrn_domain=\nstress=\nsasl_method=plain\n"
    "sasl_username=ana\nsasl_sender=\nccert_subject=solaris9.porcupine.org\n"
    "ccert_issuer=Wietse+20Venema\nccert_fingerprint=C2:9D\n"
    "ccert_pubkey_fingerprint=68:B3\nencryption_protocol=TLSv1/SSLv3\n"
    "encryption_cipher=DHE-RSA-AES256-SHA\nencryption_keysize=256\n"
    "policy_context=submission\ncompatibility_level=3.6\n"
    "mail_version=3.7.11\nnever_heard_of=x\n\n";

static int read_text(const char *text, struct request *request, struct error *err)
{
    struct slice copy = exact_text(text);
    int failed = request_read(copy, request, err);
    exact_free(copy);
    return failed;
}

static void every_attribute_of_postfix_37_is_read(void **state)
{
    struct request r;
    struct error err = {0};
    (void)state;
    struct slice copy = exact_text(whole);
    assert_int_equal(request_read(copy, &r, &err), 0);
    const struct {
        struct slice value;
        const char *wanted;
    } texts[] = {
        {r.request, "smtpd_access_policy"},
        {r.protocol_state, "RCPT"},
        {r.protocol_name, "SMTP"},
        {r.client_address, "2001:db8::7"},
        {r.client_name, "mail.x.example"},
        {r.reverse_client_name, "mail.x.example"},
        {r.server_address, "192.0.2.1"},
        {r.helo_name, "x.example"},
        {r.sender, "a=b@x.example"},
        {r.recipient, "ana@casa.example"},
        {r.queue_id, "8045F2AB23"},
        {r.instance, "123.456.7"},
        {r.etrn_domain, ""},
        {r.stress, ""},
        {r.sasl_method, "plain"},
        {r.sasl_username, "ana"},
        {r.sasl_sender, ""},
        {r.ccert_subject, "solaris9.porcupine.org"},
        {r.ccert_issuer, "Wietse+20Venema"},
        {r.ccert_fingerprint, "C2:9D"},
        {r.ccert_pubkey_fingerprint, "68:B3"},
        {r.encryption_protocol, "TLSv1/SSLv3"},
        {r.encryption_cipher, "DHE-RSA-AES256-SHA"},
        {r.policy_context, "submission"},
        {r.compatibility_level, "3.6"},
        {r.mail_version, "3.7.11"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!slice_is(texts[i].value, texts[i].wanted))
            fail_msg("%s: " SLICE_FORMAT, texts[i].wanted, SLICE_ARGUMENTS(texts[i].value));
    assert_int_equal(r.client_port, 4711);
    assert_int_equal(r.server_port, 25);
    assert_int_equal(r.recipient_count, 0);
    assert_int_equal(r.size, 12345);
    assert_int_equal(r.encryption_keysize, 256);
    exact_free(copy);
}

static void what_is_no_request_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"\n", "smtpd_access_policy"},
        {"request=junk\n\n", "smtpd_access_policy"},
        {"sender=a@b.example\n\n", "smtpd_access_policy"},
        {"request=smtpd_access_policy\nno equals\n\n", "line 2"},
        {"request=smtpd_access_policy\n=x\n\n", "line 2"},
        {"", "smtpd_access_policy"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request request;
        struct error err = {0};
        if (read_text(rows[i].text, &request, &err) != -1 || err.kind != ERROR_INPUT ||
            strstr(err.text, rows[i].why) == NULL)
            fail_msg("%zu: %s", i, err.text);
    }
}

static void a_request_with_a_nul_byte_or_too_many_lines_is_refused(void **state)
{
    static char text[64 * 1024];
    struct request request;
    struct error err = {0};
    (void)state;
    memcpy(text, "request=smtpd_access_policy\nsender=a\0b\n\n", 40);
    assert_int_equal(request_read(slice_new(text, 40), &request, &err), -1);
    size_t size = (size_t)sprintf(text, "request=smtpd_access_policy\n");
    for (int i = 0; i < REQUEST_MOST_ATTRIBUTES + 1; i++)
        size += (size_t)sprintf(text + size, "x%d=\n", i);
    err = (struct error){0};
    assert_int_equal(request_read(slice_new(text, size), &request, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void the_last_of_two_counts_and_a_bad_number_counts_as_none(void **state)
{
    struct request r;
    char text[] = "request=smtpd_access_policy\r\nsize=9\r\nsize=-3\r\nsender=a\r\nsender=b\r\n"
                  "recipient_count=99999999999999999999\r\nserver_port=x\r\n\r\n";
    (void)state;
    assert_int_equal(request_read(slice_of(text), &r, NULL), 0);
    assert_int_equal(r.size, 0);
    assert_int_equal(r.recipient_count, 0);
    assert_int_equal(r.server_port, 0);
    assert_true(slice_is(r.sender, "b"));
}

/* However the bytes come, the end is found where it is, and never before it is there. */
static void the_end_is_found_in_pieces_of_any_size(void **state)
{
    static const struct {
        const char *text;
        size_t end;
    } rows[] = {
        {"a=b\n\n", 5},         {"a=b\r\n\r\n", 7}, {"\n", 1},      {"\r\n", 2},
        {"a=b\nc=d\n\ne=f", 9}, {"a=b\n", 0},       {"a=b\n\r", 0}, {"a\rb\n\nx\n\n", 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen(rows[i].text), wanted = rows[i].end;
        for (size_t step = 1; step <= size; step++) {
            size_t found = 0, looked_at = 0;
            for (size_t have = step; found == 0; have += step) {
                have = have > size ? size : have;
                struct slice copy = exact_copy(rows[i].text, have);
                found = request_find_end(copy, looked_at);
                exact_free(copy);
                looked_at = have;
                if (found > 0 && found != wanted)
                    fail_msg("row %zu, step %zu: %zu", i, step, found);
                if (have == size)
                    break;
            }
            assert_int_equal(found, wanted);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attribute_of_postfix_37_is_read),
        cmocka_unit_test(what_is_no_request_is_refused_with_its_line),
        cmocka_unit_test(a_request_with_a_nul_byte_or_too_many_lines_is_refused),
        cmocka_unit_test(the_last_of_two_counts_and_a_bad_number_counts_as_none),
        cmocka_unit_test(the_end_is_found_in_pieces_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
