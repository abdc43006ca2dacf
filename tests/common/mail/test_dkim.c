#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/mail/dkim.h"
#include "common/mail/dns_zone.h"
#include "common/mail/header.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASES "tests/cases/dkim"

static struct slice exact_copy(struct slice bytes)
{
    char *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.size);
    return slice_new(copy, bytes.size);
}

static void read_case(const char *name, const char *file, struct buffer *into)
{
    char path[512];
    struct error err = {0};
    snprintf(path, sizeof path, CASES "/%s/%s", name, file);
    if (file_read(path, into, &err) != 0)
        fail_msg("%s", err.text);
}

static void verify(struct dns *dns, struct slice message, size_t piece_size, struct arena *arena,
                   struct dkim_answer *answer_out)
{
    struct dkim_verifier *verifier = dkim_verifier_new(dns, arena);
    assert_non_null(verifier);
    struct header_field field;
    struct slice rest = message;
    while (header_next(&rest, &field)) {
        struct slice whole = exact_copy(slice_part(field.whole, 0, field.whole.size - 2));
        dkim_verifier_field(verifier, whole);
        free((void *)(uintptr_t)whole.data);
    }
    dkim_verifier_end_of_header(verifier, deadline_in(1000));
    for (; rest.size > 0; rest = slice_from(rest, piece_size)) {
        struct slice piece = exact_copy(slice_part(rest, 0, piece_size));
        dkim_verifier_body(verifier, piece);
        free((void *)(uintptr_t)piece.data);
    }
    dkim_verifier_finish(verifier, deadline_in(1000), answer_out);
    dkim_verifier_free(verifier);
}

/* "pass fail" of all signatures, or "none". */
static void name_results(const struct dkim_answer *answer, struct buffer *into)
{
    for (size_t i = 0; i < answer->count; i++)
        buffer_printf(into, "%s%s", i > 0 ? " " : "",
                      dkim_result_name(answer->signatures[i].result));
    if (answer->count == 0)
        buffer_append_text(into, "none");
}

static bool has_reason(const struct dkim_answer *answer, struct slice wanted)
{
    for (size_t i = 0; i < answer->count; i++)
        if (slice_find(slice_of(answer->signatures[i].reason), wanted) <
                slice_of(answer->signatures[i].reason).size ||
            (slice_is(wanted, "partial") && answer->signatures[i].is_partial))
            return true;
    return false;
}

static size_t wrong_count;

/* Says which case is wrong and goes on with the next. */
static void PRINTF_LIKE(1, 2) note_wrong(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprint_error(format, arguments);
    va_end(arguments);
    wrong_count++;
}

static void expect_case(const char *name, size_t piece_size)
{
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES), zone = buffer_new(MIB),
                   expect = buffer_new(MIB), results = buffer_new(MIB);
    read_case(name, "message.eml", &message);
    read_case(name, "zone", &zone);
    read_case(name, "expect", &expect);
    ARENA_CLEANUP *arena = arena_new(8 * MIB);
    struct dns *dns = NULL;
    struct error err = {0};
    if (dns_open_zone(buffer_slice(&zone), &dns, &err) != 0)
        fail_msg("%s: %s", name, err.text);
    struct dkim_answer answer;
    verify(dns, buffer_slice(&message), piece_size, arena, &answer);
    name_results(&answer, &results);
    struct slice rest = slice_trim(buffer_slice(&expect)), line;
    assert_true(slice_next(&rest, '\n', &line));
    if (!slice_equals(line, buffer_slice(&results)))
        note_wrong("%s: %s, not " SLICE_FORMAT " (%s)\n", name, results.data, SLICE_ARGUMENTS(line),
                   answer.count > 0 && answer.signatures[0].reason != NULL
                       ? answer.signatures[0].reason
                       : "no reason");
    while (slice_next(&rest, '\n', &line))
        if (!has_reason(&answer, line))
            note_wrong("%s: no reason has the words \"" SLICE_FORMAT "\"\n", name,
                       SLICE_ARGUMENTS(line));
    for (size_t i = 0; i < answer.count; i++)
        assert_int_equal(answer.signatures[i].reason == NULL,
                         answer.signatures[i].result == DKIM_PASS);
    dns_close(dns);
}

static void expect_all(size_t piece_size)
{
    DIR *folder = opendir(CASES);
    assert_non_null(folder);
    size_t count = 0;
    wrong_count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.' && strchr(entry->d_name, '.') == NULL) {
            expect_case(entry->d_name, piece_size);
            count++;
        }
    closedir(folder);
    assert_true(count >= 190);
    assert_int_equal(wrong_count, 0);
}

