/* `zaguan list publish`, `sign`, `verify` and `retract`. */
#include "admin/command_list.h"

#include "admin/passphrase.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/store/store_member.h"
#include "lists/format/parse.h"
#include "lists/publish/publish.h"
#include "lists/trust/partner.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIMPLE_FRESH_DAYS 90 /* one key in all roles: nothing is signed by cron */
#define SPLIT_FRESH_DAYS 30
#define FILE_MODE 0644

const struct args_row list_retract_rows[] = {
    {"why", ARGS_VALUE, offsetof(struct list_wanted, why), "WORD",
     "wrong-person, fixed, expired-early, consent-withdrawn or bad-pattern"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_sign_rows[] = {{NULL, ARGS_FLAG, 0, NULL, NULL}};

const struct args_row list_verify_rows[] = {
    {"key", ARGS_VALUE, offsetof(struct list_wanted, key), "RWS...", "a minisign public key"},
    {"partner", ARGS_VALUE, offsetof(struct list_wanted, partner), "NAME",
     "the keys that this partner's root names for lists"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_publish_rows[] = {
    {"scope", ARGS_VALUE, offsetof(struct list_wanted, scope), "TEXT",
     "what the list is for and what not (%scope)"},
    {"appeals", ARGS_VALUE, offsetof(struct list_wanted, appeals), "ADDRESS",
     "where one can object (%appeals)"},
    {"audience", ARGS_VALUE, offsetof(struct list_wanted, audience), "WHO",
     "public, partners or group:ID (%audience)"},
    {"fresh-days", ARGS_VALUE, offsetof(struct list_wanted, fresh_days), "N",
     "how long the head is fresh (90; 30 with a key for each role)"},
    {"drop", ARGS_LIST, offsetof(struct list_wanted, dropped), "NAME",
     "lists that are not offered any more"},
    {"allow-word", ARGS_LIST, offsetof(struct list_wanted, allowed_words), "WORD",
     "names of members that are words of the language too"},
    {"saw", ARGS_FLAG, offsetof(struct list_wanted, shows_saw), NULL,
     "tell which lists of others we have, so that partners can compare; shows who they are"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

int list_verb_retract(const struct command_context *context, struct list_wanted *wanted,
                      struct error *err)
{
    static const char *const reasons[] = {"wrong-person", "fixed", "expired-early",
                                          "consent-withdrawn", "bad-pattern"};
    for (size_t i = 0; wanted->why != NULL && i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(wanted->why, reasons[i]) == 0)
            return list_verb_remove(context, wanted, err);
    return error_set(err, ERROR_USAGE,
                     "--why: wrong-person, fixed, expired-early, consent-withdrawn or bad-pattern");
}

static int sign_one(struct publisher *publisher, const char *path, struct arena *arena,
                    struct error *err)
{
    struct list *list;
    char comment[LIST_COMMENT_BYTES], target[PATH_MAX];
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES), signature = buffer_new(LIMIT_MINISIG_BYTES);
    if (file_read(path, &text, err) != 0 ||
        list_parse(buffer_slice(&text), path, arena, &list, err) != 0)
        return -1;
    if (list->list_id.size == 0 || list->sequence == 0 || list->issued_at == 0)
        return error_set(err, ERROR_INPUT, "%s: without %%list-id, %%seq and %%issued", path);
    if (!slice_is(list->publisher, publisher->root.publisher))
        return error_set(err, ERROR_INPUT, "%s: its %%publisher is not %s", path,
                         publisher->root.publisher);
    list_write_comment(list, comment);
    if (publisher_sign(publisher, ROOT_ROLE_LIST, buffer_slice(&text), comment, &signature, err) !=
        0)
        return -1;
    snprintf(target, sizeof target, "%s.minisig", path);
    if (file_write(target, buffer_slice(&signature), FILE_MODE, err) != 0)
        return -1;
    printf("%s: signed as \"%s\"\n", target, comment);
    return 0;
}

int list_verb_sign(const struct command_context *context, struct list_wanted *wanted,
                   struct error *err)
{
    struct settings settings;
    PUBLISHER_CLEANUP publisher = {.unlocked_count = 0};
    if (wanted->words.count == 0)
        return error_set(err, ERROR_USAGE, "FILE is expected");
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (command_read_settings(context, &settings, err) != 0 ||
        publisher_read(&settings, passphrase_ask, &publisher, err) != 0)
        return -1;
    for (size_t i = 0; i < wanted->words.count; i++)
        if (sign_one(&publisher, wanted->words.words[i], arena, err) != 0)
            return -1;
    return 0;
}

/* The root of --key, of --partner, or our own. */
static int find_root(const struct command_context *context, const struct list_wanted *wanted,
                     struct root *root, struct error *err)
{
    struct settings settings;
    struct partner partner;
    struct minisign_public public;
    struct publisher publisher;
    if (wanted->key != NULL) {
        if (minisign_read_public(slice_of(wanted->key), "--key", &public, err) != 0)
            return -1;
        root_from_pinned("", &public, 1, root);
        return 0;
    }
    if (command_read_settings(context, &settings, err) != 0)
        return -1;
    if (wanted->partner != NULL)
        return partner_read(&settings, wanted->partner, &partner, err) != 0
                   ? -1
                   : partner_root(&settings, &partner, root, err);
    if (publisher_read(&settings, passphrase_ask, &publisher, err) != 0)
        return -1;
    *root = publisher.root;
    return 0;
}

/* Signature before parser: an unsigned file is not looked at. The comment is compared with what the
 * file says of itself, so the first signature's own comment stands in until then. */
static int verify_one(const struct root *root, const char *path, struct arena *arena,
                      struct error *err)
{
    struct minisign_signature signature;
    struct list *list;
    char comment[LIST_COMMENT_BYTES], name[PATH_MAX];
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES),
                   signatures = buffer_new(LIMIT_MINISIG_BYTES);
    snprintf(name, sizeof name, "%s.minisig", path);
    if (file_read(path, &text, err) != 0 || file_read(name, &signatures, err) != 0)
        return -1;
    struct slice rest = buffer_slice(&signatures);
    int more = minisign_next_signature(&rest, name, &signature, err);
    if (more <= 0)
        return more < 0 ? -1 : error_set(err, ERROR_INPUT, "%s: there is no signature", name);
    if (root_verify(root, ROOT_ROLE_LIST, buffer_slice(&text), buffer_slice(&signatures),
                    signature.trusted_comment, name, err) != 0 ||
        list_parse(buffer_slice(&text), path, arena, &list, err) != 0)
        return -1;
    list_write_comment(list, comment);
    if (strcmp(comment, signature.trusted_comment) != 0)
        return error_set(err, ERROR_INPUT,
                         "%s: the signature is for \"%.120s\", the file is \"%s\"", path,
                         signature.trusted_comment, comment);
    if (root->publisher[0] != '\0' && !slice_is(list->publisher, root->publisher))
        return error_set(err, ERROR_INPUT, "%s: of " SLICE_FORMAT ", not of %s", path,
                         SLICE_ARGUMENTS(list->publisher), root->publisher);
    printf("%s: good, \"%s\" of " SLICE_FORMAT "\n", path, comment,
           SLICE_ARGUMENTS(list->publisher));
    return 0;
}

int list_verb_verify(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err)
{
    struct root root;
    if (wanted->words.count == 0)
        return error_set(err, ERROR_USAGE, "FILE is expected");
    if (wanted->key != NULL && wanted->partner != NULL)
        return error_set(err, ERROR_USAGE, "--key or --partner, not both");
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (find_root(context, wanted, &root, err) != 0)
        return -1;
    for (size_t i = 0; i < wanted->words.count; i++)
        if (verify_one(&root, wanted->words.words[i], arena, err) != 0)
            return -1;
    return 0;
}

/* All who were ever asked: also who said no must not stand in a list of ours. */
static int read_directory(const struct settings *settings, const struct list_wanted *wanted,
                          struct arena *arena, struct directory *directory, struct error *err)
{
    struct store *store;
    struct store_member *members;
    size_t count = 0;
    *directory = (struct directory){.settings = settings,
                                    .allowed_words = wanted->allowed_words.words,
                                    .allowed_count = wanted->allowed_words.count};
    if (access(settings->database, F_OK) != 0) {
        fprintf(stderr, "note: %s: there is no database, so no member is known here\n",
                settings->database);
        return 0;
    }
    if (store_open(settings->database, &store, err) != 0)
        return -1;
    int failed = store_member_list(store, arena, &members, &count, err);
    store_close(store);
    if (failed != 0)
        return -1;
    struct slice *addresses = arena_alloc_array(arena, count + 1, sizeof *addresses);
    if (addresses == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < count; i++)
        addresses[i] = members[i].address;
    directory->addresses = addresses;
    directory->address_count = count;
    return 0;
}

/* Without FILE: what carries our name already. */
static int find_rows(const struct settings *settings, const struct list_wanted *wanted,
                     const struct publisher *publisher, struct arena *arena,
                     struct publish_list **rows_out, size_t *count_out, struct error *err)
{
    const char *const *paths = wanted->words.words + 1;
    size_t path_count = wanted->words.count - 1, count = 0;
    bool is_search = path_count == 0;
    if (is_search && list_find_files(settings->list_folder, arena, &paths, &path_count, err) != 0)
        return -1;
    struct publish_list *rows = arena_alloc_array(arena, path_count + 1, sizeof *rows);
    if (rows == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < path_count; i++) {
        struct list *list;
        if (is_search && list_read(paths[i], arena, &list, err) != 0)
            return -1;
        if (!is_search || slice_is(list->publisher, publisher->root.publisher))
            rows[count++].path = paths[i];
    }
    *rows_out = rows;
    *count_out = count;
    return 0;
}

static size_t print_errors(const struct publish_list *row)
{
    for (size_t i = 0; i < row->findings.count; i++) {
        const struct finding *finding = &row->findings.rows[i];
        fprintf(stderr, "%s:%d:%d: %s: %s\n", row->path, finding->place.line, finding->place.column,
                finding->level == FINDING_ERROR ? "error" : "warning", finding->text);
    }
    return row->findings.error_count;
}

static int check_rows(const struct publisher *publisher, const struct publish_wish *wish,
                      struct publish_list *rows, size_t count, struct arena *arena,
                      struct error *err)
{
    size_t errors = 0;
    for (size_t i = 0; i < count; i++) {
        if (publish_check(publisher, wish, &rows[i], arena, err) != 0)
            return -1;
        errors += print_errors(&rows[i]);
    }
    return errors == 0 ? 0
                       : error_set(err, ERROR_INPUT, "%zu errors: nothing was published", errors);
}

static int read_wish(const struct list_wanted *wanted, const struct publisher *publisher,
                     struct publish_wish *wish, struct error *err)
{
    long long days = publisher->root.key_count == 1 ? SIMPLE_FRESH_DAYS : SPLIT_FRESH_DAYS;
    if (wanted->fresh_days != NULL &&
        !slice_to_number(slice_of(wanted->fresh_days), 1, PUBLISH_MOST_FRESH_DAYS, &days))
        return error_set(err, ERROR_USAGE, "--fresh-days: 1 to %d", PUBLISH_MOST_FRESH_DAYS);
    *wish = (struct publish_wish){.folder = wanted->words.words[0],
                                  .now = clock_now(),
                                  .fresh_days = days,
                                  .scope = wanted->scope,
                                  .appeals = wanted->appeals,
                                  .audience = wanted->audience,
                                  .shows_saw = wanted->shows_saw};
    return 0;
}

static void print_published(const struct publish_wish *wish, const struct publish_list *rows,
                            size_t count, const struct head *head)
{
    char until[CLOCK_DATE_BYTES];
    clock_write_timestamp(head->fresh_until, until);
    for (size_t i = 0; i < count; i++)
        printf(SLICE_FORMAT " %" PRId64 "%s\n", SLICE_ARGUMENTS(rows[i].list->name),
               rows[i].sequence, rows[i].is_changed ? "" : " (unchanged)");
    if (head->list_count == 0)
        printf("no list was published: name its FILE the first time\n");
    printf("%s/head.zh: head %" PRId64 ", %zu lists, fresh until %s\n", wish->folder,
           head->sequence, head->list_count, until);
}

int list_verb_publish(const struct command_context *context, struct list_wanted *wanted,
                      struct error *err)
{
    struct settings settings;
    struct publish_wish wish;
    struct directory directory;
    struct publish_list *rows = NULL;
    struct head *head;
    size_t count = 0;
    PUBLISHER_CLEANUP publisher = {.unlocked_count = 0};
    if (wanted->words.count == 0)
        return error_set(err, ERROR_USAGE, "DIR is expected: the folder of the web server");
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (command_read_settings(context, &settings, err) != 0 ||
        publisher_read(&settings, passphrase_ask, &publisher, err) != 0 ||
        read_wish(wanted, &publisher, &wish, err) != 0 ||
        read_directory(&settings, wanted, arena, &directory, err) != 0)
        return -1;
    wish.directory = &directory;
    if (find_rows(&settings, wanted, &publisher, arena, &rows, &count, err) != 0 ||
        check_rows(&publisher, &wish, rows, count, arena, err) != 0 ||
        publish_run(&publisher, &wish, &settings, rows, count, wanted->dropped.words,
                    wanted->dropped.count, arena, &head, err) != 0)
        return -1;
    print_published(&wish, rows, count, head);
    return 0;
}
