/* zaguan: the admin's command. */
#include "admin/commands.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void print_help(FILE *to)
{
    fputs("zaguan holds what a member asked to have held, and does what she answers.\n\n"
          "usage: zaguan [-c FILE] COMMAND ...\n\n",
          to);
    for (const struct command *command = commands; command->name != NULL; command++)
        fprintf(to, "  %-9s %s\n            %s\n", command->name, command->synopsis, command->help);
    fputs("\nEvery command takes -c FILE (default " SETTINGS_DEFAULT_PATH ") and --help.\n", to);
}

/* Takes "-c FILE" out of the words, wherever it stands before "--"; false when FILE is missing. */
static bool take_settings_path(int *argc, char **argv, const char **path_out)
{
    for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-c") != 0)
            continue;
        if (i + 1 >= *argc)
            return false;
        *path_out = argv[i + 1];
        memmove(argv + i, argv + i + 2, (size_t)(*argc - i - 1) * sizeof *argv);
        *argc -= 2;
        i--;
    }
    return true;
}

static const struct command *find_command(const char *name)
{
    for (const struct command *command = commands; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

/* zaguan-X beside this program, or on the PATH; returns only when there is none. */
static void run_program(const char *name, const struct command_context *context, char **argv)
{
    if (strchr(name, '/') != NULL)
        return;
    char program[PATH_MAX];
    const char *slash = strrchr(context->program_path, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - context->program_path);
    snprintf(program, sizeof program, "%.*szaguan-%s", folder, context->program_path, name);
    if (context->settings_path != NULL)
        setenv("ZAGUAN_CONF", context->settings_path, 1);
    const char *word = argv[0];
    argv[0] = program;
    execvp(program, argv);
    memcpy(&argv[0], &word, sizeof word);
}

static int fail(const char *name, const struct error *err)
{
    fprintf(stderr, "zaguan %s: %s\n", name, err->text);
    if (err->kind == ERROR_USAGE)
        fprintf(stderr, "`zaguan %s --help` says what there is.\n", name);
    return error_exit_status(err);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct command_context context = {.program_path = argv[0]};
    if (!take_settings_path(&argc, argv, &context.settings_path)) {
        fputs("zaguan: -c needs a file\n", stderr);
        return EX_USAGE;
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EX_USAGE : EX_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("zaguan " ZAGUAN_VERSION);
        return EX_OK;
    }
    if (sodium_init() < 0) {
        fputs("zaguan: libsodium does not start\n", stderr);
        return EX_SOFTWARE;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL) {
        run_program(argv[1], &context, argv + 1);
        fprintf(stderr, "zaguan: there is no command \"%s\"; `zaguan --help` lists them\n",
                argv[1]);
        return EX_USAGE;
    }
    if (asks_for_help(argc - 1, argv + 1)) {
        printf("usage: zaguan %s %s\n%s\n", command->name, command->synopsis, command->help);
        return EX_OK;
    }
    struct error err = {0};
    int answer = command->run(&context, argc - 1, argv + 1, &err);
    if (answer < 0)
        return fail(command->name, &err);
    if (fflush(stdout) != 0) {
        error_system(&err, "standard output");
        return fail(command->name, &err);
    }
    return answer;
}