static void every_case_has_the_result_it_claims(void **state)
{
    (void)state;
    expect_all(64 * 1024);
}

static void body_in_any_pieces_has_the_same_hash(void **state)
{
    (void)state;
    expect_all(1);
    expect_all(7);
}

static void without_dns_a_good_signature_is_temperror(void **state)
{
    (void)state;
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES);
    read_case("key-only-p", "message.eml", &message);
    ARENA_CLEANUP *arena = arena_new(8 * MIB);
    struct dkim_answer answer;
    verify(NULL, buffer_slice(&message), 4096, arena, &answer);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.signatures[0].result, DKIM_TEMPERROR);
}

static void what_a_signature_says_of_itself_is_shown_also_when_it_is_broken(void **state)
{
    (void)state;
    static const char field[] = "DKIM-Signature: a=rsa-sha256; d=Example.COM; s=Sel; b=ab cd\r\n"
                                " efghij; i=@example.com";
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct dkim_verifier *verifier = dkim_verifier_new(NULL, arena);
    dkim_verifier_field(verifier, slice_of(field));
    dkim_verifier_end_of_header(verifier, deadline_in(10));
    struct dkim_answer answer;
    dkim_verifier_finish(verifier, deadline_in(10), &answer);
    assert_int_equal(answer.count, 1);
    assert_true(slice_is(answer.signatures[0].domain, "example.com"));
    assert_true(slice_is(answer.signatures[0].selector, "sel"));
    assert_true(slice_is(answer.signatures[0].signature_start, "abcdefgh"));
    assert_int_equal(answer.signatures[0].result, DKIM_PERMERROR);
    dkim_verifier_free(verifier);
}

static void a_header_beyond_the_limit_is_neutral(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(8 * MIB);
    struct dkim_verifier *verifier = dkim_verifier_new(NULL, arena);
    dkim_verifier_field(verifier, slice_of("DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; "
                                           "h=from; bh=AAAA; b=AAAA"));
    for (size_t i = 0; i < LIMIT_HEADER_FIELDS; i++)
        dkim_verifier_field(verifier, slice_of("X: 1"));
    dkim_verifier_end_of_header(verifier, deadline_in(10));
    struct dkim_answer answer;
    dkim_verifier_finish(verifier, deadline_in(10), &answer);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.signatures[0].result, DKIM_NEUTRAL);
    dkim_verifier_free(verifier);
}

static void no_room_never_crashes_and_never_passes(void **state)
{
    (void)state;
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES), zone = buffer_new(MIB);
    read_case("key-only-p", "message.eml", &message);
    read_case("key-only-p", "zone", &zone);
    struct dns *dns = NULL;
    assert_int_equal(dns_open_zone(buffer_slice(&zone), &dns, NULL), 0);
    size_t passed = 0;
    for (size_t budget = 20 * KIB; budget < 64 * KIB; budget += 512) {
        ARENA_CLEANUP *arena = arena_new(budget);
        struct dkim_verifier *verifier = dkim_verifier_new(dns, arena);
        struct header_field field;
        struct slice rest = buffer_slice(&message);
        while (header_next(&rest, &field))
            dkim_verifier_field(verifier, slice_part(field.whole, 0, field.whole.size - 2));
        dkim_verifier_end_of_header(verifier, deadline_in(1000));
        dkim_verifier_body(verifier, rest);
        struct dkim_answer answer;
        dkim_verifier_finish(verifier, deadline_in(1000), &answer);
        bool is_pass = answer.count == 1 && answer.signatures[0].result == DKIM_PASS;
        assert_false(is_pass && arena_is_exhausted(arena));
        passed += is_pass ? 1 : 0;
        dkim_verifier_free(verifier);
    }
    assert_true(passed > 0); /* the last budgets are enough */
    dns_close(dns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_has_the_result_it_claims),
        cmocka_unit_test(body_in_any_pieces_has_the_same_hash),
        cmocka_unit_test(without_dns_a_good_signature_is_temperror),
        cmocka_unit_test(what_a_signature_says_of_itself_is_shown_also_when_it_is_broken),
        cmocka_unit_test(a_header_beyond_the_limit_is_neutral),
        cmocka_unit_test(no_room_never_crashes_and_never_passes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    dkim_teardown();
    return failed;
}
