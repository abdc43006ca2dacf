#include "admin/postfix.h"

#include "common/base/files.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawn(const char *const *words, int output, pid_t *pid_out)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    char *argv[32];
    size_t count = 0;
    while (words[count] != NULL && count + 1 < sizeof argv / sizeof argv[0]) {
        /* posix_spawn() does not write to its words; its type is older than const. */
        memcpy(&argv[count], &words[count], sizeof argv[count]);
        count++;
    }
    argv[count] = NULL;
    int failed = posix_spawnp(pid_out, words[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int report_failure(const char *const *words, struct slice complaint, struct error *err)
{
    struct slice line = slice_part(complaint, 0, slice_find_byte(complaint, '\n'));
    return error_set(err, ERROR_SYSTEM, "%s %s failed: " SLICE_FORMAT, words[0],
                     words[1] == NULL ? "" : words[1], SLICE_ARGUMENTS(slice_part(line, 0, 200)));
}

int program_run(const char *const *words, struct buffer *output, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_system(err, "pipe");
    CLEANUP_FD int reading = ends[0];
    pid_t pid = 0;
    int failed = spawn(words, ends[1], &pid);
    close(ends[1]);
    if (failed == ENOENT)
        return error_set(err, ERROR_NOT_FOUND, "%s: there is no such program", words[0]);
    if (failed != 0) {
        errno = failed;
        return error_system(err, "%s", words[0]);
    }
    size_t before = output->size;
    int read_failed = file_read_fd(reading, output, words[0], err);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (read_failed != 0)
        return -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return report_failure(words, slice_from(buffer_slice(output), before), err);
    return 0;
}
