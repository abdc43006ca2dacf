#include "milter/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/files.h"
#include "common/mail/dns_zone.h"
#include "milter/explain.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the steps need, without a database: every recipient has these wishes. */
struct bench {
    char path[64];
    struct settings settings;
    struct dns *dns;
    struct matcher *matcher;
    struct wishes wishes;
    struct message_tools tools;
    struct arena *arena, *scan_arena;
    struct slice recipient;
    struct envelope envelope;
    char *bytes; /* of the last message; the result points into them */
};

static const char list[] = "%zaguan-list 1\n"
                           "%name        steps\n"
                           "%list-id     00000000000000aa\n"
                           "%seq         1\n"
                           "%issued      2026-11-01T00:00:00Z\n"
                           "%scope       What the tests find.\n"
                           "%languages   es\n"
                           "%max-action  hold\n"
                           "\n"
                           "+ phrase \"frase prohibida\"\n"
                           "  id 00000001  cat threat  sev 4  lang es  scope subject,body\n"
                           "  added 2026-11-01  expires 2099-10-01  basis own\n"
                           "@end 1\n";

static const char zone[] = "$TTL 60\n"
                           "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n";

static void open_bench(struct bench *b)
{
    struct error err = {0};
    memset(b, 0, sizeof *b);
    strcpy(b->path, "/tmp/zaguan-list-XXXXXX");
    int fd = mkstemp(b->path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(file_write(b->path, slice_of(list), 0600, &err), 0);
    const char *const paths[] = {b->path};
    if (matcher_new(paths, 1, &b->matcher, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(dns_open_zone(slice_of(zone), &b->dns, &err), 0);
    settings_set_defaults(&b->settings);
    wishes_set_defaults(&b->wishes);
    b->tools = (struct message_tools){.settings = &b->settings,
                                      .dns = b->dns,
                                      .wishes = &b->wishes,
                                      .matcher = b->matcher,
                                      .now = 1800000000};
    b->arena = arena_new(1 << 24);
    b->scan_arena = arena_new(1 << 26);
    b->recipient = slice_of("<ana@example.org>");
    b->envelope = (struct envelope){.client_ip = slice_of("192.0.2.1"),
                                    .helo = slice_of("mx.example.com"),
                                    .sender = slice_of("a@example.com"),
                                    .queue_id = slice_of("Q"),
                                    .recipients = &b->recipient,
                                    .recipient_count = 1};
}

static void close_bench(struct bench *b)
{
    unlink(b->path);
    free(b->bytes);
    matcher_free(b->matcher);
    dns_close(b->dns);
    arena_free(b->arena);
    arena_free(b->scan_arena);
}

/* The message in memory of its exact size, so that the sanitizer sees a read too far. */
static struct message_result *run(struct bench *b, const char *text)
{
    struct message_result *result = NULL;
    struct error err = {0};
    size_t size = strlen(text);
    free(b->bytes);
    char *exact = b->bytes = malloc(size == 0 ? 1 : size);
    assert_non_null(exact);
    memcpy(exact, text, size);
    if (message_run(&b->tools, &b->envelope, slice_new(exact, size), b->arena, b->scan_arena,
                    &result, &err) != 0)
        fail_msg("%s", err.text);
    return result;
}

#define HEADER "From: Alguien <a@example.com>\r\nSubject: Hola\r\n"

static void the_steps_find_authenticate_and_decide(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    struct message_result *result = run(&b, HEADER "\r\nUna frase prohibida.\r\n");
    assert_int_equal(result->auth.spf.result, SPF_PASS);
    assert_int_equal(result->auth.dmarc.result, DMARC_PASS);
    assert_true(result->is_looked_at);
    assert_true(result->is_scanned);
    assert_int_equal(result->hits.count, 1);
    assert_int_equal(result->recipients[0].verdict.action, VERDICT_HOLD);
    assert_true(slice_is(result->recipients[0].verdict.category, "threat"));
    close_bench(&b);
}

static void line_ends_may_be_lf_alone(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    struct message_result *result =
        run(&b, "From: a@example.com\nSubject: Hola\n\nUna frase prohibida.\n");
    assert_int_equal(result->hits.count, 1);
    assert_int_equal(result->auth.dmarc.result, DMARC_PASS);
    close_bench(&b);
}

static void without_a_yes_the_text_is_not_looked_at(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    b.tools.wishes = NULL;
    struct message_result *result = run(&b, HEADER "\r\nUna frase prohibida.\r\n");
    assert_false(result->is_looked_at);
    assert_false(result->is_scanned);
    assert_int_equal(result->hits.count, 0);
    assert_int_equal(result->letter.texts.count, 0);
    assert_int_equal(result->letter.subject.size, 0);
    assert_int_equal(arena_used_bytes(b.scan_arena), 0);
    assert_int_equal(result->recipients[0].verdict.action, VERDICT_NONE);
    assert_int_equal(result->auth.spf.result, SPF_PASS);
    close_bench(&b);
}

static void without_lists_it_passes_unscanned(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    b.tools.matcher = NULL;
    struct message_result *result = run(&b, HEADER "\r\nUna frase prohibida.\r\n");
    assert_false(result->is_scanned);
    assert_int_equal(result->limit_count, 1);
    assert_true(result->recipients[0].verdict.is_unscanned);
    assert_int_equal(result->recipients[0].verdict.action, VERDICT_NONE);
    close_bench(&b);
}

/* A message may need more memory than it is given: that costs the scan, never the mail. */
static void lack_of_room_for_the_text_leaves_it_unscanned(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    arena_free(b.scan_arena);
    b.scan_arena = arena_new(64);
    struct message_result *result = run(&b, HEADER "\r\nUna frase prohibida.\r\n");
    assert_false(result->is_scanned);
    assert_true(result->limit_count > 0);
    assert_int_equal(result->recipients[0].verdict.action, VERDICT_NONE);
    close_bench(&b);
}

static void what_stands_on_the_letter_is_read(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    struct message_result *result =
        run(&b, "From: =?utf-8?q?Mar=C3=ADa?= <Ma@Example.com>\r\nSubject: "
                "=?utf-8?b?wqFIb2xhIQ==?=\r\nAuto-Submitted: auto-generated\r\n\r\nx\r\n");
    assert_true(slice_is(result->letter.from_display, "Mar\xc3\xad"
                                                      "a"));
    assert_true(slice_is(result->letter.from_canonical, "ma@example.com"));
    assert_true(slice_is(result->letter.subject, "\xc2\xa1Hola!"));
    assert_true(result->letter.is_automatic);
    assert_false(result->letter.is_transactional);
    close_bench(&b);
}

static void odd_messages_are_decided_about_all_the_same(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "",
        "\r\n",
        "\n",
        "no header at all",
        ":",
        ": x\r\n\r\ny",
        "From:",
        "From: \r\nFrom: b@example.com, c@example.com\r\n\r\n",
        "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n----",
        "Subject: =?utf-8?q?=?=\r\n\r\n\xff\xfe",
        "DKIM-Signature: v=1; a=; b=\r\n\r\n",
    };
    struct bench b;
    open_bench(&b);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct message_result *result = run(&b, odd[i]);
        assert_int_equal(result->recipient_count, 1);
        assert_int_not_equal(result->recipients[0].verdict.action, VERDICT_HOLD);
        BUFFER_CLEANUP words = buffer_new(1 << 16);
        explain_write(result, &words);
        assert_false(words.has_overflowed);
        arena_reset(b.arena);
        arena_reset(b.scan_arena);
    }
    close_bench(&b);
}

static void the_message_in_pieces_is_the_same_message(void **state)
{
    (void)state;
    struct bench b;
    struct message *message;
    struct message_result *result;
    struct error err = {0};
    open_bench(&b);
    static const char body[] = "Una frase prohibida.\r\n";
    assert_int_equal(message_begin(&b.tools, &b.envelope, b.arena, b.scan_arena, &message, &err),
                     0);
    assert_true(message_is_looked_at(message));
    message_field(message, slice_of("From: Alguien <a@example.com>"));
    message_field(message, slice_of("Subject: Hola"));
    message_end_of_header(message);
    for (size_t i = 0; i < sizeof body - 1; i++)
        message_body(message, slice_new(body + i, 1));
    assert_int_equal(message_finish(message, &b.tools,
                                    slice_of(HEADER "\r\nUna frase prohibida.\r\n"), true, &result,
                                    &err),
                     0);
    message_drop(message);
    assert_int_equal(result->auth.dmarc.result, DMARC_PASS);
    assert_int_equal(result->recipients[0].verdict.action, VERDICT_HOLD);
    close_bench(&b);
}

/* What could not be kept cannot be read; a shield would still hold it, and that is decided. */
static void a_message_that_could_not_be_kept_is_unscanned(void **state)
{
    (void)state;
    struct bench b;
    struct message *message;
    struct message_result *result;
    struct error err = {0};
    open_bench(&b);
    b.wishes.shield_until = b.tools.now + 1000;
    assert_int_equal(message_begin(&b.tools, &b.envelope, b.arena, b.scan_arena, &message, &err),
                     0);
    message_end_of_header(message);
    assert_int_equal(message_finish(message, &b.tools, slice_new(NULL, 0), false, &result, &err),
                     0);
    message_drop(message);
    assert_false(result->is_whole);
    assert_false(result->is_scanned);
    assert_int_equal(result->recipients[0].verdict.action, VERDICT_HOLD);
    close_bench(&b);
}

static void explain_can_show_what_a_burst_would_do(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *rule; /* NULL: nothing waits */
    } rows[] = {
        {"Subject: Confirma tu correo\r\n", "lane"},
        {"Subject: Novedades\r\nList-Id: <n.tienda.example>\r\n", "lane"},
        {"Subject: 123456 es tu codigo\r\n", "lane-codes"},
        {"Subject: Hola\r\n", NULL},
    };
    struct bench b;
    open_bench(&b);
    for (int is_burst = 0; is_burst <= 1; is_burst++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            char mail[256];
            snprintf(mail, sizeof mail, "From: x@tienda.example\r\n%s\r\nHola.\r\n",
                     rows[i].fields);
            b.tools.is_burst = is_burst;
            const struct verdict *verdict = &run(&b, mail)->recipients[0].verdict;
            bool waits = is_burst && rows[i].rule != NULL;
            assert_int_equal(verdict->action, waits ? VERDICT_HOLD : VERDICT_NONE);
            assert_true(!waits || slice_is(verdict->reasons[0].rule, rows[i].rule));
        }
    }
    b.wishes.lane = WISH_LANE_OFF;
    assert_int_equal(run(&b, "From: x@tienda.example\r\nSubject: Confirma tu correo\r\n\r\n.\r\n")
                         ->recipients[0]
                         .verdict.action,
                     VERDICT_NONE);
    close_bench(&b);
}

