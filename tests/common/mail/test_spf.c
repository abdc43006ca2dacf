/* Every case of tests/cases/spf is a test of its own, asked of a zone in memory. */
#include "common/mail/dns_zone.h"
#include "common/mail/spf.h"
#include "tests/common/mail/case_file.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void check_number(const struct case_row *row, const char *key, int seen)
{
    long long wanted = 0;
    if (slice_to_number(case_value(row, key), 0, 1000, &wanted))
        assert_int_equal(seen, wanted);
}

static void answers_as_the_case_says(void **state)
{
    const struct case_row *row = *state;
    struct dns *dns = NULL;
    struct error err = {0};
    if (dns_open_zone(row->zone, &dns, &err) != 0)
        fail_msg("%s", err.text);
    struct slice ip = case_value(row, "ip"), helo = case_value(row, "helo"),
                 sender = case_value(row, "sender");
    struct spf_request request = {exact_copy(ip.data, ip.size),
                                  exact_copy(helo.data == NULL ? "" : helo.data, helo.size),
                                  exact_copy(sender.data == NULL ? "" : sender.data, sender.size),
                                  exact_text("receiver.test")};
    ARENA_CLEANUP *arena = arena_new(4 * MIB);
    struct spf_answer answer;
    spf_check(dns, &request, deadline_in(5000), arena, &answer);
    assert_slice_is(case_value(row, "spf"), spf_result_name(answer.result));
    char *wanted = exact_string(case_value(row, "explanation"));
    assert_slice_is(answer.explanation, wanted);
    free(wanted);
    check_number(row, "lookups", answer.lookup_count);
    check_number(row, "voids", answer.void_count);
    bool is_error = answer.result == SPF_PERMERROR || answer.result == SPF_TEMPERROR;
    assert_true(!is_error || answer.problem != NULL);
    exact_free(request.client_ip);
    exact_free(request.helo);
    exact_free(request.sender);
    exact_free(request.receiver);
    dns_close(dns);
}

/* A resolver that could not be opened is trouble, not an answer. */
static void without_a_resolver_everything_is_temporary(void **state)
{
    (void)state;
    struct spf_request request = {slice_of("192.0.2.1"), slice_of("h.test"), slice_of("a@b.test"),
                                  slice_of("")};
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct spf_answer answer;
    spf_check(NULL, &request, deadline_in(5000), arena, &answer);
    assert_int_equal(answer.result, SPF_TEMPERROR);
}

static void without_time_left_everything_is_temporary(void **state)
{
    (void)state;
    struct dns *dns = NULL;
    assert_int_equal(dns_open_zone(slice_of("b.test TXT \"v=spf1 ptr -all\""), &dns, NULL), 0);
    struct spf_request request = {slice_of("192.0.2.1"), slice_of("h.test"), slice_of("a@b.test"),
                                  slice_of("")};
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct spf_answer answer;
    spf_check(dns, &request, deadline_in(0), arena, &answer);
    assert_int_equal(answer.result, SPF_TEMPERROR);
    dns_close(dns);
}

/* Ten times ten hosts of 5,000 addresses each: the check ends, the message's arena is left alone.
 */
static void a_flood_of_addresses_costs_the_message_nothing(void **state)
{
    (void)state;
    struct dns *dns = NULL;
    struct slice zone = exact_text(
        "flood.test TXT \"v=spf1 mx mx mx mx mx mx mx mx mx mx ~all\"\n"
        "$GENERATE 1-10 flood.test MX 10 f.test\n$GENERATE 1-5000 f.test A 198.51.100.7\n");
    assert_int_equal(dns_open_zone(zone, &dns, NULL), 0);
    struct spf_request request = {slice_of("192.0.2.1"), slice_of("h.test"),
                                  slice_of("a@flood.test"), slice_of("")};
    ARENA_CLEANUP *arena = arena_new(4 * KIB);
    struct spf_answer answer;
    spf_check(dns, &request, deadline_in(60000), arena, &answer);
    assert_int_equal(answer.result, SPF_TEMPERROR);
    assert_slice_is(answer.domain, "flood.test");
    assert_true(arena_used_bytes(arena) < 1 * KIB);
    exact_free(zone);
    dns_close(dns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_resolver_everything_is_temporary),
        cmocka_unit_test(without_time_left_everything_is_temporary),
        cmocka_unit_test(a_flood_of_addresses_costs_the_message_nothing),
    };
    struct case_set set;
    case_set_read("spf", &set);
    struct CMUnitTest *cases = calloc(set.count, sizeof *cases);
    if (cases == NULL)
        return 1;
    for (size_t i = 0; i < set.count; i++) {
        cases[i].name = set.rows[i].name;
        cases[i].test_func = answers_as_the_case_says;
        cases[i].initial_state = &set.rows[i];
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += _cmocka_run_group_tests("cases", cases, set.count, NULL, NULL);
    free(cases);
    arena_free(set.arena);
    return failed;
}
