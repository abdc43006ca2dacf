#include "policy/answer_log.h"

#include "common/base/log.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)

static struct written {
    int file, stderr_before;
    char text[256 * 1024];
} written;

/* Standard error is a file for the time of a test. */
static int catch_lines(void **state)
{
    char path[] = "/tmp/zaguan-test.XXXXXX";
    (void)state;
    written.file = mkstemp(path);
    written.stderr_before = dup(STDERR_FILENO);
    if (sodium_init() < 0 || written.file < 0 || written.stderr_before < 0)
        return -1;
    unlink(path);
    log_open("test", LOG_TARGET_STDERR, LOG_LEVEL_INFO, NULL);
    return dup2(written.file, STDERR_FILENO) < 0 ? -1 : 0;
}

static int let_go(void **state)
{
    (void)state;
    dup2(written.stderr_before, STDERR_FILENO);
    close(written.stderr_before);
    return close(written.file);
}

static const char *lines(void)
{
    ssize_t size = pread(written.file, written.text, sizeof written.text - 1, 0);
    written.text[size > 0 ? size : 0] = '\0';
    return written.text;
}

static int count_lines(const char *event)
{
    int count = 0;
    for (const char *at = lines(); (at = strstr(at, event)) != NULL; at++)
        count++;
    return count;
}

/* All numbers behind "count=". */
static long counted(void)
{
    long sum = 0;
    for (const char *at = lines(); (at = strstr(at, "count=")) != NULL; at++)
        sum += atol(at + 6);
    return sum;
}

static void say(struct answer_log *log, const char *rule, int recipient, int64_t now)
{
    struct answer answer;
    char to[64];
    snprintf(to, sizeof to, "m%d@casa.example", recipient);
    answer_defer(&answer, rule, "4.7.1", slice_of("Later."));
    answer_log_say(log, &answer, slice_of("nn@extrano.example"), slice_of(to), now);
}

static void a_few_have_a_line_each_and_no_address(void **state)
{
    (void)state;
    struct answer_log *log = answer_log_new();
    for (int i = 0; i < ANSWER_LOG_LINES; i++)
        say(log, "flood", 1, NOW);
    answer_log_round(log, NOW + 2 * ANSWER_LOG_SECONDS);
    answer_log_free(log);
    assert_int_equal(count_lines(" answer "), ANSWER_LOG_LINES);
    assert_int_equal(count_lines("answers-not-logged"), 0);
    assert_null(strchr(written.text, '@'));
}

static void what_goes_beyond_is_counted_and_said_when_the_time_is_over(void **state)
{
    (void)state;
    struct answer_log *log = answer_log_new();
    for (int i = 0; i < 1000; i++)
        say(log, "flood", 1, NOW + i % 10);
    say(log, "brake", 1, NOW);
    answer_log_round(log, NOW + ANSWER_LOG_SECONDS - 1);
    assert_int_equal(count_lines("answers-not-logged"), 0);
    assert_int_equal(count_lines(" answer "), ANSWER_LOG_LINES + 1);
    answer_log_round(log, NOW + ANSWER_LOG_SECONDS);
    assert_int_equal(count_lines("answers-not-logged action=DEFER_IF_PERMIT rule=flood "), 1);
    assert_int_equal(counted(), 1000 - ANSWER_LOG_LINES);
    say(log, "flood", 1, NOW + ANSWER_LOG_SECONDS); /* a new minute has its own lines */
    assert_int_equal(count_lines(" answer "), ANSWER_LOG_LINES + 2);
    answer_log_free(log);
}

static void of_a_thousand_recipients_none_is_lost(void **state)
{
    (void)state;
    struct answer_log *log = answer_log_new();
    for (int i = 0; i < 20000; i++)
        say(log, "local", i % 1000, NOW);
    answer_log_free(log); /* says what is left */
    assert_in_range(count_lines(" answer "), 1, ANSWER_LOG_ROWS * ANSWER_LOG_LINES);
    assert_int_equal(count_lines(" answer ") + counted(), 20000);
    assert_int_equal(count_lines("recipient=others"), 1);
}

static void what_costs_nobody_anything_is_no_line(void **state)
{
    (void)state;
    struct answer_log *log = answer_log_new();
    struct answer answer;
    answer_dunno(&answer);
    answer_log_say(log, &answer, slice_of("a@b.example"), slice_of("c@d.example"), NOW);
    answer_prepend(&answer, "spf", slice_of("Received-SPF: none"));
    answer_log_say(log, &answer, slice_of("a@b.example"), slice_of("c@d.example"), NOW);
    answer_log_free(log);
    assert_string_equal(lines(), "");
}

#define CAUGHT(test) cmocka_unit_test_setup_teardown(test, catch_lines, let_go)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAUGHT(a_few_have_a_line_each_and_no_address),
        CAUGHT(what_goes_beyond_is_counted_and_said_when_the_time_is_over),
        CAUGHT(of_a_thousand_recipients_none_is_lost),
        CAUGHT(what_costs_nobody_anything_is_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
