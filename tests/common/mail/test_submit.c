#include "common/mail/submit.h"

#include "tests/common/mail/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct error err;
static const struct submit_times short_times = {.connect_milliseconds = 2000, .reply_seconds = 1};

static int setup(void **state)
{
    (void)state;
    return listener_open();
}

static int teardown(void **state)
{
    (void)state;
    listener_close();
    return 0;
}

static int submit(const char *sender, const char *recipient, struct slice message)
{
    /* Two pieces, so that the seam falls into every place of the table below. */
    struct slice pieces[2] = {slice_part(message, 0, message.size / 2),
                              slice_from(message, message.size / 2)};
    return submit_message_within(listener.server, "mx.example.org", slice_of(sender),
                                 slice_of(recipient), pieces, 2, &short_times, &err);
}

static void the_bytes_arrive_as_they_are(void **state)
{
    (void)state;
    const struct {
        struct slice sent;
        const char *added; /* SMTP cannot carry a message that does not end a line */
    } rows[] = {
        {SLICE_LITERAL("A: b\r\n\r\nbody\r\n"), ""},
        {SLICE_LITERAL(".\r\n"), ""},
        {SLICE_LITERAL("..\r\n.\r\n.a\r\n\r\n.\r\n..\r\n"), ""},
        {SLICE_LITERAL("A: b\r\n\r\nno line end"), "\r\n"},
        {SLICE_LITERAL("A: b\r\n\r\n.dot without line end"), "\r\n"},
        {SLICE_LITERAL("A: b\r\n\r\n."), "\r\n"},
        {SLICE_LITERAL("A: b\r\n\r\nends with cr\r"), "\r\n"},
        {SLICE_LITERAL("A: \xff\xfe\x80\r\n\r\n\xc3\xa1 8 bit \x01\x00 nul\r\n"), ""},
        {SLICE_LITERAL("A: b\r\n\r\nlone cr \r in line\r\r\n"), ""},
        {SLICE_LITERAL("A: b\r\n\r\n\r\n\r\n\r\n"), ""},
        {SLICE_LITERAL("\r\n"), ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(submit("x@example.net", "ana@example.org", rows[i].sent), 0);
        size_t added = strlen(rows[i].added);
        assert_int_equal(listener.size, rows[i].sent.size + added);
        assert_memory_equal(listener.message, rows[i].sent.data, rows[i].sent.size);
        assert_memory_equal(listener.message + rows[i].sent.size, rows[i].added, added);
    }
    assert_int_equal(listener.accepted, sizeof rows / sizeof rows[0]);
}

/* Dots and line ends on every border of libcurl's buffers, and a line of a megabyte. */
static void large_messages_arrive_as_they_are(void **state)
{
    (void)state;
    size_t size = 5u * 1024 * 1024;
    char *bytes = malloc(size);
    for (size_t i = 0; i + 2 < size; i++) {
        static const char pattern[] = "\r\n.\r\n..x";
        bytes[i] = i > 1024 * 1024 && i < 2 * 1024 * 1024 ? 'a' : pattern[i % 8];
    }
    bytes[1024 * 1024] = 'a';
    bytes[2 * 1024 * 1024] = 'a';
    memcpy(bytes + size - 2, "\r\n", 2);
    /* A line that is a dot would be no lone CR or LF: every CR of the pattern has its LF. */
    assert_int_equal(submit("x@example.net", "ana@example.org", slice_new(bytes, size)), 0);
    assert_int_equal(listener.size, size);
    assert_memory_equal(listener.message, bytes, size);
    assert_non_null(strstr(listener.mail_line, "SIZE=5242880"));
    free(bytes);
}

static void the_envelope_is_the_one_given(void **state)
{
    (void)state;
    static const struct {
        const char *sender, *recipient, *mail, *rcpt;
    } rows[] = {
        {"", "ana@example.org", "MAIL FROM:<>", "RCPT TO:<ana@example.org>"},
        {"a+b=c@example.net", "ana+tag@example.org", "MAIL FROM:<a+b=c@example.net>",
         "RCPT TO:<ana+tag@example.org>"},
        {"\"a b\"@example.net", "\"x\\\"y z\"@example.org", "MAIL FROM:<\"a b\"@example.net>",
         "RCPT TO:<\"x\\\"y z\"@example.org>"},
        {"\"a@b\"@example.net", "\"c@d\"@example.org", "MAIL FROM:<\"a@b\"@example.net>",
         "RCPT TO:<\"c@d\"@example.org>"},
        {"\"<a>\"@example.net", "postmaster", "MAIL FROM:<\"<a>\"@example.net>",
         "RCPT TO:<postmaster>"},
        {"a%b!c@example.net", "ana@[127.0.0.1]", "MAIL FROM:<a%b!c@example.net>",
         "RCPT TO:<ana@[127.0.0.1]>"},
        {"jos\xc3\xa9@example.net", "a\xc3\xb1o@example.org", "MAIL FROM:<jos\xc3\xa9@example.net>",
         "RCPT TO:<a\xc3\xb1o@example.org>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(submit(rows[i].sender, rows[i].recipient, slice_of("A: b\r\n")), 0);
        size_t size = strlen(rows[i].mail);
        assert_memory_equal(listener.mail_line, rows[i].mail, size);
        assert_true(listener.mail_line[size] == ' ' || listener.mail_line[size] == '\0');
        assert_string_equal(listener.rcpt_line, rows[i].rcpt);
    }
    assert_non_null(strstr(listener.mail_line, " SMTPUTF8"));
    assert_string_equal(listener.helo_line, "EHLO mx.example.org\r\n");
}

static void what_the_server_says_decides(void **state)
{
    (void)state;
    static const struct {
        struct listener_script script;
        enum error_kind kind;
        const char *says;
    } rows[] = {
        {{.greeting = "421 4.3.2 busy"}, ERROR_TEMPORARY, "421"},
        {{.greeting = "554 5.3.2 closed"}, ERROR_TEMPORARY, "554"},
        {{.mail = "450 4.1.8 later"}, ERROR_TEMPORARY, "450"},
        {{.mail = "552 5.3.4 too large"}, ERROR_INPUT, "552"},
        {{.rcpt = "451 4.3.0 later"}, ERROR_TEMPORARY, "451"},
        {{.rcpt = "550 5.1.1 unknown"}, ERROR_INPUT, "550"},
        {{.data = "451 4.3.0 later"}, ERROR_TEMPORARY, "451"},
        {{.data = "554 5.5.1 no valid recipients"}, ERROR_INPUT, "554"},
        {{.end = "452 4.3.1 no room"}, ERROR_TEMPORARY, "452"},
        {{.end = "554 5.6.0 no"}, ERROR_INPUT, "554"},
        {{.greeting = ""}, ERROR_TEMPORARY, "127.0.0.1"},
        {{.end = ""}, ERROR_TEMPORARY, "127.0.0.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        listener.script = rows[i].script;
        assert_int_equal(submit("x@example.net", "ana@example.org", slice_of("A: b\r\n")), -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_null(strstr(err.text, "ana"));
    }
    assert_int_equal(listener.accepted, 0);
}

static void bad_arguments_open_no_connection(void **state)
{
    (void)state;
    static const struct {
        const char *server, *helo, *sender, *recipient;
        enum error_kind kind;
    } rows[] = {
        {NULL, "h", "a@b\r\nRCPT TO:<c@d>", "ana@example.org", ERROR_INPUT},
        {NULL, "h", "", "ana@example.org>\r\nDATA", ERROR_INPUT},
        {NULL, "h", "", "", ERROR_INPUT},
        {NULL, "h\r\nx", "", "ana@example.org", ERROR_USAGE},
        {NULL, "", "", "ana@example.org", ERROR_USAGE},
        {"", "h", "", "ana@example.org", ERROR_USAGE},
        {"127.0.0.1:1/x", "h", "", "ana@example.org", ERROR_USAGE},
        {"127.0.0.1:1", "h", "", "ana@example.org", ERROR_TEMPORARY},
        {"127.0.0.1:99999", "h", "", "ana@example.org", ERROR_TEMPORARY},
    };
    struct slice piece = slice_of("A: b\r\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *server = rows[i].server == NULL ? listener.server : rows[i].server;
        assert_int_equal(submit_message_within(server, rows[i].helo, slice_of(rows[i].sender),
                                               slice_of(rows[i].recipient), &piece, 1, &short_times,
                                               &err),
                         -1);
        assert_int_equal(err.kind, rows[i].kind);
    }
    assert_int_equal(listener.sessions, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_bytes_arrive_as_they_are),     TEST(large_messages_arrive_as_they_are),
        TEST(the_envelope_is_the_one_given),    TEST(what_the_server_says_decides),
        TEST(bad_arguments_open_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
