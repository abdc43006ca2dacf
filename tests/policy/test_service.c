#include "policy/service.h"

#include "common/base/clock.h"
#include "policy/connection.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define QUESTION "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=a@b.example\n\n"
#define ANSWER "action=REJECT 5.7.1 a@b.example\n\n"
#define DUNNO "action=DUNNO\n\n"

/* Says the sender back, so that a test sees whose answer it got. */
static void say_sender(void *context, struct visit *visit, const struct request *request,
                       struct arena *arena, struct answer *answer_out)
{
    (void)context;
    (void)visit;
    (void)arena;
    answer_reject(answer_out, "test", "5.7.1", request->sender);
}

static struct policy_service *service_of(size_t most, int64_t milliseconds)
{
    const struct service_settings settings = {
        .most_connections = most,
        .times = {milliseconds, milliseconds, milliseconds},
        .answer = say_sender,
    };
    struct policy_service *service = NULL;
    assert_int_equal(policy_service_new(&settings, &service, NULL), 0);
    return service;
}

static int guest_of(struct policy_service *service)
{
    int pair[2];
    const struct timeval patience = {.tv_sec = 10};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    policy_service_take(service, pair[1]);
    return pair[0];
}

static void end(struct policy_service *service)
{
    assert_true(policy_service_stop(service, 10000));
    policy_service_free(service);
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
}

static void expect(int fd, const char *wanted)
{
    char text[4096] = {0};
    size_t size = strlen(wanted), used = 0;
    while (used < size) {
        ssize_t got = recv(fd, text + used, size - used, 0);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    assert_string_equal(text, wanted);
}

static void expect_end(int fd)
{
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

static void questions_are_answered_one_after_the_other(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 5000);
    int fd = guest_of(service);
    for (int i = 0; i < 3; i++) {
        say(fd, QUESTION);
        expect(fd, ANSWER);
    }
    say(fd, QUESTION QUESTION "request=smtpd_acc"); /* two at once, and the beginning of a third */
    expect(fd, ANSWER ANSWER);
    say(fd, "ess_policy\nsender=c@d.example\n\n");
    expect(fd, "action=REJECT 5.7.1 c@d.example\n\n");
    close(fd);
    end(service);
}

static void a_question_byte_by_byte_is_the_same_question(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 5000);
    int fd = guest_of(service);
    for (const char *c = QUESTION; *c != '\0'; c++)
        assert_int_equal(send(fd, c, 1, MSG_NOSIGNAL), 1);
    expect(fd, ANSWER);
    close(fd);
    end(service);
}

static void junk_is_answered_with_dunno_and_the_next_question_counts(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 5000);
    int fd = guest_of(service);
    say(fd, "GET / HTTP/1.1\nHost: x\n\n");
    expect(fd, DUNNO);
    say(fd, QUESTION);
    expect(fd, ANSWER);
    close(fd);
    end(service);
}

static void a_half_closed_client_gets_its_answer(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 5000);
    int fd = guest_of(service);
    say(fd, QUESTION);
    shutdown(fd, SHUT_WR);
    expect(fd, ANSWER);
    expect_end(fd);
    end(service);
}

static void half_a_question_and_no_more_ends_the_connection(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 60000); /* at once, not when its time is over */
    int fd = guest_of(service);
    say(fd, "request=smtpd_access_policy\nsender=a@");
    shutdown(fd, SHUT_WR);
    expect_end(fd);
    end(service);
}

static void a_question_of_too_many_lines_is_dunno_and_the_next_one_counts(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 5000);
    int fd = guest_of(service);
    say(fd, "request=smtpd_access_policy\n");
    for (int i = 0; i < REQUEST_MOST_ATTRIBUTES; i++)
        say(fd, "x=y\n");
    say(fd, "\n");
    expect(fd, DUNNO);
    say(fd, QUESTION);
    expect(fd, ANSWER);
    close(fd);
    end(service);
}

static void a_question_without_end_is_cut_off_with_dunno(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 5000);
    int fd = guest_of(service);
    static char line[1024];
    memset(line, 'x', sizeof line);
    line[1] = '=';
    for (size_t i = 0; i < SERVICE_REQUEST_BYTES / sizeof line + 8; i++)
        if (send(fd, line, sizeof line, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            break;
    expect(fd, DUNNO);
    close(fd);
    end(service);
}

static void a_slow_or_silent_client_is_closed(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 150);
    int slow = guest_of(service), silent = guest_of(service);
    say(slow, "request=smtpd_access_policy\n");
    int64_t started = clock_monotonic_milliseconds();
    expect_end(slow);
    expect_end(silent);
    assert_in_range(clock_monotonic_milliseconds() - started, 100, 5000);
    end(service);
}

/* Bytes that trickle in do not buy more time: the deadline is that of the whole question. */
static void a_trickle_does_not_keep_a_connection(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 200);
    int fd = guest_of(service);
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    int sent = 0;
    for (; sent < 200; sent++) {
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
            break;
        nanosleep(&pause, NULL);
    }
    assert_in_range(sent, 3, 100);
    close(fd);
    end(service);
}

