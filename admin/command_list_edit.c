/* `zaguan list add` and `zaguan list remove`: what is written was read again and tested before. */
#include "admin/command_list.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/mail/fold.h"
#include "lists/format/cursor.h"
#include "lists/format/format.h"
#include "lists/format/keyed_entry.h"
#include "lists/format/parse.h"
#include "lists/format/type.h"
#include "lists/publish/publish.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define USUAL_DAYS 180
#define NEW_FILE_MODE 0644

const struct args_row list_add_rows[] = {
    {"cat", ARGS_VALUE, offsetof(struct list_wanted, category), "CATEGORY",
     "threat, doxxing, sexual-harassment, sextortion, ncii, hate, stalking, impersonation, "
     "mail-bomb, spear-phish or other"},
    {"sev", ARGS_VALUE, offsetof(struct list_wanted, severity), "N", "1 to 5 (3)"},
    {"lang", ARGS_VALUE, offsetof(struct list_wanted, language), "LANGUAGE", "es, pt-BR, en, ..."},
    {"scope", ARGS_VALUE, offsetof(struct list_wanted, scope), "WHERE",
     "subject,body (the default), from-name, url, attachment-name"},
    {"sub", ARGS_FLAG, offsetof(struct list_wanted, has_subdomains), NULL,
     "of a domain: its subdomains too"},
    {"auth", ARGS_VALUE, offsetof(struct list_wanted, auth), "dmarc",
     "of an address: only when the sender is proven"},
    {"max-action", ARGS_VALUE, offsetof(struct list_wanted, max_action), "ACTION",
     "at most none, observe, tag or hold"},
    {"yes", ARGS_LIST, offsetof(struct list_wanted, yes), "TEXT", "texts that must match"},
    {"no", ARGS_LIST, offsetof(struct list_wanted, no), "TEXT", "texts that must not match"},
    {"expires", ARGS_VALUE, offsetof(struct list_wanted, expires), "DATE",
     "its last day (180 days from now)"},
    {"why", ARGS_VALUE, offsetof(struct list_wanted, why), "TEXT",
     "up to 120 characters; never about a person"},
    {"id", ARGS_VALUE, offsetof(struct list_wanted, id), "ID", "8 to 16 hex digits (random)"},
    {"digest-key", ARGS_VALUE, offsetof(struct list_wanted, digest_key), "NAME",
     "of addr, phone, wallet, kphrase: only the digest under this group key stands in the list"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

const struct args_row list_remove_rows[] = {
    {"why", ARGS_VALUE, offsetof(struct list_wanted, why), "WORD",
     "wrong-person, fixed, expired-early, consent-withdrawn or bad-pattern"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static void write_random_hex(char *text, size_t bytes)
{
    unsigned char random[16];
    randombytes_buf(random, bytes);
    sodium_bin2hex(text, bytes * 2 + 1, random, bytes);
}

/* Without a file: the beginning of one. */
static int read_or_begin(const char *path, struct arena *arena, struct list **list_out,
                         mode_t *mode_out, struct error *err)
{
    struct stat file;
    *mode_out = NEW_FILE_MODE;
    if (stat(path, &file) == 0) {
        *mode_out = file.st_mode & 07777;
        return list_read(path, arena, list_out, err);
    }
    char list_id[17];
    const char *slash = strrchr(path, '/');
    struct slice name = slice_of(slash == NULL ? path : slash + 1);
    if (!slice_ends_with_nocase(name, ".zl"))
        return error_set(err, ERROR_USAGE, "%s: the file of a list ends in .zl", path);
    name.size -= 3;
    write_random_hex(list_id, 8);
    const char *text =
        arena_printf(arena, "%%zaguan-list 1\n%%name " SLICE_FORMAT "\n%%list-id %s\n@end 0\n",
                     SLICE_ARGUMENTS(name), list_id);
    if (text == NULL)
        return arena_error(arena, err);
    return list_parse(slice_of(text), path, arena, list_out, err);
}

static void write_attribute(struct buffer *into, const char *key, const char *value)
{
    if (value != NULL)
        buffer_printf(into, "\n  %s %s", key, value);
}

static void write_tests(struct buffer *into, const char *key, const struct args_list *texts,
                        struct arena *arena)
{
    for (size_t i = 0; i < texts->count; i++)
        buffer_printf(into, "\n  %s " SLICE_FORMAT, key,
                      SLICE_ARGUMENTS(quoted_write(slice_of(texts->words[i]), false, arena)));
}

/* "https://host/path" is what one copies; a list has host/path. */
static struct slice value_of(const struct type_row *row, const struct list_wanted *wanted,
                             struct arena *arena)
{
    struct slice value = slice_of(wanted->words.words[2]);
    if (wanted->keyed_value != NULL)
        return slice_of(wanted->keyed_value);
    for (size_t i = 3; row->type == ENTRY_DKIM && i < wanted->words.count; i++)
        value = slice_of(arena_printf(arena, SLICE_FORMAT " %s", SLICE_ARGUMENTS(value),
                                      wanted->words.words[i]));
    if (row->type == ENTRY_URL && slice_starts_with_nocase(value, "https://"))
        value = slice_from(value, 8);
    else if (row->type == ENTRY_URL && slice_starts_with_nocase(value, "http://"))
        value = slice_from(value, 7);
    if (row->is_quoted)
        value = quoted_write(value, row->type == ENTRY_RE, arena);
    return value;
}

/* The list of this one entry, as if somebody had written it. */
static void write_entry(const struct type_row *row, const struct list_wanted *wanted,
                        struct arena *arena, struct buffer *into)
{
    char id[9], today[CLOCK_DATE_BYTES], until[CLOCK_DATE_BYTES];
    int days = row->most_days < USUAL_DAYS ? row->most_days : USUAL_DAYS;
    write_random_hex(id, 4);
    clock_write_timestamp(clock_now(), today);
    clock_write_timestamp(clock_now() + days * DAYS, until);
    today[10] = until[10] = '\0';
    buffer_append_text(into, "%zaguan-list 1\n");
    if (wanted->keyed_value != NULL)
        buffer_printf(into, "%%digest-key %s norm %d\n", wanted->digest_key, FOLD_VERSION);
    buffer_printf(into, "+ %s " SLICE_FORMAT, row->name,
                  SLICE_ARGUMENTS(value_of(row, wanted, arena)));
    if (wanted->has_subdomains)
        buffer_append_text(into, " sub");
    write_attribute(into, "id", wanted->id == NULL ? id : wanted->id);
    write_attribute(into, "cat", wanted->category);
    write_attribute(into, "sev", wanted->severity == NULL ? "3" : wanted->severity);
    write_attribute(into, "lang", wanted->language);
    write_attribute(into, "scope", wanted->scope);
    write_attribute(into, "auth", wanted->auth);
    if (wanted->keyed_words > 0)
        buffer_printf(into, "\n  n %zu", wanted->keyed_words);
    write_attribute(into, "max-action", wanted->max_action);
    write_attribute(into, "added", today);
    write_attribute(into, "expires", wanted->expires == NULL ? until : wanted->expires);
    write_attribute(into, "basis", "own");
    write_attribute(into, "why", wanted->why);
    write_tests(into, "yes", &wanted->yes, arena);
    write_tests(into, "no", &wanted->no, arena);
    buffer_append_text(into, "\n@end 1\n");
}

/* The text of a failed test is said again: its line number means nothing to the admin here. */
static const char *test_text(const struct entry *entry, struct place place, struct arena *arena)
{
    for (size_t i = 0; i < entry->test_count; i++)
        if (entry->tests[i].place.line == place.line)
            return arena_printf(arena, ": \"" SLICE_FORMAT "\"",
                                SLICE_ARGUMENTS(entry->tests[i].text));
    return "";
}

static int check_new_entry(const struct list *list, struct arena *arena, struct error *err)
{
    const struct entry *entry = &list->entries[0];
    struct findings findings = {.arena = arena};
    if (lint_list(list, clock_now(), &findings, err) != 0 ||
        (findings.error_count == 0 && test_list(list, &findings, err) != 0))
        return -1;
    for (size_t i = 0; i < findings.count; i++)
        if (findings.rows[i].level == FINDING_ERROR)
            return error_set(err, ERROR_INPUT, "%s%s (nothing was written)", findings.rows[i].text,
                             test_text(entry, findings.rows[i].place, arena));
    for (size_t i = 0; i < findings.count; i++)
        if (findings.rows[i].entry != NULL)
            fprintf(stderr, "note: %s\n", findings.rows[i].text);
    return 0;
}

/* The place in our own words is of no use: only what was wrong. */
static int new_entry_error(const struct error *fault, struct error *err)
{
    const char *text = fault->text;
    int line, column, used = 0;
    if (sscanf(text, "the entry:%d:%d: %n", &line, &column, &used) == 2 && used > 0)
        text += used;
    return error_set(err, fault->kind, "%s (nothing was written)", text);
}

/* What nobody should read in a list becomes a digest; the value itself is not written anywhere. */
static int key_value(const struct command_context *context, struct list_wanted *wanted,
                     struct arena *arena, struct error *err)
{
    struct settings settings;
    struct group_key key;
    struct slice normal, type = slice_of(wanted->words.words[1]);
    unsigned char digest[KEYED_DIGEST_BYTES];
    if (wanted->digest_key == NULL)
        return 0;
    if (command_read_settings(context, &settings, err) != 0 ||
        group_key_read(&settings, slice_of(wanted->digest_key), &key, err) != 0 ||
        keyed_entry_normalise(type, slice_of(wanted->words.words[2]), arena, &normal,
                              &wanted->keyed_words, err) != 0)
        return -1;
    keyed_entry_digest(&key, type, normal, digest);
    sodium_memzero(&key.key, sizeof key.key);
    wanted->keyed_value = keyed_entry_write(&key, digest, arena).data;
    return wanted->keyed_value == NULL ? arena_error(arena, err) : 0;
}

/* Formatted, read again for proof, and written in one step. */
static int write_list(const char *path, const struct list *list, mode_t mode, struct arena *arena,
                      struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    struct list *again;
    list_format(list, &text);
    if (buffer_check(&text, path, err) != 0 ||
        list_parse(buffer_slice(&text), path, arena, &again, err) != 0)
        return -1;
    return file_write(path, buffer_slice(&text), mode, err);
}

static int add_entry(struct list *list, const struct entry *entry, struct arena *arena,
                     struct error *err)
{
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *old = &list->entries[i];
        if (slice_equals(old->id, entry->id))
            return error_set(err, ERROR_INPUT, "there is an entry " SLICE_FORMAT " already",
                             SLICE_ARGUMENTS(entry->id));
        if (slice_equals(old->type_name, entry->type_name) &&
            slice_equals(old->value_written, entry->value_written))
            return error_set(err, ERROR_INPUT, "entry " SLICE_FORMAT " has this value already",
                             SLICE_ARGUMENTS(old->id));
    }
    struct entry *entries = arena_alloc_array(arena, list->entry_count + 1, sizeof *entries);
    if (entries == NULL)
        return arena_error(arena, err);
    if (list->entry_count > 0)
        memcpy(entries, list->entries, list->entry_count * sizeof *entries);
    entries[list->entry_count++] = *entry;
    list->entries = entries;
    return 0;
}

static int check_add_words(const struct list_wanted *wanted, const struct type_row **row_out,
                           struct error *err)
{
    if (wanted->words.count < 3)
        return error_set(err, ERROR_USAGE,
                         "FILE TYPE VALUE are expected: zaguan list add "
                         "FILE.zl phrase \"two words\" --cat threat");
    const struct type_row *row = type_find(slice_of(wanted->words.words[1]));
    bool is_keyed_only = row != NULL && (row->type == ENTRY_PHONE || row->type == ENTRY_WALLET ||
                                         row->type == ENTRY_KPHRASE);
    if (row == NULL || row->type == ENTRY_OTHER || (is_keyed_only && wanted->digest_key == NULL))
        return error_set(err, ERROR_USAGE,
                         "%.40s: the type is re, phrase, addr, domain, cidr, dkim or url; with "
                         "--digest-key addr, phone, wallet or kphrase",
                         wanted->words.words[1]);
    if (wanted->words.count > 3 && row->type != ENTRY_DKIM)
        return error_set(err, ERROR_USAGE, "one VALUE is expected; put quotes around \"%.40s ...\"",
                         wanted->words.words[2]);
    if (wanted->category == NULL)
        return error_set(err, ERROR_USAGE, "--cat says what it is: threat, doxxing, ...");
    *row_out = row;
    return 0;
}

/* One list, one group key: whoever has it can read all its digests or none. */
static int set_digest_key(struct list *list, struct slice header, struct arena *arena,
                          struct error *err)
{
    if (slice_is_empty(list->digest_key)) {
        const char *text = arena_printf(arena, SLICE_FORMAT, SLICE_ARGUMENTS(header));
        return text == NULL ? arena_error(arena, err)
                            : list_set_header(list, "%digest-key", text, arena, err);
    }
    if (!slice_equals(list->digest_key, header))
        return error_set(err, ERROR_INPUT,
                         "its digests are under another key: %%digest-key " SLICE_FORMAT,
                         SLICE_ARGUMENTS(list->digest_key));
    return 0;
}

int list_verb_add(const struct command_context *context, struct list_wanted *wanted,
                  struct error *err)
{
    const struct type_row *row = NULL;
    const char *path = wanted->words.count > 0 ? wanted->words.words[0] : "";
    struct list *list, *fresh;
    struct error fault = {0};
    mode_t mode;
    if (check_add_words(wanted, &row, err) != 0)
        return -1;
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    CLEANUP_FD int lock = -1;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (key_value(context, wanted, arena, err) != 0)
        return -1;
    write_entry(row, wanted, arena, &text);
    if (buffer_check(&text, "the entry", err) != 0)
        return -1;
    if (list_parse(buffer_slice(&text), "the entry", arena, &fresh, &fault) != 0)
        return new_entry_error(&fault, err);
    if (fresh->entry_count != 1 ||
        fresh->entries[0].test_count != wanted->yes.count + wanted->no.count)
        return error_set(err, ERROR_INPUT, "a value goes over several lines (nothing was written)");
    if (check_new_entry(fresh, arena, err) != 0 || file_lock(path, &lock, err) != 0 ||
        read_or_begin(path, arena, &list, &mode, err) != 0)
        return -1;
    if (add_entry(list, &fresh->entries[0], arena, err) != 0)
        return error_context(err, "%s", path);
    if (wanted->digest_key != NULL && set_digest_key(list, fresh->digest_key, arena, err) != 0)
        return error_context(err, "%s", path);
    if (write_list(path, list, mode, arena, err) != 0)
        return -1;
    printf("added " SLICE_FORMAT " to %s\n", SLICE_ARGUMENTS(fresh->entries[0].id), path);
    return 0;
}

/* Takes the entry out and puts the retraction in; what it said is not repeated. */
static int retract(struct list *list, struct slice id, struct slice why, struct arena *arena,
                   struct error *err)
{
    size_t at = 0;
    while (at < list->entry_count && !slice_equals(list->entries[at].id, id))
        at++;
    for (size_t i = 0; at == list->entry_count && i < list->retraction_count; i++)
        if (slice_equals(list->retractions[i].id, id))
            return error_set(err, ERROR_NOT_FOUND, "entry " SLICE_FORMAT " was retracted already",
                             SLICE_ARGUMENTS(id));
    if (at == list->entry_count)
        return error_set(err, ERROR_NOT_FOUND,
                         "there is no entry " SLICE_FORMAT "; `zaguan list show` lists them",
                         SLICE_ARGUMENTS(slice_part(id, 0, 40)));
    struct retraction *rows = arena_alloc_array(arena, list->retraction_count + 1, sizeof *rows);
    if (rows == NULL)
        return arena_error(arena, err);
    if (list->retraction_count > 0)
        memcpy(rows, list->retractions, list->retraction_count * sizeof *rows);
    rows[list->retraction_count++] =
        (struct retraction){.id = id, .why = why, .retracted_at = clock_now()};
    list->retractions = rows;
    memmove(&list->entries[at], &list->entries[at + 1],
            (list->entry_count - at - 1) * sizeof *list->entries);
    list->entry_count--;
    return 0;
}

int list_verb_remove(const struct command_context *context, struct list_wanted *wanted,
                     struct error *err)
{
    struct list *list;
    struct stat file;
    (void)context;
    if (wanted->words.count != 2)
        return error_set(err, ERROR_USAGE, "FILE and ID are expected");
    const char *path = wanted->words.words[0];
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    CLEANUP_FD int lock = -1;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (file_lock(path, &lock, err) != 0 || list_read(path, arena, &list, err) != 0)
        return -1;
    if (retract(list, slice_of(wanted->words.words[1]), slice_of(wanted->why), arena, err) != 0)
        return error_context(err, "%s", path);
    mode_t mode = stat(path, &file) == 0 ? file.st_mode & 07777 : NEW_FILE_MODE;
    if (write_list(path, list, mode, arena, err) != 0)
        return -1;
    printf("retracted %s in %s\n", wanted->words.words[1], path);
    return 0;
}
