#include "admin/command_partner.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "lists/format/type.h"
#include "lists/trust/floor.h"
#include "lists/trust/words.h"
#include "lists/update/update.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIAL_DAYS 14

static const struct args_row rows[] = {
    {"key", ARGS_LIST, offsetof(struct partner_wanted, keys), "RWS...",
     "the partner's minisign public key; several when it asks for several signatures"},
    {"url", ARGS_VALUE, offsetof(struct partner_wanted, url), "URL",
     "where its files stand: https://..., an onion address, or file:///..."},
    {"proxy", ARGS_VALUE, offsetof(struct partner_wanted, proxy), "URL",
     "socks5h://127.0.0.1:9050 for Tor"},
    {"yes", ARGS_FLAG, offsetof(struct partner_wanted, is_sure), NULL,
     "the words were compared with the partner: do not ask"},
    {"json", ARGS_FLAG, offsetof(struct partner_wanted, is_json), NULL, "machine-readable output"},
    {NULL, ARGS_FLAG, 0, NULL, NULL}};

static const struct act {
    const char *name;
    size_t least_words, most_words; /* with the act */
    int (*run)(const struct partner_desk *desk, struct error *err);
    const char *words;
} acts[] = {
    {"add", 2, 2, partner_act_add, "add NAME --key RWS... --url URL"},
    {"show", 2, 2, partner_act_show, "show NAME"},
    {"set", 4, 9, partner_act_set, "set NAME SETTING VALUE"},
    {"remove", 2, 2, partner_act_remove, "remove NAME"},
    {"fetch", 1, 64, partner_act_fetch, "fetch [NAME...]"},
    {"list", 1, 1, partner_act_list, "list"},
};

#define ACT_COUNT (sizeof acts / sizeof acts[0])

/* No trust on first use without a typed "yes". */
static int confirm(const struct partner_desk *desk, const struct partner *partner,
                   struct error *err)
{
    struct minisign_public keys[PARTNER_MOST_KEYS];
    char words[WORDS_TEXT_BYTES], id[MINISIGN_ID_TEXT_BYTES], answer[16] = "";
    size_t count;
    if (partner_keys(partner, keys, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        words_write_key(&keys[i], words);
        minisign_write_id(keys[i].id, id);
        printf("key %s of %s:\n    %s\n", id, partner->name, words);
    }
    if (desk->wanted->is_sure)
        return 0;
    printf("Compare these words with %s by voice or in person (there: `zaguan key show`).\n"
           "Are they the same? Type yes: ",
           partner->name);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL ||
        !slice_is(slice_trim(slice_of(answer)), "yes"))
        return error_set(err, ERROR_USAGE, "not confirmed: nothing was changed");
    return 0;
}

static int set_text(struct partner *partner, const char *name, const char *value, struct error *err)
{
    return option_set(option_find(partner_rows, slice_of(name)), partner, slice_of(value), err);
}

static int set_keys(struct partner *partner, const struct args_list *keys, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(sizeof partner->keys);
    struct minisign_public read[PARTNER_MOST_KEYS];
    size_t count;
    for (size_t i = 0; i < keys->count; i++)
        buffer_printf(&text, "%s%s", i == 0 ? "" : " ", keys->words[i]);
    if (buffer_check(&text, "key", err) != 0 || set_text(partner, "key", text.data, err) != 0 ||
        partner_keys(partner, read, &count, err) != 0)
        return -1;
    return count > 0 ? 0 : error_set(err, ERROR_USAGE, "--key RWS...: the partner's public key");
}

static bool is_known(const struct partner_desk *desk)
{
    struct partner partner;
    return partner_read(&desk->settings, desk->name, &partner, NULL) == 0;
}

int partner_act_add(const struct partner_desk *desk, struct error *err)
{
    struct partner partner;
    char folder[PATH_MAX];
    int64_t now = clock_now();
    if (partner_write_folder(&desk->settings, desk->name, folder, err) != 0)
        return -1;
    if (is_known(desk))
        return error_set(err, ERROR_INPUT,
                         "%s: is a partner already; `zaguan partner set` changes it", desk->name);
    partner_set_defaults(&partner);
    snprintf(partner.name, sizeof partner.name, "%s", desk->name);
    if (set_keys(&partner, &desk->wanted->keys, err) != 0)
        return -1;
    if (desk->wanted->url != NULL && set_text(&partner, "url", desk->wanted->url, err) != 0)
        return -1;
    if (desk->wanted->proxy != NULL && set_text(&partner, "proxy", desk->wanted->proxy, err) != 0)
        return -1;
    clock_write_timestamp(now, partner.added);
    clock_write_timestamp(now + TRIAL_DAYS * DAYS, partner.trial_until);
    if (confirm(desk, &partner, err) != 0 || partner_write(&desk->settings, &partner, err) != 0)
        return -1;
    printf("%s: added; its lists only observe for %d days, or until `zaguan partner set %s ceiling "
           "...`\n",
           partner.name, TRIAL_DAYS, partner.name);
    return 0;
}

/* Another key, another beginning: what the old one vouched for does not bind the new one. The
 * floors go last: a crash before leaves a partner of whom nothing is taken, never one with whom old
 * lists begin again. */
