/*
 * desk: a command of `zaguan` run as a person runs it, on the room's own settings file, with what
 * it prints kept. Included by each test program once.
 */
#ifndef ZAGUAN_TESTS_ADMIN_DESK_H
#define ZAGUAN_TESTS_ADMIN_DESK_H

#include "admin/commands.h"

#include "common/base/buffer.h"
#include "common/base/files.h"
#include "tests/policy/room.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_WORDS 16

typedef int command_fn(const struct command_context *context, int argc, char **argv,
                       struct error *err);

static char desk_said[100000]; /* standard output of the last run */

/* A room with a settings file that leads to its database and keys. */
static int desk_setup(void **state)
{
    if (room_setup(state) != 0)
        return -1;
    struct room *room = *state;
    char path[600];
    BUFFER_CLEANUP text = buffer_new(4000);
    snprintf(path, sizeof path, "%s/zaguan.conf", room->folder);
    buffer_printf(&text, "database = %s\nkey_folder = %s\nlist_folder = %s\ndomain = %s\n",
                  room->settings.database, room->settings.key_folder, room->settings.list_folder,
                  room->settings.domain);
    return file_write(path, buffer_slice(&text), 0600, NULL);
}

static int desk_keep_output(struct room *room)
{
    char path[600];
    snprintf(path, sizeof path, "%s/said.%d", room->folder, (int)getpid());
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int said = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(said, STDOUT_FILENO);
    close(said);
    return kept;
}

static void desk_read_output(struct room *room, int kept)
{
    char path[600];
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    snprintf(path, sizeof path, "%s/said.%d", room->folder, (int)getpid());
    int said = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(said, desk_said, sizeof desk_said - 1);
    close(said);
    desk_said[size < 0 ? 0 : size] = '\0';
}

/* The command with these words; the kind of its error. What it prints stands in desk_said. */
static enum error_kind desk_run(struct room *room, const char *name, command_fn *command,
                                const char *const words[MOST_WORDS])
{
    char path[600], copies[MOST_WORDS + 1][600];
    char *argv[MOST_WORDS + 2] = {NULL};
    int argc = 1;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/zaguan.conf", room->folder);
    snprintf(copies[0], sizeof copies[0], "%s", name);
    argv[0] = copies[0];
    for (int i = 0; i < MOST_WORDS && words[i] != NULL; i++, argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", words[i]);
        argv[argc] = copies[argc];
    }
    const struct command_context context = {path, "zaguan"};
    int kept = desk_keep_output(room);
    int failed = command(&context, argc, argv, &err);
    desk_read_output(room, kept);
    assert_true(failed == (err.kind == ERROR_NONE ? 0 : -1));
    assert_null(strstr(err.text, "ana@")); /* an error text may reach a log */
    return err.kind;
}

#define DESK_RUN(room, command, ...)                                                               \
    desk_run(room, #command, command_##command, (const char *const[MOST_WORDS]){__VA_ARGS__})

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, room_teardown)

#endif
