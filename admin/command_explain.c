/* The real steps of a message, without effect: authentication, hits, verdicts, reasons, time. */
#include "admin/command_auth_show.h"
#include "admin/commands.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/mail/address.h"
#include "common/mail/dkim.h"
#include "lists/match/source.h"
#include "milter/explain.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OUTPUT_BYTES (16 * MIB)
#define SOURCES_BYTES (8 * MIB)

struct wanted {
    bool is_json, is_burst;
    struct args_list to, lists, wants;
    const char *client_ip, *helo, *sender;
};

static const struct args_row rows[] = {
    {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, "machine-readable output"},
    {"burst", ARGS_FLAG, offsetof(struct wanted, is_burst), NULL,
     "as if very many of its kind came at once (lanes)"},
    {"to", ARGS_LIST, offsetof(struct wanted, to), "MEMBER", "recipients"},
    {"client-ip", ARGS_VALUE, offsetof(struct wanted, client_ip), "IP", "who sent it to us"},
    {"helo", ARGS_VALUE, offsetof(struct wanted, helo), "NAME", "its HELO name"},
    {"sender", ARGS_VALUE, offsetof(struct wanted, sender), "ADDR", "envelope sender"},
    {"list", ARGS_LIST, offsetof(struct wanted, lists), "FILE",
     "lists in place of the active ones"},
    {"want", ARGS_LIST, offsetof(struct wanted, wants), "CATEGORY=ACTION",
     "wishes in place of the member's; all=hold"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

/* What is open while it runs. */
struct explaining {
    struct settings settings;
    struct wishes wishes;
    struct keys keys;
    struct dns *dns;
    struct store *store;
    struct matcher *matcher;
    struct household *household;
    struct arena *arena, *scan_arena;
    struct message_tools tools;
};

static int wish_for(struct wishes *wishes, struct slice name, struct slice value, struct error *err)
{
    char category[64];
    enum category known;
    if (!category_read(name, &known))
        return wishes_set(wishes, name, value, err);
    snprintf(category, sizeof category, "category.%s", category_name(known));
    return wishes_set(wishes, slice_of(category), value, err);
}

static int wish_for_all(struct wishes *wishes, struct slice value, struct error *err)
{
    for (int i = 0; i < CATEGORY_COUNT; i++)
        if (wish_for(wishes, slice_of(category_name((enum category)i)), value, err) != 0)
            return -1;
    return 0;
}

static int read_want(struct wishes *wishes, const char *word, struct error *err)
{
    struct slice want = slice_of(word);
    size_t equals = slice_find_byte(want, '=');
    if (equals == want.size)
        return error_set(err, ERROR_USAGE, "--want %.100s: not of the form CATEGORY=ACTION", word);
    struct slice name = slice_part(want, 0, equals), value = slice_from(want, equals + 1);
    int failed = slice_is(name, "all") ? wish_for_all(wishes, value, err)
                                       : wish_for(wishes, name, value, err);
    if (failed != 0)
        return error_context(err, "--want %.100s", word);
    return 0;
}

/* Only what is named is wished for; without any --want, what is the default for a member. */
static int read_wants(struct explaining *e, const struct wanted *wanted, struct error *err)
{
    wishes_set_defaults(&e->wishes);
    if (wanted->wants.count > 0 && wish_for_all(&e->wishes, slice_of("off"), err) != 0)
        return -1;
    for (size_t i = 0; i < wanted->wants.count; i++)
        if (read_want(&e->wishes, wanted->wants.words[i], err) != 0)
            return -1;
    e->tools.wishes = &e->wishes;
    return 0;
}

static int open_members(struct explaining *e, const struct wanted *wanted, struct error *err)
{
    bool is_given = wanted->lists.count > 0 || wanted->wants.count > 0 || wanted->to.count == 0;
    if (is_given || access(e->settings.database, F_OK) != 0)
        return read_wants(e, wanted, err);
    if (keys_read(&e->settings, KEYS_PUBLIC, &e->keys, err) != 0 ||
        store_open(e->settings.database, &e->store, err) != 0)
        return -1;
    e->tools.store = e->store;
    e->tools.keys = &e->keys;
    return 0;
}

/* What the milter would match, partners' lists with their reach. */
static int open_sources(struct explaining *e, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(SOURCES_BYTES);
    struct list_source *sources;
    size_t count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    return sources_read(&e->settings, arena, &sources, &count, err) != 0
               ? -1
               : matcher_new_from_sources(sources, count, &e->matcher, err);
}

/* Without a database those named with --to are the members. */
static int open_household(struct explaining *e, const struct wanted *wanted, struct error *err)
{
    struct slice *addresses = arena_alloc_array(e->arena, wanted->to.count + 1, sizeof *addresses);
    if (addresses == NULL)
        return arena_error(e->arena, err);
    for (size_t i = 0; i < wanted->to.count; i++) {
        struct address address;
        addresses[i] = (struct slice){NULL, 0};
        if (address_parse_path(slice_of(wanted->to.words[i]), e->arena, &address, NULL) == 0)
            addresses[i] = address_canonical(&address, e->settings.recipient_delimiter, e->arena);
    }
    int failed = e->store == NULL
                     ? household_of(&e->settings, addresses, wanted->to.count, &e->household, err)
                     : household_read(e->store, &e->keys, &e->settings, &e->household, err);
    e->tools.household = e->household;
    return failed;
}

static void tell_of_key(void *context, struct slice list, const char *fault)
{
    (void)context;
    fprintf(stderr, "note: " SLICE_FORMAT ": its digests say nothing: %s\n", SLICE_ARGUMENTS(list),
            fault);
}

static int open_lists(struct explaining *e, const struct wanted *wanted, struct error *err)
{
    int failed;
    if (wanted->lists.count > 0 || access(e->settings.list_folder, F_OK) != 0)
        failed = matcher_new(wanted->lists.words, wanted->lists.count, &e->matcher, err);
    else
        failed = open_sources(e, err);
    if (failed == 0)
        failed = matcher_use_keys(e->matcher, &e->settings, tell_of_key, NULL, err);
    e->tools.matcher = e->matcher;
    return failed;
}

static int open_tools(struct explaining *e, const struct command_context *context,
                      const struct wanted *wanted, struct error *err)
{
    if (command_read_settings(context, &e->settings, err) != 0)
        return -1;
    e->tools.settings = &e->settings;
    e->tools.now = clock_now();
    e->tools.is_burst = wanted->is_burst;
    e->arena = arena_new(LIMIT_ENVELOPE_ARENA_BYTES);
    e->scan_arena = arena_new(LIMIT_SCAN_ARENA_BYTES);
    if (e->arena == NULL || e->scan_arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (open_members(e, wanted, err) != 0 || open_household(e, wanted, err) != 0 ||
        open_lists(e, wanted, err) != 0 || dns_open(&e->settings, &e->dns, err) != 0)
        return -1;
    e->tools.dns = e->dns;
    return 0;
}

static void close_tools(struct explaining *e)
{
    arena_free(e->arena);
    arena_free(e->scan_arena);
    store_close(e->store);
    household_free(e->household);
    if (e->matcher != NULL)
        matcher_free(e->matcher);
    if (e->dns != NULL)
        dns_close(e->dns);
}

static struct slice without_brackets(const char *text)
{
    struct slice path = slice_of(text);
    if (path.size >= 2 && path.data[0] == '<' && path.data[path.size - 1] == '>')
        return slice_part(path, 1, path.size - 2);
    return path;
}

static int make_envelope(struct explaining *e, const struct wanted *wanted,
                         struct envelope *envelope, struct error *err)
{
    size_t count = wanted->to.count == 0 ? 1 : wanted->to.count;
    if (command_check_client_ip(wanted->client_ip, err) != 0)
        return -1;
    *envelope = (struct envelope){
        .client_ip = slice_of(wanted->client_ip),
        .helo = slice_of(wanted->helo),
        .queue_id = slice_of("explain"),
        .sender = without_brackets(wanted->sender),
        .recipients = arena_alloc_array(e->arena, count, sizeof *envelope->recipients),
        .recipient_count = count,
        .arrived_at = e->tools.now,
    };
    if (envelope->recipients == NULL)
        return arena_error(e->arena, err);
    envelope->recipients[0] = slice_of("-"); /* nobody in particular */
    for (size_t i = 0; i < wanted->to.count; i++)
        envelope->recipients[i] = slice_of(wanted->to.words[i]);
    return 0;
}

static json_t *text_json(struct slice text)
{
    json_t *json = json_stringn(text.data == NULL ? "" : text.data, text.size);
    if (json != NULL)
        return json;
    /* not UTF-8 (a recipient typed so): jansson takes nothing else */
    BUFFER_CLEANUP ascii = buffer_new(4096);
    for (size_t i = 0; i < text.size; i++)
        buffer_append_byte(&ascii, (unsigned char)text.data[i] < 0x80 ? text.data[i] : '?');
    return json_stringn(ascii.data, ascii.size);
}

static json_t *hits_json(const struct hit_set *hits)
{
    json_t *array = json_array();
    for (size_t i = 0; i < hits->count; i++) {
        const struct hit *hit = &hits->hits[i];
        struct slice category = hit->entry->category_name;
        json_t *object = json_object();
        json_object_set_new(object, "list", text_json(hit->list->name));
        json_object_set_new(object, "entry", text_json(hit->entry->id));
        json_object_set_new(object, "category",
                            category.size > 0 ? text_json(category)
                                              : json_string(category_name(hit->entry->category)));
        json_object_set_new(object, "severity", json_integer(hit->entry->severity));
        json_object_set_new(object, "where", json_string(hit->where_name));
        json_object_set_new(object, "text", text_json(hit->text));
        if (!slice_is_empty(hit->list->partner))
            json_object_set_new(object, "partner", text_json(hit->list->partner));
        if (hit->list->is_shadow)
            json_object_set_new(object, "shadow", json_true());
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *verdict_json(const struct message_recipient *recipient)
{
    const struct verdict *verdict = &recipient->verdict;
    json_t *object = json_object(), *reasons = json_array();
    for (size_t i = 0; i < verdict->reason_count; i++) {
        BUFFER_CLEANUP reason = buffer_new(4096);
        explain_write_reason(&verdict->reasons[i], &reason);
        json_array_append_new(reasons, text_json(buffer_slice(&reason)));
    }
    if (!recipient->is_member_on)
        json_array_append_new(reasons, json_string("did not say yes"));
    json_object_set_new(object, "recipient", text_json(recipient->path));
    json_object_set_new(object, "action", json_string(verdict_action_name(verdict->action)));
    json_object_set_new(object, "reasons", reasons);
    return object;
}

static json_t *times_json(const struct message_times *times)
{
    const struct {
        const char *name;
        int64_t microseconds;
    } parts[] = {{"authenticate", times->authenticate_microseconds},
                 {"collect", times->collect_microseconds},
                 {"match", times->match_microseconds},
                 {"decide", times->decide_microseconds},
                 {"total", times->total_microseconds}};
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        json_object_set_new(object, parts[i].name,
                            json_real((double)parts[i].microseconds / 1000.0));
    return object;
}

static int print_json(const struct message_result *result, struct error *err)
{
    const struct auth_shown shown = {.answer = &result->auth, .has_dmarc = true};
    json_t *object = json_object(), *limits = json_array(), *verdicts = json_array();
    for (size_t i = 0; i < result->limit_count; i++)
        json_array_append_new(limits, text_json(slice_of(result->limits[i])));
    for (size_t i = 0; i < result->recipient_count; i++)
        json_array_append_new(verdicts, verdict_json(&result->recipients[i]));
    int auth_failed = auth_show_fields(&shown, object, err);
    json_object_set_new(object, "scanned", json_boolean(result->is_scanned));
    json_object_set_new(object, "limits", limits);
    json_object_set_new(object, "hits", hits_json(&result->hits));
    json_object_set_new(object, "verdicts", verdicts);
    json_object_set_new(object, "milliseconds", times_json(&result->times));
    int failed =
        auth_failed != 0 ? -1 : json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(object);
    if (auth_failed != 0)
        return -1;
    if (failed != 0)
        return error_set(err, ERROR_SYSTEM, "the answer could not be written as JSON");
    putchar('\n');
    return 0;
}

static int print_text(const struct message_result *result, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(OUTPUT_BYTES);
    explain_write(result, &text);
    fwrite(text.data, 1, text.size, stdout);
    return buffer_check(&text, "the explanation", err);
}

static int explain_file(struct explaining *e, const struct command_context *context,
                        const struct wanted *wanted, const char *path, struct error *err)
{
    struct envelope envelope;
    struct message_result *result;
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES);
    if (file_read(path, &message, err) != 0 || open_tools(e, context, wanted, err) != 0 ||
        make_envelope(e, wanted, &envelope, err) != 0 ||
        message_run(&e->tools, &envelope, buffer_slice(&message), e->arena, e->scan_arena, &result,
                    err) != 0)
        return -1;
    return wanted->is_json ? print_json(result, err) : print_text(result, err);
}

static int place_of(const char *word, int argc, char **argv)
{
    for (int i = argc - 1; i > 0; i--)
        if (argv[i] == word)
            return i;
    return 0;
}

/* FILE, also when the list of the option before it has taken it: then it is that list's last. */
static const char *take_file(struct wanted *wanted, struct args_list *words, int argc, char **argv)
{
    struct args_list *const lists[] = {&wanted->to, &wanted->lists, &wanted->wants};
    struct args_list *latest = NULL;
    int latest_place = 0;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t count = lists[i]->count;
        int place = count < 2 ? 0 : place_of(lists[i]->words[count - 1], argc, argv);
        if (place > latest_place) {
            latest = lists[i];
            latest_place = place;
        }
    }
    return words->count > 1 ? NULL : args_take_word(words, latest);
}

int command_explain(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct wanted wanted = {.is_json = false};
    struct args_list words = {.count = 0};
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    if (failed == 0) {
        struct explaining e = {.dns = NULL};
        const char *path = take_file(&wanted, &words, argc, argv);
        if (path == NULL)
            failed = error_set(err, ERROR_USAGE, "one FILE of a mail is needed, or -");
        else
            failed = dkim_setup(err) != 0 ? -1 : explain_file(&e, context, &wanted, path, err);
        close_tools(&e);
        dkim_teardown();
    }
    args_list_free(&words);
    args_list_free(&wanted.to);
    args_list_free(&wanted.lists);
    args_list_free(&wanted.wants);
    return failed;
}
