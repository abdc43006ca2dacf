/*
 * faulty_disk: an SQLite VFS over the system's one whose n-th write, sync or truncation fails,
 * tears, or is the moment of a power cut: then everything that was not synced is taken back from
 * the files (what the page cache would have lost) and the process ends. One thread.
 */
#ifndef ZAGUAN_TESTS_FAULT_FAULTY_DISK_H
#define ZAGUAN_TESTS_FAULT_FAULTY_DISK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum fault { FAULT_FULL, FAULT_IO_ERROR, FAULT_TORN_WRITE, FAULT_POWER_CUT };

static struct faulty_disk {
    sqlite3_vfs vfs, *real;
    sqlite3_io_methods methods;
    enum fault fault;
    long operations; /* since it was armed */
    long fails_at;   /* 0: never */
    bool stays;      /* every later one fails too */
    bool has_failed;
    struct faulty_file *files;
} disk;

/* How the file was before a write that has not been synced. */
struct undo {
    struct undo *next;
    sqlite3_int64 offset, old_size;
    int size;
    char bytes[];
};

struct faulty_file {
    sqlite3_file base;
    struct faulty_file *next;
    struct undo *undo;
    sqlite3_file *real; /* in the memory behind this */
};

static void disk_forget_undo(struct faulty_file *file)
{
    while (file->undo != NULL) {
        struct undo *next = file->undo->next;
        free(file->undo);
        file->undo = next;
    }
}

static void disk_take_back(struct faulty_file *file)
{
    for (struct undo *undo = file->undo; undo != NULL; undo = undo->next) {
        if (undo->size > 0)
            file->real->pMethods->xWrite(file->real, undo->bytes, undo->size, undo->offset);
        file->real->pMethods->xTruncate(file->real, undo->old_size);
    }
}

static void disk_cut_power(void)
{
    for (struct faulty_file *file = disk.files; file != NULL; file = file->next)
        disk_take_back(file);
    _exit(0);
}

static void disk_remember(struct faulty_file *file, int size, sqlite3_int64 offset)
{
    struct undo *undo = calloc(1, sizeof *undo + (size_t)size);
    file->real->pMethods->xFileSize(file->real, &undo->old_size);
    undo->offset = offset;
    undo->size = size;
    if (offset + size > undo->old_size)
        undo->size = offset >= undo->old_size ? 0 : (int)(undo->old_size - offset);
    if (undo->size > 0)
        file->real->pMethods->xRead(file->real, undo->bytes, undo->size, offset);
    undo->next = file->undo;
    file->undo = undo;
}

static bool disk_is_time(void)
{
    disk.operations++;
    if (disk.fails_at == 0 || disk.operations < disk.fails_at ||
        (disk.operations > disk.fails_at && !disk.stays))
        return false;
    disk.has_failed = true;
    return true;
}

static int disk_close(sqlite3_file *base)
{
    struct faulty_file *file = (struct faulty_file *)base, **place = &disk.files;
    while (*place != NULL && *place != file)
        place = &(*place)->next;
    if (*place != NULL)
        *place = file->next;
    disk_forget_undo(file);
    return file->real->pMethods->xClose(file->real);
}

static int disk_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
    struct faulty_file *file = (struct faulty_file *)base;
    if (disk_is_time()) {
        if (disk.fault == FAULT_POWER_CUT)
            disk_cut_power();
        if (disk.fault == FAULT_TORN_WRITE)
            file->real->pMethods->xWrite(file->real, bytes, size / 2, offset);
        return disk.fault == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    if (disk.fault == FAULT_POWER_CUT)
        disk_remember(file, size, offset);
    return file->real->pMethods->xWrite(file->real, bytes, size, offset);
}

static int disk_sync(sqlite3_file *base, int flags)
{
    struct faulty_file *file = (struct faulty_file *)base;
    if (disk_is_time()) {
        if (disk.fault == FAULT_POWER_CUT)
            disk_cut_power();
        return SQLITE_IOERR_FSYNC;
    }
    disk_forget_undo(file);
    return file->real->pMethods->xSync(file->real, flags);
}

static int disk_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct faulty_file *file = (struct faulty_file *)base;
    if (disk_is_time()) {
        if (disk.fault == FAULT_POWER_CUT)
            disk_cut_power();
        return SQLITE_IOERR_TRUNCATE;
    }
    return file->real->pMethods->xTruncate(file->real, size);
}

#define REAL(base) (((struct faulty_file *)(base))->real)

static int disk_read(sqlite3_file *f, void *bytes, int size, sqlite3_int64 offset)
{
    return REAL(f)->pMethods->xRead(REAL(f), bytes, size, offset);
}

static int disk_file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return REAL(f)->pMethods->xFileSize(REAL(f), size);
}

static int disk_lock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xLock(REAL(f), level);
}

static int disk_unlock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xUnlock(REAL(f), level);
}

static int disk_check_lock(sqlite3_file *f, int *out)
{
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}

static int disk_control(sqlite3_file *f, int op, void *argument)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), op, argument);
}

static int disk_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}

/* Nothing is promised: SQLite must not rely on writes that happen whole or in order. */
static int disk_traits(sqlite3_file *f)
{
    (void)f;
    return 0;
}

static int disk_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}

static int disk_shm_lock(sqlite3_file *f, int offset, int count, int flags)
{
    return REAL(f)->pMethods->xShmLock(REAL(f), offset, count, flags);
}

static void disk_shm_barrier(sqlite3_file *f)
{
    REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int disk_shm_unmap(sqlite3_file *f, int remove)
{
    return REAL(f)->pMethods->xShmUnmap(REAL(f), remove);
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
    struct faulty_file *file = (struct faulty_file *)base;
    (void)vfs;
    memset(file, 0, sizeof *file);
    file->real = (sqlite3_file *)(void *)(file + 1);
    int code = disk.real->xOpen(disk.real, name, file->real, flags, out);
    if (code != SQLITE_OK)
        return code;
    file->base.pMethods = &disk.methods;
    file->next = disk.files;
    disk.files = file;
    return SQLITE_OK;
}

static void disk_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "faulty";
    disk.vfs.szOsFile = (int)sizeof(struct faulty_file) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = disk_close,
        .xRead = disk_read,
        .xWrite = disk_write,
        .xTruncate = disk_truncate,
        .xSync = disk_sync,
        .xFileSize = disk_file_size,
        .xLock = disk_lock,
        .xUnlock = disk_unlock,
        .xCheckReservedLock = disk_check_lock,
        .xFileControl = disk_control,
        .xSectorSize = disk_sector,
        .xDeviceCharacteristics = disk_traits,
        .xShmMap = disk_shm_map,
        .xShmLock = disk_shm_lock,
        .xShmBarrier = disk_shm_barrier,
        .xShmUnmap = disk_shm_unmap,
    };
    sqlite3_vfs_register(&disk.vfs, 1);
}

static void disk_arm(enum fault fault, long fails_at, bool stays)
{
    disk.fault = fault;
    disk.operations = 0;
    disk.fails_at = fails_at;
    disk.stays = stays;
    disk.has_failed = false;
}

static void disk_mend(void)
{
    disk.fails_at = 0;
}

#endif
