#include "admin/postfix.h"

#include "common/base/files.h"
#include <string.h>

#define UNDO_BYTES ((size_t)256 * 1024)

/* The undo file: one change a line, "KIND TAB NAME TAB BEFORE"; a service has no BEFORE. */
static const struct {
    const char *word;
    const char *set_flag, *remove_flag; /* of postconf */
} kinds[] = {
    [POSTFIX_MAIN] = {"main", "-e", "-X"},
    [POSTFIX_SERVICE] = {"service", "-M", "-MX"},
    [POSTFIX_SERVICE_SETTING] = {"setting", "-P", "-PX"},
};

static int run_postconf(const char *flag, const char *word, struct error *err)
{
    BUFFER_CLEANUP output = buffer_new(UNDO_BYTES);
    const char *const words[] = {"postconf", flag, word, NULL};
    return program_run(words, &output, err);
}

static int set_value(enum postfix_change_kind kind, const char *name, const char *value,
                     struct error *err)
{
    BUFFER_CLEANUP assignment = buffer_new(UNDO_BYTES);
    buffer_printf(&assignment, "%s=%s", name, value);
    if (buffer_check(&assignment, name, err) != 0)
        return -1;
    return run_postconf(kinds[kind].set_flag, assignment.data, err);
}

/* What stands in the file already was there before us: a second setup must not forget the first. */
static int write_undo(const struct postfix_plan *plan, const char *undo_path, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(UNDO_BYTES);
    struct error missing = {0};
    if (file_read(undo_path, &text, &missing) != 0 && missing.kind != ERROR_NOT_FOUND) {
        *err = missing;
        return -1;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct postfix_change *change = &plan->changes[i];
        buffer_printf(&text, "%s\t%s\t%s\n", kinds[change->kind].word, change->name,
                      change->before == NULL ? "" : change->before);
    }
    if (buffer_check(&text, undo_path, err) != 0)
        return -1;
    return file_write(undo_path, buffer_slice(&text), 0600, err);
}

int postfix_apply(const struct postfix_plan *plan, const char *undo_path, struct error *err)
{
    if (plan->count == 0)
        return 0;
    if (write_undo(plan, undo_path, err) != 0)
        return error_context(err, "before changing Postfix");
    for (size_t i = 0; i < plan->count; i++) {
        const struct postfix_change *change = &plan->changes[i];
        if (set_value(change->kind, change->name, change->value, err) != 0)
            return error_context(err, "%s (`zaguan setup --undo` takes back what was done)",
                                 change->name);
    }
    return 0;
}

static int undo_line(struct slice line, struct arena *arena, struct error *err)
{
    struct slice word, name;
    if (!slice_next(&line, '\t', &word) || !slice_next(&line, '\t', &name))
        return error_set(err, ERROR_INPUT, "not of the form KIND, NAME, BEFORE");
    struct slice name_text = arena_copy(arena, name);
    struct slice before = arena_copy(arena, line);
    if (name_text.data == NULL || before.data == NULL)
        return arena_error(arena, err);
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (!slice_is(word, kinds[kind].word))
            continue;
        if (kind == POSTFIX_SERVICE || before.size == 0)
            return run_postconf(kinds[kind].remove_flag, name_text.data, err);
        return set_value((enum postfix_change_kind)kind, name_text.data, before.data, err);
    }
    return error_set(err, ERROR_INPUT, "unknown kind \"" SLICE_FORMAT "\"", SLICE_ARGUMENTS(word));
}

int postfix_undo(const char *undo_path, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(UNDO_BYTES);
    ARENA_CLEANUP *arena = arena_new(4 * UNDO_BYTES);
    if (arena == NULL)
        return error_system(err, "memory");
    if (file_read(undo_path, &text, err) != 0)
        return error_context(err, "nothing to undo");
    struct slice rest = buffer_slice(&text), line;
    for (int number = 1; slice_next(&rest, '\n', &line); number++) {
        if (line.size > 0 && undo_line(line, arena, err) != 0)
            return error_context(err, "%s:%d", undo_path, number);
    }
    return 0;
}
