#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/mail/auth.h"
#include "common/mail/dns_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASES "tests/cases/dkim/"

static struct settings settings;

static int set_up(void **state)
{
    (void)state;
    settings_set_defaults(&settings);
    return 0;
}

static void authenticate(const char *zone, const char *message, const struct auth_client *client,
                         struct arena *arena, struct auth_answer *answer_out)
{
    struct dns *dns = NULL;
    struct error err = {0};
    size_t size = strlen(message);
    char *exact = malloc(size + 1);
    memcpy(exact, message, size);
    if (dns_open_zone(slice_of(zone), &dns, &err) != 0 ||
        auth_message(dns, &settings, client, slice_new(exact, size), arena, answer_out, &err) != 0)
        fail_msg("%s", err.text);
    free(exact);
    dns_close(dns);
}

static const struct auth_client nobody = {.is_known = false};

static void from_fields_and_mailboxes_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *header, *domain;
        size_t count;
    } rows[] = {
        {"From: Ana <ana@Example.com>", "example.com", 1},
        {"from:\r\n ana@example.com", "example.com", 1},
        {"To: x@example.com", "", 0},
        {"From: a@example.com, b@example.com", "example.com", 2},
        {"From: a@example.com, b@example.net", "", 2},
        {"From: a@example.com\r\nFROM : b@example.com", "", 2},
        {"From: a@espa\xc3\xb1"
         "a.example",
         "xn--espaa-rta.example", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        char message[512];
        struct auth_answer answer;
        snprintf(message, sizeof message, "%s\r\n\r\nbody\r\n", rows[i].header);
        authenticate("example.com A 192.0.2.1\n", message, &nobody, arena, &answer);
        if (answer.from_count != rows[i].count || !slice_is(answer.from_domain, rows[i].domain))
            fail_msg("%s: %zu, \"" SLICE_FORMAT "\"", rows[i].header, answer.from_count,
                     SLICE_ARGUMENTS(answer.from_domain));
        assert_false(answer.has_client);
        assert_int_equal(answer.spf.result, SPF_NONE);
        assert_int_equal(answer.dkim.count, 0);
    }
}

/* A signed message with LF for each CRLF verifies as it did. */
static void line_ends_of_a_file_do_not_matter(void **state)
{
    (void)state;
    static const char *const cases[] = {"rfc8463-appendix-a", "body-eight-bit-simple-simple",
                                        "header-folded-oddly-simple", "body-empty-relaxed-relaxed",
                                        "body-no-final-line-end-simple-simple"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[256];
        BUFFER_CLEANUP message = buffer_new(MIB), zone = buffer_new(MIB), lf = buffer_new(MIB);
        snprintf(path, sizeof path, CASES "%s/message.eml", cases[i]);
        assert_int_equal(file_read(path, &message, NULL), 0);
        snprintf(path, sizeof path, CASES "%s/zone", cases[i]);
        assert_int_equal(file_read(path, &zone, NULL), 0);
        for (size_t at = 0; at < message.size; at++)
            if (message.data[at] != '\r')
                buffer_append_byte(&lf, message.data[at]);
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct auth_answer answer;
        authenticate(zone.data, lf.data, &nobody, arena, &answer);
        assert_true(answer.dkim.count > 0);
        for (size_t j = 0; j < answer.dkim.count; j++)
            if (answer.dkim.signatures[j].result != DKIM_PASS)
                fail_msg("%s: %s", cases[i], answer.dkim.signatures[j].reason);
    }
}

static const char zone[] = "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n"
                           "news.example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "bare.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "sub.bare.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "helo.example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                           "example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";

static void sender_is_proven_only_by_what_speaks_for_its_domain(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *ip, *sender, *from;
        bool is_proven;
    } rows[] = {
        {"DMARC pass", "192.0.2.1", "a@example.com", "a@example.com", true},
        {"DMARC pass from below", "192.0.2.1", "a@news.example.com", "a@example.com", true},
        {"DMARC fail", "192.0.2.9", "a@example.com", "a@example.com", false},
        {"SPF of another domain", "192.0.2.1", "a@bare.example", "a@example.com", false},
        {"null sender, HELO of the organization", "192.0.2.1", "", "a@example.com", true},
        {"no DMARC record, same domain", "192.0.2.1", "a@bare.example", "a@bare.example", true},
        {"no DMARC record, domain above", "192.0.2.1", "a@bare.example", "a@x.bare.example", true},
        {"no DMARC record, domain below", "192.0.2.1", "a@sub.bare.example", "a@bare.example",
         false},
        {"no DMARC record, top domain", "192.0.2.1", "a@example", "a@bare.example", false},
        {"two mailboxes", "192.0.2.1", "a@bare.example", "a@bare.example, b@bare.example", false},
        {"no client address", "", "a@bare.example", "a@bare.example", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct auth_client client = {.ip = slice_of(rows[i].ip),
                                     .helo = slice_of("helo.example.com"),
                                     .sender = slice_of(rows[i].sender),
                                     .is_known = true};
        char message[512];
        struct auth_answer answer;
        struct slice proven = {NULL, 0};
        snprintf(message, sizeof message, "From: %s\r\n\r\nbody\r\n", rows[i].from);
        authenticate(zone, message, &client, arena, &answer);
        if (auth_proves_sender(&answer, &proven) != rows[i].is_proven)
            fail_msg("%s: spf=%s dmarc=%s", rows[i].claim, spf_result_name(answer.spf.result),
                     dmarc_result_name(answer.dmarc.result));
        assert_int_equal(proven.size > 0, rows[i].is_proven);
    }
}

