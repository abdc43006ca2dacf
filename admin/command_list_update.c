/* `zaguan list diff`, `accept`, `park`, `import` and `export`: lists of partners and of other
 * programs. */
#include "admin/command_list.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/exchange/exchange.h"
#include "lists/format/parse.h"
#include "lists/update/update.h"
#include "quarantine/keys.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RESULTS_BYTES (256 * MIB)
#define NEW_FILE_MODE 0644

const struct args_row list_diff_rows[] = {{NULL, ARGS_FLAG, 0, NULL, NULL}};

const struct args_row list_accept_rows[] = {
    {"undo", ARGS_FLAG, offsetof(struct list_wanted, is_undo), NULL,
     "what acted before acts again"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_park_rows[] = {
    {"as", ARGS_VALUE, offsetof(struct list_wanted, action), "ACTION",
     "none (the default: it stays out), tag (it tags at most), hold (as the list has it)"},
    {"why", ARGS_VALUE, offsetof(struct list_wanted, why), "TEXT", "your reason, one line"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_import_rows[] = {
    {"partner", ARGS_VALUE, offsetof(struct list_wanted, partner), "NAME",
     "signed files of this partner: FILE is the folder that `list publish` wrote"},
    {"format", ARGS_VALUE, offsetof(struct list_wanted, format), "FORMAT",
     "plain, cidr, rspamd, postfix-access, postfix-cidr or mastodon"},
    {"cat", ARGS_VALUE, offsetof(struct list_wanted, category), "CATEGORY", "(other)"},
    {"out", ARGS_VALUE, offsetof(struct list_wanted, out), "FILE.zl", "the list that is written"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_export_rows[] = {
    {"format", ARGS_VALUE, offsetof(struct list_wanted, format), "FORMAT",
     "plain, cidr, rspamd, postfix-access, postfix-cidr, postfix-pcre, spamassassin or mastodon"},
    {"hold", ARGS_FLAG, offsetof(struct list_wanted, is_hold), NULL,
     "Postfix tables: HOLD for entries that may hold"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

/* "kefir.example/kefir-amenazas" */
static int read_name(const struct list_wanted *wanted, char partner[PARTNER_NAME_BYTES],
                     const char **list_out, struct error *err)
{
    const char *word = wanted->words.count > 0 ? wanted->words.words[0] : "";
    const char *slash = strchr(word, '/');
    if (slash == NULL || slash[1] == '\0' ||
        !slice_to_text(slice_new(word, (size_t)(slash - word)), partner, PARTNER_NAME_BYTES))
        return error_set(err, ERROR_USAGE, "which list? PARTNER/LIST is expected");
    *list_out = slash + 1;
    return 0;
}

/* What decisions about updates rest on. Without digest.key the ring says nothing. */
struct desk {
    struct settings settings;
    struct keys keys;
    struct store *store; /* NULL: nothing was counted */
    struct update_tools tools;
};

static int open_desk(const struct command_context *context, bool needs_store, struct desk *desk,
                     struct error *err)
{
    struct error ignored = {0};
    *desk = (struct desk){.store = NULL};
    if (command_read_settings(context, &desk->settings, err) != 0)
        return -1;
    if ((needs_store || access(desk->settings.database, F_OK) == 0) &&
        command_open_store(context, &desk->settings, &desk->store, err) != 0)
        return -1;
    bool has_key = keys_read(&desk->settings, KEYS_PUBLIC, &desk->keys, &ignored) == 0;
    desk->tools = (struct update_tools){.settings = &desk->settings,
                                        .store = desk->store,
                                        .now = clock_now(),
                                        .ring_key = has_key ? desk->keys.digest_key : NULL};
    return 0;
}

static void close_desk(struct desk *desk)
{
    store_close(desk->store);
    sodium_memzero(&desk->keys, sizeof desk->keys);
}

int list_verb_diff(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err)
{
    struct desk desk;
    char partner[PARTNER_NAME_BYTES];
    const char *list;
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    if (read_name(wanted, partner, &list, err) != 0 || open_desk(context, false, &desk, err) != 0)
        return -1;
    int failed = update_diff(&desk.tools, partner, list, &text, err);
    close_desk(&desk);
    if (failed == 0)
        fputs(text.data, stdout);
    return failed;
}

static int accept(const struct update_tools *tools, const struct list_wanted *wanted,
                  struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(RESULTS_BYTES);
    struct update_results results = {.arena = arena};
    char partner[PARTNER_NAME_BYTES];
    const char *list;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (read_name(wanted, partner, &list, err) != 0)
        return -1;
    if (wanted->is_undo) {
        if (update_undo(tools, partner, list, err) != 0)
            return -1;
        printf("%s/%s: what acted before acts again\n", partner, list);
        return 0;
    }
    if (update_accept(tools, partner, list, &results, err) != 0)
        return -1;
    for (size_t i = 0; i < results.count; i++)
        fputs(results.rows[i].text, stdout);
    return 0;
}

int list_verb_accept(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err)
{
    struct settings settings;
    if (command_read_settings(context, &settings, err) != 0)
        return -1;
    const struct update_tools tools = {.settings = &settings, .now = clock_now()};
    return accept(&tools, wanted, err);
}

int list_verb_park(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err)
{
    struct settings settings;
    char partner[PARTNER_NAME_BYTES];
    const char *list;
    enum list_action action = LIST_ACTION_NONE;
    if (read_name(wanted, partner, &list, err) != 0)
        return -1;
    if (wanted->words.count < 2)
        return error_set(err, ERROR_USAGE, "which entries? PARTNER/LIST ENTRY... is expected");
    if (wanted->action != NULL &&
        (!list_action_read(slice_of(wanted->action), &action) || action == LIST_ACTION_OBSERVE))
        return error_set(err, ERROR_USAGE, "--as %.40s: none, tag or hold is expected",
                         wanted->action);
    if (command_read_settings(context, &settings, err) != 0)
        return -1;
    const struct update_tools tools = {.settings = &settings, .now = clock_now()};
    for (size_t i = 1; i < wanted->words.count; i++)
        if (update_park(&tools, partner, list, slice_of(wanted->words.words[i]), action,
                        wanted->why == NULL ? "decided by hand" : wanted->why, err) != 0)
            return -1;
    printf("%s/%s: %zu %s\n", partner, list, wanted->words.count - 1,
           action == LIST_ACTION_TAG    ? "only tag now"
           : action == LIST_ACTION_HOLD ? "act as the list has them"
                                        : "parked");
    return 0;
}

static void print_losses(const struct exchange_losses *losses)
{
    for (size_t i = 0; i < losses->count; i++)
        fprintf(stderr, "lost: %s (%zu)\n", losses->rows[i].what, losses->rows[i].count);
}

/* By hand, but through the same checks: verified, floor, shadow. */
static int import_signed(const struct command_context *context, const struct list_wanted *wanted,
                         struct error *err)
{
    struct desk desk;
    struct partner partner;
    ARENA_CLEANUP *arena = arena_new(RESULTS_BYTES);
    struct update_results results = {.arena = arena};
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (wanted->words.count != 1)
        return error_set(err, ERROR_USAGE, "one folder is expected");
    if (open_desk(context, true, &desk, err) != 0)
        return -1;
    int failed = partner_read(&desk.settings, wanted->partner, &partner, err);
    if (failed == 0)
        failed = update_take_folder(&desk.tools, &partner, wanted->words.words[0], &results, err);
    close_desk(&desk);
    bool is_refused = false;
    for (size_t i = 0; i < results.count; i++) {
        fputs(results.rows[i].text, stdout);
        is_refused |= results.rows[i].outcome == UPDATE_REFUSED;
    }
    return failed != 0 ? -1 : is_refused;
}

static int check_import(const struct exchange_wanted *wanted, struct slice text, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    struct list *list;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    return list_parse(text, wanted->list_name, arena, &list, err);
}

static int import_other(const struct list_wanted *wanted, struct error *err)
{
    const struct exchange_format *format = exchange_find(wanted->format);
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    BUFFER_CLEANUP list = buffer_new(LIMIT_LIST_BYTES);
    struct exchange_losses losses = {.count = 0};
    enum category category;
    char name[64];
    if (format == NULL || wanted->out == NULL || wanted->words.count != 1)
        return error_set(err, ERROR_USAGE, "FILE --format FORMAT --out FILE.zl is expected");
    if (wanted->category != NULL && !category_read(slice_of(wanted->category), &category))
        return error_set(err, ERROR_USAGE, "--cat %.40s: there is no such category",
                         wanted->category);
    if (access(wanted->out, F_OK) == 0)
        return error_set(err, ERROR_USAGE, "%s: is there already", wanted->out);
    struct slice base = slice_of(wanted->out);
    size_t slash = slice_find_last_byte(base, '/');
    base = slash < base.size ? slice_from(base, slash + 1) : base;
    if (!slice_ends_with_nocase(base, ".zl") ||
        !slice_to_text(slice_part(base, 0, base.size - 3), name, sizeof name))
        return error_set(err, ERROR_USAGE, "%s: the file of a list ends in .zl", wanted->out);
    const struct exchange_wanted exchange = {
        .list_name = name,
        .category_name = wanted->category == NULL ? "other" : wanted->category,
        .now = clock_now()};
    if (file_read(wanted->words.words[0], &text, err) != 0 ||
        exchange_import(format, buffer_slice(&text), &exchange, &list, &losses, err) != 0 ||
        check_import(&exchange, buffer_slice(&list), err) != 0 ||
        file_write(wanted->out, buffer_slice(&list), NEW_FILE_MODE, err) != 0)
        return -1;
    print_losses(&losses);
    printf("%s: written; its entries tag at most and end in %d days. `zaguan list lint` next.\n",
           wanted->out, EXCHANGE_DAYS);
    return 0;
}

int list_verb_import(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err)
{
    if (wanted->partner != NULL)
        return import_signed(context, wanted, err);
    if (wanted->format != NULL)
        return import_other(wanted, err);
    return error_set(err, ERROR_USAGE,
                     "--partner NAME FOLDER, or --format FORMAT FILE --out FILE.zl");
}

int list_verb_export(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err)
{
    const struct exchange_format *format =
        wanted->format == NULL ? NULL : exchange_find(wanted->format);
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    BUFFER_CLEANUP text = buffer_new(4 * LIMIT_LIST_BYTES);
    struct exchange_losses losses = {.count = 0};
    const struct exchange_wanted exchange = {.list_name = "",
                                             .category_name = "other",
                                             .allows_hold = wanted->is_hold,
                                             .now = clock_now()};
    const char *const *paths;
    size_t count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (format == NULL)
        return error_set(err, ERROR_USAGE, "--format: `zaguan list help export` names them");
    if (list_files(context, wanted, arena, &paths, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct list *list;
        if (list_read(paths[i], arena, &list, err) != 0 ||
            exchange_export(format, list, &exchange, &text, &losses, err) != 0)
            return -1;
    }
    fwrite(text.data, 1, text.size, stdout);
    print_losses(&losses);
    return 0;
}
