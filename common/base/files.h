/*
 * files: reading whole small files, and writing a file so that a crash leaves the old one or the
 * new one, never half of it.
 */
#ifndef ZAGUAN_BASE_FILES_H
#define ZAGUAN_BASE_FILES_H

#include "common/base/buffer.h"
#include <stddef.h>
#include <sys/types.h>

/* Closes *fd unless it is -1; for CLEANUP_FD int fd = open(...). */
void file_close(int *fd);
#define CLEANUP_FD __attribute__((cleanup(file_close)))

/*
 * Appends the file to `into`. ERROR_NOT_FOUND when there is none, ERROR_LIMIT when it does not fit
 * into the buffer's maximum. "-" is standard input.
 */
int file_read(const char *path, struct buffer *into, struct error *err) MUST_CHECK;
int file_read_fd(int fd, struct buffer *into, const char *name, struct error *err) MUST_CHECK;

/* Writes path.tmp-PID in the same folder, syncs it, renames it, syncs the folder. */
int file_write(const char *path, struct slice content, mode_t mode, struct error *err) MUST_CHECK;

/*
 * Waits until nobody else on this machine changes files of this file's folder: for who reads a file
 * and writes it anew, so that two at once do not lose the change of one. The lock is the folder's
 * own, leaves nothing behind, and ends when *fd_out is closed (also by dying).
 */
int file_lock(const char *path, int *fd_out, struct error *err) MUST_CHECK;

/* All bytes, over short writes and EINTR. */
int file_write_fd(int fd, struct slice content, struct error *err) MUST_CHECK;

/* Makes a folder unless it is there. Made by root it belongs to whom the folder around it belongs,
 * so that what an admin does by hand does not lock a service out of its own place. */
int file_make_folder(const char *path, mode_t mode, struct error *err) MUST_CHECK;

#endif
