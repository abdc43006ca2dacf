#include "policy/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check(const struct answer *answer, const char *wanted)
{
    BUFFER_CLEANUP text = buffer_new(ANSWER_BYTES);
    answer_write(answer, &text);
    assert_int_equal(buffer_check(&text, "answer", NULL), 0);
    assert_string_equal(text.data, wanted);
}

static void each_action_is_written_as_postfix_reads_it(void **state)
{
    struct answer answer;
    (void)state;
    answer_dunno(&answer);
    check(&answer, "action=DUNNO\n\n");
    answer_prepend(&answer, "x", slice_of("Received-SPF: pass (x)"));
    check(&answer, "action=PREPEND Received-SPF: pass (x)\n\n");
    answer_defer(&answer, "x", "4.7.1", slice_of("Try again later"));
    check(&answer, "action=DEFER_IF_PERMIT 4.7.1 Try again later\n\n");
    answer_reject(&answer, "x", "5.7.1", slice_of("Write to the postmaster"));
    check(&answer, "action=REJECT 5.7.1 Write to the postmaster\n\n");
}

static void nothing_of_a_stranger_ends_the_line(void **state)
{
    struct answer answer;
    (void)state;
    answer_reject(&answer, "x", "5.7.1", slice_new("a\n\naction=OK\r\0\xc3\xb1\x7fz", 18));
    check(&answer, "action=REJECT 5.7.1 a??action=OK?????z\n\n");
}

static void a_refusal_without_its_code_or_text_is_not_said(void **state)
{
    static const struct {
        enum answer_action action;
        const char *code, *text;
    } rows[] = {
        {ANSWER_REJECT, "", "text"},      {ANSWER_REJECT, "4.7.1", "text"},
        {ANSWER_REJECT, "5.7.1", ""},     {ANSWER_REJECT, "5.7", "text"},
        {ANSWER_REJECT, "5..1", "text"},  {ANSWER_REJECT, "5.7.1.", "text"},
        {ANSWER_REJECT, "5.7.x", "text"}, {ANSWER_DEFER_IF_PERMIT, "5.7.1", "text"},
        {ANSWER_PREPEND, "", "no field"}, {ANSWER_PREPEND, "", ": x"},
        {ANSWER_PREPEND, "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct answer answer = {.action = rows[i].action};
        memcpy(answer.code, rows[i].code, strlen(rows[i].code) + 1);
        memcpy(answer.text, rows[i].text, strlen(rows[i].text) + 1);
        check(&answer, "action=DUNNO\n\n");
    }
}

static void a_long_text_is_cut(void **state)
{
    static char text[5000];
    struct answer answer;
    BUFFER_CLEANUP line = buffer_new(ANSWER_BYTES);
    (void)state;
    memset(text, 'x', sizeof text);
    answer_defer(&answer, "x", "4.7.1", slice_new(text, sizeof text));
    answer_write(&answer, &line);
    assert_int_equal(buffer_check(&line, "answer", NULL), 0);
    assert_in_range(line.size, 800, 998);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_is_written_as_postfix_reads_it),
        cmocka_unit_test(nothing_of_a_stranger_ends_the_line),
        cmocka_unit_test(a_refusal_without_its_code_or_text_is_not_said),
        cmocka_unit_test(a_long_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
