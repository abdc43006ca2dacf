#include "common/base/child.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void limit_self(const struct child_limits *limits)
{
    struct rlimit cpu = {(rlim_t)limits->cpu_seconds, (rlim_t)limits->cpu_seconds + 1};
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_CORE, &none);
    if (limits->memory_bytes > 0) {
        struct rlimit memory = {(rlim_t)limits->memory_bytes, (rlim_t)limits->memory_bytes};
        setrlimit(RLIMIT_AS, &memory);
    }
}

/* Until end of file, the buffer's maximum or the deadline; true when the child closed its end. */
static bool collect_answer(int fd, struct deadline deadline, struct buffer *answer)
{
    for (;;) {
        struct pollfd wanted = {.fd = fd, .events = POLLIN};
        int ready = poll(&wanted, 1, (int)deadline_left_milliseconds(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        char piece[4096];
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        if (buffer_append(answer, slice_new(piece, (size_t)got)) != 0)
            return false;
    }
}

int child_run(int (*work)(void *context, int fd), void *context, const struct child_limits *limits,
              struct buffer *answer, struct child_result *result_out, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_system(err, "pipe");
    pid_t pid = fork();
    if (pid < 0) {
        error_system(err, "fork");
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    if (pid == 0) {
        close(ends[0]);
        limit_self(limits);
        _exit(work(context, ends[1]));
    }
    close(ends[1]);
    CLEANUP_FD int reading = ends[0];
    bool is_complete = collect_answer(reading, deadline_in(limits->wall_milliseconds), answer);
    if (!is_complete)
        kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!is_complete)
        *result_out = (struct child_result){CHILD_TIMED_OUT, SIGKILL};
    else if (WIFSIGNALED(status))
        *result_out = (struct child_result){CHILD_KILLED_BY_SIGNAL, WTERMSIG(status)};
    else
        *result_out = (struct child_result){CHILD_FINISHED, WEXITSTATUS(status)};
    return 0;
}
