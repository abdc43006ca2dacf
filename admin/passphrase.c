#include "admin/passphrase.h"

#include "common/base/files.h"
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define FILE_BYTES 1024

static int read_from_file(const char *path, struct buffer *into, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(FILE_BYTES);
    if (file_read(path, &text, err) != 0)
        return error_context(err, "ZAGUAN_PASSPHRASE_FILE");
    struct slice line = buffer_slice(&text);
    line = slice_part(line, 0, slice_find_byte(line, '\n'));
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    int failed = line.size == 0 ? error_set(err, ERROR_INPUT, "%s: holds no passphrase", path)
                                : buffer_append(into, line);
    sodium_memzero(text.data, text.size);
    return failed;
}

/* One byte at a time: nothing of it stays in a buffer of stdio. */
static int read_line(int fd, struct buffer *into, struct error *err)
{
    char byte;
    for (;;) {
        ssize_t got = read(fd, &byte, 1);
        if (got <= 0)
            return error_set(err, ERROR_INPUT, "no passphrase was typed");
        if (byte == '\n')
            return 0;
        if (buffer_append_byte(into, byte) != 0)
            return buffer_check(into, "the passphrase", err);
    }
}

static int ask_once(int fd, const char *question, const char *path, struct buffer *into,
                    struct error *err)
{
    struct termios before, silent;
    if (tcgetattr(fd, &before) != 0)
        return error_system(err, "the terminal");
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0)
        return error_system(err, "the terminal");
    dprintf(fd, "%s %s: ", question, path);
    int failed = read_line(fd, into, err);
    dprintf(fd, "\n");
    if (tcsetattr(fd, TCSAFLUSH, &before) != 0 && failed == 0)
        failed = error_system(err, "the terminal");
    return failed;
}

static int ask_new(int fd, const char *path, struct buffer *into, struct error *err)
{
    BUFFER_CLEANUP again = buffer_new(FILE_BYTES);
    if (ask_once(fd, "a new passphrase for", path, into, err) != 0 ||
        ask_once(fd, "the same again for", path, &again, err) != 0)
        return -1;
    bool is_same = slice_equals(buffer_slice(into), buffer_slice(&again));
    sodium_memzero(again.data, again.size);
    if (!is_same)
        return error_set(err, ERROR_INPUT, "the two were not the same; nothing was written");
    if (into->size == 0)
        return error_set(err, ERROR_INPUT, "an empty passphrase; --no-passphrase says so openly");
    return 0;
}

int passphrase_ask(const char *path, bool is_new, struct buffer *into, struct error *err)
{
    const char *file = getenv("ZAGUAN_PASSPHRASE_FILE");
    if (file != NULL && file[0] != '\0')
        return read_from_file(file, into, err);
    CLEANUP_FD int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return error_set(err, ERROR_USAGE,
                         "%s: there is no terminal to ask for the passphrase; name a file with it "
                         "in ZAGUAN_PASSPHRASE_FILE%s",
                         path, is_new ? ", or say --no-passphrase" : "");
    return is_new ? ask_new(fd, path, into, err) : ask_once(fd, "passphrase for", path, into, err);
}