static void a_client_that_never_reads_does_not_hold_its_thread(void **state)
{
    (void)state;
    struct policy_service *service = service_of(10, 200);
    int fd = guest_of(service);
    for (int i = 0; i < 200000; i++)
        if (send(fd, QUESTION, strlen(QUESTION), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && i > 100000)
            break;
    for (int i = 0; i < 500 && policy_service_count(service) > 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    assert_int_equal(policy_service_count(service), 0);
    close(fd);
    end(service);
}

#define MANY 1000

/* All of them in the middle of a question at the same time; each gets its own answer, twice. */
static void a_thousand_connections_are_served_at_once(void **state)
{
    (void)state;
    const struct rlimit wanted = {2 * MANY + 100, 2 * MANY + 100};
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < wanted.rlim_cur)
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &wanted), 0);
    struct policy_service *service = service_of(MANY, 20000);
    static int fds[MANY];
    char line[100];
    for (int i = 0; i < MANY; i++) {
        fds[i] = guest_of(service);
        say(fds[i], "request=smtpd_access_policy\nprotocol_state=RCPT\n");
    }
    assert_int_equal(policy_service_count(service), MANY);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(line, sizeof line, "sender=s%d.%d@b.example\n\n", turn, i);
            say(fds[i], line);
        }
        for (int i = 0; i < MANY; i++) {
            snprintf(line, sizeof line, "action=REJECT 5.7.1 s%d.%d@b.example\n\n", turn, i);
            expect(fds[i], line);
            say(fds[i], "request=smtpd_access_policy\n");
        }
    }
    assert_int_equal(policy_service_count(service), MANY);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    end(service);
}

struct accepting {
    struct policy_service *service;
    struct listener listener;
    int wake[2];
    pthread_t thread;
    struct sockaddr_storage address;
    socklen_t size;
};

static void *run(void *context)
{
    struct accepting *a = context;
    policy_service_run(a->service, &a->listener, a->wake[0]);
    return NULL;
}

static void start_accepting(struct accepting *a, size_t most, const char *sockets)
{
    struct error err = {0};
    a->service = service_of(most, 20000);
    if (listener_open(slice_of(sockets), &a->listener, &err) != 0)
        fail_msg("%s", err.text);
    a->size = sizeof a->address;
    getsockname(a->listener.fds[0], (struct sockaddr *)&a->address, &a->size);
    assert_int_equal(pipe(a->wake), 0);
    assert_int_equal(pthread_create(&a->thread, NULL, run, a), 0);
}

static int call(const struct accepting *a)
{
    const struct timeval patience = {.tv_sec = 10};
    int fd = socket(a->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (const struct sockaddr *)&a->address, a->size), 0);
    return fd;
}

static void stop_accepting(struct accepting *a)
{
    assert_int_equal(write(a->wake[1], "x", 1), 1);
    pthread_join(a->thread, NULL);
    listener_close(&a->listener);
    close(a->wake[0]);
    close(a->wake[1]);
    end(a->service);
}

static void when_all_places_are_taken_the_one_silent_for_longest_goes(void **state)
{
    (void)state;
    struct accepting a = {0};
    start_accepting(&a, 3, "inet:0@127.0.0.1");
    int fds[4];
    for (int i = 0; i < 3; i++) {
        fds[i] = call(&a);
        say(fds[i], QUESTION);
        expect(fds[i], ANSWER);
    }
    say(fds[0], QUESTION); /* now the second one is the silent one */
    expect(fds[0], ANSWER);
    fds[3] = call(&a);
    say(fds[3], QUESTION);
    expect(fds[3], ANSWER);
    expect_end(fds[1]);
    for (int i = 0; i < 4; i++) {
        if (i == 1)
            continue;
        say(fds[i], QUESTION);
        expect(fds[i], ANSWER);
        close(fds[i]);
    }
    stop_accepting(&a);
}

static void a_unix_socket_left_by_the_dead_is_replaced_and_removed(void **state)
{
    (void)state;
    char where[100], path[80];
    snprintf(path, sizeof path, "/tmp/zaguan-test-policy.%ld", (long)getpid());
    snprintf(where, sizeof where, "unix:%s", path);
    for (int i = 0; i < 2; i++) {
        struct accepting a = {0};
        if (i == 1) { /* what a killed process leaves */
            struct listener left;
            assert_int_equal(listener_open(slice_of(where), &left, NULL), 0);
            close(left.fds[0]);
        }
        start_accepting(&a, 3, where);
        int fd = call(&a);
        say(fd, QUESTION);
        expect(fd, ANSWER);
        close(fd);
        stop_accepting(&a);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

static void a_socket_that_is_none_is_named(void **state)
{
    static const char *const rows[] = {
        "", "8892", "inet:x@127.0.0.1", "inet:1@nowhere", "unix:", "inet:99999999@127.0.0.1"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct listener listener;
        struct error err = {0};
        assert_int_equal(listener_open(slice_of(rows[i]), &listener, &err), -1);
        assert_non_null(strstr(err.text, "policy_socket"));
        assert_non_null(strstr(err.text, rows[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_are_answered_one_after_the_other),
        cmocka_unit_test(a_question_byte_by_byte_is_the_same_question),
        cmocka_unit_test(junk_is_answered_with_dunno_and_the_next_question_counts),
        cmocka_unit_test(a_half_closed_client_gets_its_answer),
        cmocka_unit_test(half_a_question_and_no_more_ends_the_connection),
        cmocka_unit_test(a_question_of_too_many_lines_is_dunno_and_the_next_one_counts),
        cmocka_unit_test(a_question_without_end_is_cut_off_with_dunno),
        cmocka_unit_test(a_slow_or_silent_client_is_closed),
        cmocka_unit_test(a_trickle_does_not_keep_a_connection),
        cmocka_unit_test(a_client_that_never_reads_does_not_hold_its_thread),
        cmocka_unit_test(a_thousand_connections_are_served_at_once),
        cmocka_unit_test(when_all_places_are_taken_the_one_silent_for_longest_goes),
        cmocka_unit_test(a_unix_socket_left_by_the_dead_is_replaced_and_removed),
        cmocka_unit_test(a_socket_that_is_none_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
