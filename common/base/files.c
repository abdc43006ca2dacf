#include "common/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)64 * 1024)

void file_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int file_read_fd(int fd, struct buffer *into, const char *name, struct error *err)
{
    char piece[READ_BYTES];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_system(err, "%s: cannot be read", name);
        if (got == 0)
            return 0;
        if (buffer_append(into, slice_new(piece, (size_t)got)) != 0)
            return buffer_check(into, name, err);
    }
}

int file_read(const char *path, struct buffer *into, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return file_read_fd(STDIN_FILENO, into, "standard input", err);
    CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        bool is_missing = errno == ENOENT || errno == ENOTDIR;
        error_system(err, "%s: cannot be opened", path);
        if (is_missing && err != NULL)
            err->kind = ERROR_NOT_FOUND;
        return -1;
    }
    return file_read_fd(fd, into, path, err);
}

int file_write_fd(int fd, struct slice content, struct error *err)
{
    while (content.size > 0) {
        ssize_t put = write(fd, content.data, content.size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_system(err, "cannot be written");
        content = slice_from(content, (size_t)put);
    }
    return 0;
}

static int open_folder_of(const char *path, struct error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == NULL)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", size == 0 ? 1 : (int)size, path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? error_system(err, "%s: cannot be opened", folder) : fd;
}

static int sync_folder(const char *path, struct error *err)
{
    CLEANUP_FD int fd = open_folder_of(path, err);
    if (fd >= 0 && fsync(fd) != 0)
        return error_system(err, "%s: its folder cannot be synced", path);
    return fd < 0 ? -1 : 0;
}

int file_lock(const char *path, int *fd_out, struct error *err)
{
    *fd_out = open_folder_of(path, err);
    if (*fd_out < 0)
        return -1;
    while (flock(*fd_out, LOCK_EX) != 0)
        if (errno != EINTR)
            return error_system(err, "%s: its folder cannot be locked", path);
    return 0;
}

int file_write(const char *path, struct slice content, mode_t mode, struct error *err)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.tmp-%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", path);
    CLEANUP_FD int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return error_system(err, "%s: cannot be created", temporary);
    if (file_write_fd(fd, content, err) != 0) {
        unlink(temporary);
        return error_context(err, "%s", temporary);
    }
    if (fchmod(fd, mode) != 0 || fsync(fd) != 0 || rename(temporary, path) != 0) {
        error_system(err, "%s: cannot be written", path);
        unlink(temporary);
        return -1;
    }
    return sync_folder(path, err);
}

int file_make_folder(const char *path, mode_t mode, struct error *err)
{
    char parent[PATH_MAX];
    struct stat around;
    int length = snprintf(parent, sizeof parent, "%s/..", path);
    if (length < 0 || length >= (int)sizeof parent)
        return error_set(err, ERROR_INPUT, "%.200s: the path is too long", path);
    if (mkdir(path, mode) != 0)
        return errno == EEXIST ? 0 : error_system(err, "%s: cannot be made", path);
    if (geteuid() == 0 &&
        (stat(parent, &around) != 0 || chown(path, around.st_uid, around.st_gid) != 0))
        return error_system(err, "%s: cannot be given away", path);
    return 0;
}
