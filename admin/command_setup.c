#include "admin/commands.h"

#include "admin/postfix.h"
#include "admin/setup.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PLAN_BYTES ((size_t)1024 * 1024)
#define UNDO_SUFFIX ".postfix-before"

struct wanted {
    bool is_sample, is_mdoc, is_dry_run, is_undo, is_postfix_only;
};

static const struct args_row rows[] = {
    {"dry-run", ARGS_FLAG, offsetof(struct wanted, is_dry_run), NULL,
     "print what would be done and the exact Postfix lines; change nothing"},
    {"postfix-only", ARGS_FLAG, offsetof(struct wanted, is_postfix_only), NULL,
     "change Postfix and nothing else"},
    {"undo", ARGS_FLAG, offsetof(struct wanted, is_undo), NULL,
     "put Postfix back as it was; database, keys and lists stay"},
    {"sample", ARGS_FLAG, offsetof(struct wanted, is_sample), NULL,
     "print a commented zaguan.conf and do nothing"},
    {"mdoc", ARGS_FLAG, offsetof(struct wanted, is_mdoc), NULL,
     "print the settings as entries of a manual page"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static int print_settings(bool is_mdoc)
{
    BUFFER_CLEANUP text = buffer_new(64 * 1024);
    if (is_mdoc)
        option_print_mdoc(settings_rows, &text);
    else {
        buffer_append_text(&text, "# zaguan.conf: see zaguan.conf(5). What stands behind # is the "
                                  "default.\n\n");
        option_print_sample(settings_rows, &text);
    }
    fputs(text.data, stdout);
    return 0;
}

/* Where the programs lie that master.cf shall start: beside this one. */
static void find_program_folder(char folder[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    folder[size < 0 ? 0 : size] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* A fresh install has no zaguan.conf: then host and domain are Postfix's. */
static int take_names_of_postfix(const struct postfix_facts *facts, struct settings *settings,
                                 struct error *err)
{
    if (option_set(option_find(settings_rows, slice_of("hostname")), settings,
                   slice_of(facts->hostname), err) != 0 ||
        option_set(option_find(settings_rows, slice_of("domain")), settings,
                   slice_of(facts->domain), err) != 0)
        return -1;
    return 0;
}

static void print_steps(const struct setup *setup)
{
    for (const struct setup_step *step = setup_steps; step->what != NULL; step++)
        printf("%s  %s\n", step->is_done(setup) ? "is there" : "to do   ", step->what);
    putchar('\n');
}

static int run_steps(const struct setup *setup, struct error *err)
{
    for (const struct setup_step *step = setup_steps; step->what != NULL; step++) {
        if (step->is_done(setup))
            continue;
        if (step->run(setup, err) != 0)
            return error_context(err, "%s", step->what);
        printf("done      %s\n", step->what);
    }
    return 0;
}

static int apply(const struct setup *setup, const struct postfix_plan *plan, const char *undo_path,
                 const struct wanted *wanted, struct error *err)
{
    if (geteuid() != 0)
        return error_set(err, ERROR_USAGE,
                         "setup changes this machine: run it as root, or with "
                         "--dry-run");
    if ((!wanted->is_postfix_only && run_steps(setup, err) != 0) ||
        postfix_apply(plan, undo_path, err) != 0)
        return -1;
    puts("\nNext:\n"
         "  systemctl enable --now zaguan-milter zaguan-review\n"
         "  postfix check && postfix reload\n"
         "  zaguan check\n"
         "  zaguan member invite ADDRESS\n"
         "Nothing is held before somebody says yes. `zaguan setup --undo` puts Postfix back.");
    return 0;
}

static int set_up(const struct command_context *context, const struct wanted *wanted,
                  struct error *err)
{
    const char *path =
        context->settings_path == NULL ? SETTINGS_DEFAULT_PATH : context->settings_path;
    struct settings settings;
    bool has_file = access(path, F_OK) == 0;
    settings_set_defaults(&settings);
    if (has_file && settings_read(path, &settings, err) != 0)
        return -1;
    ARENA_CLEANUP *arena = arena_new(PLAN_BYTES);
    if (arena == NULL)
        return error_system(err, "memory");
    struct postfix_facts facts;
    struct postfix_plan plan;
    char folder[PATH_MAX], undo_path[PATH_MAX];
    find_program_folder(folder);
    snprintf(undo_path, sizeof undo_path, "%s" UNDO_SUFFIX, path);
    if (postfix_read(&settings, arena, &facts, err) != 0)
        return -1;
    if (!has_file && (take_names_of_postfix(&facts, &settings, err) != 0 ||
                      postfix_read(&settings, arena, &facts, err) != 0))
        return -1;
    if (postfix_plan(&facts, &settings, path, folder, arena, &plan, err) != 0)
        return -1;
    struct setup setup = {&settings, path};
    printf("Postfix %s, %s\n\n", facts.version, facts.config_directory);
    if (!wanted->is_postfix_only)
        print_steps(&setup);
    BUFFER_CLEANUP lines = buffer_new(PLAN_BYTES);
    postfix_print(&plan, &lines);
    fputs(lines.data, stdout);
    return wanted->is_dry_run ? 0 : apply(&setup, &plan, undo_path, wanted, err);
}

static int undo(const struct command_context *context, struct error *err)
{
    char undo_path[PATH_MAX];
    snprintf(undo_path, sizeof undo_path, "%s" UNDO_SUFFIX,
             context->settings_path == NULL ? SETTINGS_DEFAULT_PATH : context->settings_path);
    if (postfix_undo(undo_path, err) != 0)
        return -1;
    if (unlink(undo_path) != 0)
        return error_system(err, "%s", undo_path);
    puts("Postfix is as it was: `postfix check && postfix reload`. Before you stop zaguan-review, "
         "release what is held: `zaguan held list`. Database, keys and lists are still there.");
    return 0;
}

int command_setup(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct wanted wanted = {0};
    struct args_list words = {0};
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    size_t word_count = words.count;
    args_list_free(&words);
    if (failed != 0)
        return -1;
    if (word_count > 0)
        return error_set(err, ERROR_USAGE, "setup takes options only");
    if (wanted.is_sample || wanted.is_mdoc)
        return print_settings(wanted.is_mdoc);
    return wanted.is_undo ? undo(context, err) : set_up(context, &wanted, err);
}
