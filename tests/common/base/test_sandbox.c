/* A child gives up what its work does not need; what it does all the same is its death. */
#include "common/base/sandbox.h"

#include "common/base/child.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int talk_and_allocate(int fd)
{
    int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char *block = malloc(1 << 20);
    if (sock < 0 || block == NULL)
        return 1;
    free(block);
    return write(fd, "well", 4) == 4 ? 0 : 1;
}

static int open_a_file(int fd)
{
    (void)fd;
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) == -1 && errno == EACCES ? 0 : 1;
}

static int start_a_process(int fd)
{
    (void)fd;
    return fork() == 0 ? 0 : 1;
}

static int start_a_program(int fd)
{
    (void)fd;
    return execl("/bin/true", "true", (char *)NULL);
}

static int reach_a_local_service(int fd)
{
    (void)fd;
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int run_what_it_writes(int fd)
{
    (void)fd;
    void *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? 1 : 0;
}

static int signal_its_parent(int fd)
{
    (void)fd;
    return kill(getppid(), SIGCONT);
}

static const struct {
    const char *claim;
    int (*act)(int fd);
    enum child_ending ending;
    int status;
} rows[] = {
    {"sockets, memory and open descriptors", talk_and_allocate, CHILD_FINISHED, 0},
    {"no file", open_a_file, CHILD_FINISHED, 0},
    {"no process", start_a_process, CHILD_KILLED_BY_SIGNAL, SIGSYS},
    {"no program", start_a_program, CHILD_KILLED_BY_SIGNAL, SIGSYS},
    {"no local service", reach_a_local_service, CHILD_KILLED_BY_SIGNAL, SIGSYS},
    {"no memory that runs", run_what_it_writes, CHILD_KILLED_BY_SIGNAL, SIGSYS},
    {"no signal to others", signal_its_parent, CHILD_KILLED_BY_SIGNAL, SIGSYS},
};

static int work(void *context, int fd)
{
    size_t row = *(const size_t *)context;
    return sandbox_enter_dns_client(NULL) == 0 ? rows[row].act(fd) : 99;
}

static void a_sandboxed_child_may_do_its_work_alone(void **state)
{
    (void)state;
    const struct child_limits limits = {.wall_milliseconds = 10000, .cpu_seconds = 10};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct child_result result;
        struct error err = {0};
        BUFFER_CLEANUP answer = buffer_new(100);
        assert_int_equal(child_run(work, &i, &limits, &answer, &result, &err), 0);
        if (result.ending != rows[i].ending || result.status != rows[i].status)
            fail_msg("%s: ending %d, status %d", rows[i].claim, (int)result.ending, result.status);
    }
}

static void *start_a_process_beside(void *context)
{
    pthread_barrier_wait(context);
    pthread_barrier_wait(context);
    return fork() == 0 ? context : NULL;
}

/* The sandbox holds for a thread that was there before it. */
static int sandbox_with_a_thread(void *context, int fd)
{
    (void)context;
    (void)fd;
    pthread_barrier_t barrier;
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    if (pthread_create(&thread, NULL, start_a_process_beside, &barrier) != 0)
        return 1;
    pthread_barrier_wait(&barrier);
    if (sandbox_enter_dns_client(NULL) != 0)
        return 99;
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    return 0;
}

static void threads_are_inside_too(void **state)
{
    (void)state;
    const struct child_limits limits = {.wall_milliseconds = 10000, .cpu_seconds = 10};
    struct child_result result;
    BUFFER_CLEANUP answer = buffer_new(100);
    assert_int_equal(child_run(sandbox_with_a_thread, NULL, &limits, &answer, &result, NULL), 0);
    assert_int_equal(result.ending, CHILD_KILLED_BY_SIGNAL);
    assert_int_equal(result.status, SIGSYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sandboxed_child_may_do_its_work_alone),
        cmocka_unit_test(threads_are_inside_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