static void an_explanation_moves_no_cursor(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b);
    struct message_result *result =
        run(&b, HEADER "\r\nUna frase\x1b[2J prohibida. frase \xc2\x9b prohibida\r\n");
    BUFFER_CLEANUP words = buffer_new(1 << 16);
    explain_write(result, &words);
    assert_int_equal(slice_find_byte(buffer_slice(&words), '\x1b'), words.size);
    assert_int_equal(slice_find(buffer_slice(&words), slice_of("\xc2\x9b")), words.size);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_find_authenticate_and_decide),
        cmocka_unit_test(line_ends_may_be_lf_alone),
        cmocka_unit_test(without_a_yes_the_text_is_not_looked_at),
        cmocka_unit_test(without_lists_it_passes_unscanned),
        cmocka_unit_test(lack_of_room_for_the_text_leaves_it_unscanned),
        cmocka_unit_test(what_stands_on_the_letter_is_read),
        cmocka_unit_test(odd_messages_are_decided_about_all_the_same),
        cmocka_unit_test(the_message_in_pieces_is_the_same_message),
        cmocka_unit_test(a_message_that_could_not_be_kept_is_unscanned),
        cmocka_unit_test(explain_can_show_what_a_burst_would_do),
        cmocka_unit_test(an_explanation_moves_no_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
