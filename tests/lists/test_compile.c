#include "lists/match/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Instead of compiling, the child says how it runs: field 19 of proc(5) is its nice value, 41 its
 * policy (5: SCHED_IDLE), 6 its session, 1 itself. */
static void ask_child(const char *question, bool is_patient, char *answer, size_t size)
{
    char shell[] = "/bin/sh", option[] = "-c", line[200];
    char *const command[] = {shell, option, line, NULL};
    struct settings settings;
    struct error err = {0};
    BUFFER_CLEANUP said = buffer_new(1000);
    snprintf(line, sizeof line, "%s", question);
    settings_set_defaults(&settings);
    assert_int_equal(compile_in_child(&settings, command, is_patient, &said, &err), 0);
    assert_true(slice_to_text(slice_trim(buffer_slice(&said)), answer, size));
}

static void a_patient_compiler_takes_idle_time_only(void **state)
{
    (void)state;
    char answer[100];
    ask_child("cut -d' ' -f19,41 /proc/self/stat", true, answer, sizeof answer);
    assert_string_equal(answer, "19 5");
}

static void an_impatient_one_works_beside_the_others(void **state)
{
    (void)state;
    char answer[100];
    ask_child("cut -d' ' -f41 /proc/self/stat", false, answer, sizeof answer);
    assert_string_equal(answer, "0");
}

/* Or where the kernel shares the processor by session it would have the daemon's share. */
static void it_has_a_session_of_its_own(void **state)
{
    (void)state;
    char answer[100];
    ask_child("test $$ = $(cut -d' ' -f6 /proc/$$/stat) && echo own", true, answer, sizeof answer);
    assert_string_equal(answer, "own");
}

/* The thread that looks after the lists blocks all: what limits the child's time must reach it. */
static void no_signal_is_blocked_in_it(void **state)
{
    (void)state;
    char answer[100];
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    ask_child("grep SigBlk /proc/self/status", true, answer, sizeof answer);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_non_null(strstr(answer, "\t0000000000000000"));
}

static void what_failed_in_it_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *line, *error;
    } rows[] = {
        {"echo a.zl: no list; echo failed none of 1 lists could be read; exit 1",
         "none of 1 lists could be read"},
        {"kill -SEGV $$", "was ended by signal 11"},
        {"exit 1", "the lists could not be compiled"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char shell[] = "/bin/sh", option[] = "-c", line[200];
        char *const command[] = {shell, option, line, NULL};
        struct settings settings;
        struct error err = {0};
        BUFFER_CLEANUP said = buffer_new(1000);
        snprintf(line, sizeof line, "%s", rows[i].line);
        settings_set_defaults(&settings);
        assert_int_equal(compile_in_child(&settings, command, true, &said, &err), -1);
        if (strstr(err.text, rows[i].error) == NULL)
            fail_msg("\"%s\": \"%s\"", rows[i].line, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patient_compiler_takes_idle_time_only),
        cmocka_unit_test(an_impatient_one_works_beside_the_others),
        cmocka_unit_test(it_has_a_session_of_its_own),
        cmocka_unit_test(no_signal_is_blocked_in_it),
        cmocka_unit_test(what_failed_in_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
