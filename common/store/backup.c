#include "common/base/files.h"
#include "common/store/statement.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static int create_new(const char *path, struct error *err)
{
    CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return error_set(err, ERROR_INPUT, "%s: is there already; a backup replaces nothing", path);
    if (fd < 0)
        return error_system(err, "%s: cannot be created", path);
    return 0;
}

/* In one step: a reader of the write-ahead log stops no writer, and no writer makes it start anew.
 */
static int copy_pages(struct store *store, sqlite3 *copy, const char *path, struct error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(copy, "main", store->database, "main");
    if (backup == NULL)
        return error_set(err, ERROR_SYSTEM, "%s: %s", path, sqlite3_errmsg(copy));
    int code = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE || finished != SQLITE_OK)
        return error_set(err, ERROR_SYSTEM, "%s: the copy failed: %s", path,
                         sqlite3_errstr(code == SQLITE_DONE ? finished : code));
    return 0;
}

static int sync_path(const char *path, int flags, struct error *err)
{
    CLEANUP_FD int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return error_system(err, "%s: cannot be synced", path);
    return 0;
}

static int sync_copy(const char *path, struct error *err)
{
    char folder[PATH_MAX];
    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
        return error_set(err, ERROR_INPUT, "%s: the path is too long", path);
    if (sync_path(path, O_RDONLY, err) != 0)
        return -1;
    return sync_path(dirname(folder), O_RDONLY | O_DIRECTORY, err);
}

int store_backup(struct store *store, const char *path, struct error *err)
{
    if (create_new(path, err) != 0)
        return -1;
    sqlite3 *copy = NULL;
    int failed = 0;
    if (sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        failed = error_set(err, ERROR_SYSTEM, "%s: %s", path, sqlite3_errmsg(copy));
    else
        failed = copy_pages(store, copy, path, err);
    if (sqlite3_close(copy) != SQLITE_OK && failed == 0)
        failed = error_set(err, ERROR_SYSTEM, "%s: cannot be closed", path);
    if (failed == 0)
        failed = sync_copy(path, err);
    if (failed != 0)
        unlink(path);
    return failed;
}