static void open_end_of_a_body_proves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *dmarc;
        bool is_proven;
    } rows[] = {{"length-whole", "", true},
                {"length-whole", "_dmarc.example.com TXT \"v=DMARC1; p=none\"\n", true},
                {"length-text-added", "", false},
                {"length-text-added", "_dmarc.example.com TXT \"v=DMARC1; p=none\"\n", false},
                {"header-second-from-on-top", "", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[256];
        BUFFER_CLEANUP message = buffer_new(MIB), names = buffer_new(MIB);
        snprintf(path, sizeof path, CASES "%s/message.eml", rows[i].name);
        assert_int_equal(file_read(path, &message, NULL), 0);
        snprintf(path, sizeof path, CASES "%s/zone", rows[i].name);
        assert_int_equal(file_read(path, &names, NULL), 0);
        buffer_append_text(&names, rows[i].dmarc);
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct auth_answer answer;
        struct slice proven;
        authenticate(names.data, message.data, &nobody, arena, &answer);
        if (auth_proves_sender(&answer, &proven) != rows[i].is_proven)
            fail_msg("%s: dmarc=%s", rows[i].name, dmarc_result_name(answer.dmarc.result));
    }
}

static void dead_dns_is_temperror_and_no_failure(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct auth_client client = {.ip = slice_of("192.0.2.1"),
                                 .helo = slice_of("x"),
                                 .sender = slice_of("a@example.com"),
                                 .is_known = true};
    struct auth_answer answer;
    struct slice message = slice_of("From: a@example.com\r\nDKIM-Signature: v=1; a=rsa-sha256; "
                                    "d=example.com; s=s; h=from; bh=AAAA; b=AAAA\r\n\r\n");
    struct error err = {0};
    assert_int_equal(auth_message(NULL, &settings, &client, message, arena, &answer, &err), 0);
    assert_int_equal(answer.spf.result, SPF_TEMPERROR);
    assert_int_equal(answer.dkim.signatures[0].result, DKIM_TEMPERROR);
    assert_int_equal(answer.dmarc.result, DMARC_TEMPERROR);
    struct slice proven;
    assert_false(auth_proves_sender(&answer, &proven));
}

static void who_signed_are_the_domains_of_whole_valid_signatures(void **state)
{
    (void)state;
    struct dkim_signature signatures[] = {
        {.result = DKIM_PASS, .domain = SLICE_LITERAL("one.example")},
        {.result = DKIM_FAIL, .domain = SLICE_LITERAL("forged.example")},
        {.result = DKIM_PASS, .domain = SLICE_LITERAL("open.example"), .is_partial = true},
        {.result = DKIM_PASS, .domain = SLICE_LITERAL("two.example")},
        {.result = DKIM_PASS, .domain = SLICE_LITERAL("one.example")},
        {.result = DKIM_TEMPERROR, .domain = SLICE_LITERAL("late.example")},
    };
    ARENA_CLEANUP *arena = arena_new(1 << 16);
    struct auth_answer answer = {.dkim = {signatures, sizeof signatures / sizeof signatures[0]}};
    assert_true(slice_is(auth_signed_by(&answer, arena), "one.example two.example"));
    answer.dkim.count = 0;
    assert_int_equal(auth_signed_by(&answer, arena).size, 0);
    answer.dkim = (struct dkim_answer){signatures + 1, 2};
    assert_int_equal(auth_signed_by(&answer, arena).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_fields_and_mailboxes_are_counted),
        cmocka_unit_test(line_ends_of_a_file_do_not_matter),
        cmocka_unit_test(sender_is_proven_only_by_what_speaks_for_its_domain),
        cmocka_unit_test(open_end_of_a_body_proves_nothing),
        cmocka_unit_test(dead_dns_is_temperror_and_no_failure),
        cmocka_unit_test(who_signed_are_the_domains_of_whole_valid_signatures),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
