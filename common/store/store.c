#include "common/store/store.h"

#include "common/base/files.h"
#include "common/store/statement.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MILLISECONDS 10000 /* well under the 30 s Postfix waits for a milter */
#define PURGE_MILLISECONDS 500  /* writers wait meanwhile */
#define DATABASE_MODE 0660      /* the daemons share it through their group; -wal, -shm follow */

static const char connection_pragmas[] =
    "PRAGMA synchronous = FULL;" /* a commit is on the disk when it returns */
    "PRAGMA foreign_keys = ON;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA temp_store = MEMORY;" /* nothing of anybody's on other disks */
    "PRAGMA journal_size_limit = 67108864;";

int store_error(const struct store *store, int code, struct error *err)
{
    const char *path = store->path;
    int system_errno = sqlite3_system_errno(store->database);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, ERROR_TEMPORARY,
                         "%s: another program has been writing for more than %d s", path,
                         BUSY_MILLISECONDS / 1000);
    case SQLITE_READONLY:
        return error_set(err, ERROR_SYSTEM,
                         "%s: cannot be written: the file system is read-only, or this user has no "
                         "right to write to the file and its folder",
                         path);
    case SQLITE_FULL:
        return error_set(err, ERROR_SYSTEM, "%s: no space left on its disk", path);
    case SQLITE_IOERR:
        return error_set(err, ERROR_SYSTEM, "%s: the disk does not answer as it should: %s (%s)",
                         path, sqlite3_errstr(code), strerror(system_errno));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(err, ERROR_SYSTEM,
                         "%s: damaged, or not a database: move it away and restore the last "
                         "`zaguan backup`",
                         path);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return error_set(err, ERROR_SYSTEM,
                         "%s: cannot be opened: %s; the folder must be there, and this user needs "
                         "to write in it",
                         path, system_errno == 0 ? sqlite3_errstr(code) : strerror(system_errno));
    case SQLITE_NOMEM:
        return error_set(err, ERROR_SYSTEM, "%s: no memory", path);
    case SQLITE_TOOBIG:
        return error_set(err, ERROR_LIMIT, "%s: larger than the database can hold", path);
    case SQLITE_CONSTRAINT:
        return error_set(err, ERROR_INPUT, "%s: refused by the schema: %s", path,
                         sqlite3_errmsg(store->database));
    default:
        return error_set(err, ERROR_BUG, "%s: %s", path, sqlite3_errmsg(store->database));
    }
}

/* SQLite would create it with the mode of the umask, and its -wal and -shm with the same. */
static int create_file(const char *path, struct error *err)
{
    CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, DATABASE_MODE);
    if (fd < 0 && errno == EEXIST)
        return 0;
    if (fd < 0)
        return error_system(err, "%s: cannot be created", path);
    if (fchmod(fd, DATABASE_MODE) != 0)
        return error_system(err, "%s: mode cannot be set", path);
    return 0;
}

static int remember_file(struct store *store, struct error *err)
{
    struct stat now;
    if (stat(store->path, &now) != 0)
        return error_system(err, "%s", store->path);
    store->device = now.st_dev;
    store->inode = now.st_ino;
    return 0;
}

static int use_write_ahead_log(struct store *store, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, "PRAGMA journal_mode = WAL", BIND_NOTHING, err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found < 0)
        return -1;
    if (found == 0 || !slice_is(cursor_look(&cursor, 0), "wal"))
        return error_set(err, ERROR_SYSTEM,
                         "%s: its file system cannot keep a write-ahead log (a network disk?)",
                         store->path);
    return 0;
}

static int prepare_connection(struct store *store, struct error *err)
{
    int code =
        sqlite3_open_v2(store->path, &store->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return store_error(store, code, err);
    sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    code = sqlite3_exec(store->database, connection_pragmas, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return store_error(store, code, err);
    if (remember_file(store, err) != 0 || use_write_ahead_log(store, err) != 0)
        return -1;
    return schema_apply(store, err);
}

int store_open(const char *path, struct store **store_out, struct error *err)
{
    if (create_file(path, err) != 0)
        return -1;
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL) {
        free(store);
        return error_set(err, ERROR_SYSTEM, "%s: no memory", path);
    }
    if (prepare_connection(store, err) != 0) {
        store_close(store);
        return -1;
    }
    *store_out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < STATEMENT_SLOTS; i++)
        sqlite3_finalize(store->prepared[i].statement);
    sqlite3_close(store->database);
    free(store->path);
    free(store);
}

int store_begin(struct store *store, struct error *err)
{
    if (store->is_in_transaction)
        return error_set(err, ERROR_BUG, "%s: a transaction is open already", store->path);
    if (statement_run(store, "BEGIN IMMEDIATE", BIND_NOTHING, err) != 0)
        return -1;
    store->is_in_transaction = true;
    return 0;
}

int store_commit(struct store *store, struct error *err)
{
    int failed = statement_run(store, "COMMIT", BIND_NOTHING, err);
    if (failed != 0)
        store_rollback(store);
    store->is_in_transaction = false;
    return failed;
}

void store_rollback(struct store *store)
{
    store->is_in_transaction = false;
    if (sqlite3_get_autocommit(store->database))
        return;
    /* It can fail only by having happened already. */
    int ignored = statement_run(store, "ROLLBACK", BIND_NOTHING, NULL);
    (void)ignored;
}

int store_data_version(struct store *store, int64_t *version_out, struct error *err)
{
    return statement_number(store, "PRAGMA data_version", BIND_NOTHING, version_out, err) < 0 ? -1
                                                                                              : 0;
}

void store_purge_log(struct store *store)
{
    if (store->is_in_transaction)
        return;
    sqlite3_busy_timeout(store->database, PURGE_MILLISECONDS);
    sqlite3_wal_checkpoint_v2(store->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
}

int store_check(struct store *store, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store, "PRAGMA quick_check(1)", BIND_NOTHING, err) != 0 ||
        cursor_next(&cursor, err) < 0)
        return -1;
    struct slice verdict = cursor_look(&cursor, 0);
    if (!slice_is(verdict, "ok"))
        return error_set(err, ERROR_SYSTEM, "%s: damaged: %.200s", store->path,
                         verdict.data == NULL ? "" : verdict.data);
    int64_t version = 0;
    if (statement_number(store, "PRAGMA user_version", BIND_NOTHING, &version, err) < 0)
        return -1;
    if (version != schema_current)
        return error_set(err, ERROR_SYSTEM, "%s: schema %lld instead of %lld", store->path,
                         (long long)version, (long long)schema_current);
    return 0;
}