static int pin_anew(const struct partner_desk *desk, const struct partner *partner,
                    struct error *err)
{
    static const char *const files[] = {"head.zh", "head.zh.minisig", "root.zr.minisig", "root.zr",
                                        "floors"};
    const struct update_tools tools = {.settings = &desk->settings, .now = clock_now()};
    char folder[PATH_MAX], path[PATH_MAX + 32];
    if (partner_write_folder(&desk->settings, desk->name, folder, err) != 0)
        return -1;
    if (update_begin_anew(&tools, partner, err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(files[i], "floors") == 0 && partner_write(&desk->settings, partner, err) != 0)
            return -1;
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        if (unlink(path) != 0 && errno != ENOENT)
            return error_system(err, "%s: cannot be removed", path);
    }
    return 0;
}

/* "ceiling hate tag" is "ceiling-hate tag"; underscores are what zaguan.conf has. */
static const struct option_row *find_row(const struct args_list *words, size_t *value_at_out)
{
    char name[80];
    *value_at_out = 3;
    if (words->count == 5 && strcmp(words->words[2], "ceiling") == 0) {
        snprintf(name, sizeof name, "ceiling-%s", words->words[3]);
        *value_at_out = 4;
    } else {
        snprintf(name, sizeof name, "%s", words->words[2]);
    }
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_')
            *c = '-';
    return option_find(partner_rows, slice_of(name));
}

static int join_value(const struct args_list *words, size_t at, struct buffer *into,
                      struct error *err)
{
    for (size_t i = at; i < words->count; i++)
        buffer_printf(into, "%s%s", i == at ? "" : " ", words->words[i]);
    return buffer_check(into, "the value", err);
}

int partner_act_set(const struct partner_desk *desk, struct error *err)
{
    struct partner partner;
    size_t at;
    const struct args_list *words = &desk->wanted->words;
    const struct option_row *row = find_row(words, &at);
    BUFFER_CLEANUP value = buffer_new(2 * KIB);
    if (partner_read(&desk->settings, desk->name, &partner, err) != 0)
        return -1;
    if (row == NULL)
        return error_set(err, ERROR_USAGE,
                         "there is no setting \"%.60s\"; `zaguan partner show %s` has them all",
                         words->words[2], desk->name);
    if (join_value(words, at, &value, err) != 0 ||
        option_set(row, &partner, buffer_slice(&value), err) != 0)
        return -1;
    bool is_key = strcmp(row->name, "key") == 0;
    if (is_key && confirm(desk, &partner, err) != 0)
        return -1;
    if (slice_starts_with(slice_of(row->name), "ceiling") && partner.trial_until[0] != '\0') {
        partner.trial_until[0] = '\0';
        printf("%s: its trial is over\n", partner.name);
    }
    if ((is_key ? pin_anew(desk, &partner, err) : partner_write(&desk->settings, &partner, err)) !=
        0)
        return -1;
    if (is_key)
        printf("%s: what the old key signed only observes until it comes again\n", partner.name);
    printf("%s: %s is %s\n", partner.name, row->name, value.data);
    return 0;
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

int partner_act_remove(const struct partner_desk *desk, struct error *err)
{
    struct partner partner;
    char folder[PATH_MAX], inbox[PATH_MAX];
    if (partner_read(&desk->settings, desk->name, &partner, err) != 0 ||
        partner_write_folder(&desk->settings, desk->name, folder, err) != 0)
        return -1;
    if (nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        return error_system(err, "%s: cannot be removed", folder);
    int length = snprintf(inbox, sizeof inbox, "%s/%s", desk->settings.inbox_folder, desk->name);
    if (length > 0 && (size_t)length < sizeof inbox && access(inbox, F_OK) == 0 &&
        nftw(inbox, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "note: %s: could not be removed\n", inbox);
    printf("%s: removed, with its lists; what is held stays held\n", desk->name);
    return 0;
}

static int find_act(const struct args_list *words, const struct act **act_out, struct error *err)
{
    for (size_t i = 0; words->count > 0 && i < ACT_COUNT; i++) {
        if (strcmp(acts[i].name, words->words[0]) != 0)
            continue;
        if (words->count < acts[i].least_words || words->count > acts[i].most_words)
            return error_set(err, ERROR_USAGE, "zaguan partner %s", acts[i].words);
        *act_out = &acts[i];
        return 0;
    }
    return error_set(err, ERROR_USAGE, "one of add, show, set, remove, fetch, list");
}

int command_partner(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct partner_wanted wanted = {0};
    struct partner_desk desk = {.context = context, .wanted = &wanted, .name = ""};
    const struct act *act = NULL;
    int failed = args_parse(rows, argc, argv, &wanted, &wanted.words, err);
    if (failed == 0)
        failed = find_act(&wanted.words, &act, err);
    if (failed == 0)
        failed = command_read_settings(context, &desk.settings, err);
    if (failed == 0) {
        desk.name = wanted.words.count > 1 ? wanted.words.words[1] : "";
        failed = act->run(&desk, err);
    }
    args_list_free(&wanted.keys);
    args_list_free(&wanted.words);
    return failed;
}
