#include "admin/command_member.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/base/zone.h"
#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include "common/store/store_mail.h"
#include "review/invitation.h"
#include "review/notice.h"
#include "review/phrases.h"
#include <stdio.h>
#include <string.h>

#define ARENA_BYTES (64 * MIB)
#define NOTE_BYTES 500
#define VALUE_BYTES 200

static const struct args_row rows[] = {
    {"json", ARGS_FLAG, offsetof(struct member_wanted, is_json), NULL, "machine-readable output"},
    {"yes", ARGS_FLAG, offsetof(struct member_wanted, is_sure), NULL, "forget: do it"},
    {"language", ARGS_VALUE, offsetof(struct member_wanted, language), "es|pt|en",
     "invite, add: the language zaguan speaks with her"},
    {"consent", ARGS_VALUE, offsetof(struct member_wanted, consent), "NOTE",
     "add: how she said yes; stands in her record and in the mail to her"},
    {"time-zone", ARGS_VALUE, offsetof(struct member_wanted, time_zone), "ZONE",
     "invite, add: her time zone (default: that of this machine)"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

int member_desk_find(struct member_desk *desk, struct member *member_out, struct error *err)
{
    int found = member_find(desk->review.store, &desk->settings, slice_of(desk->words.words[0]),
                            desk->arena, member_out, err);
    if (found == 0)
        return error_set(err, ERROR_NOT_FOUND, "nobody of that address was invited");
    return found < 0 ? -1 : 0;
}

int member_desk_log(struct member_desk *desk, const struct member *member, const char *action,
                    const char *note, struct error *err)
{
    const struct store_log_line line = {
        .member_id = member->row.id,
        .at = desk->review.now,
        .actor = slice_of("admin"),
        .action = slice_of(action),
        .note = slice_of(note),
    };
    return store_log_add(desk->review.store, &line, err);
}

static int read_language(const struct member_desk *desk, int *language_out, struct error *err)
{
    struct wishes wishes;
    wishes_set_defaults(&wishes);
    wishes.language = desk->settings.language;
    if (desk->wanted->language != NULL &&
        wishes_set(&wishes, slice_of("language"), slice_of(desk->wanted->language), err) != 0)
        return -1;
    *language_out = wishes.language;
    return 0;
}

/* Invited, not asked yet: the row, and the time zone in which her day begins. */
static int put_invited(struct member_desk *desk, struct member *member, struct error *err)
{
    char zone[ZONE_NAME_BYTES];
    int language;
    zone_of_machine(zone);
    if (read_language(desk, &language, err) != 0 ||
        member_invite(desk->review.store, &desk->settings, slice_of(desk->words.words[0]), language,
                      desk->review.now, member, desk->arena, err) != 0)
        return -1;
    if (desk->wanted->time_zone == NULL && strcmp(member->wishes.time_zone, "UTC") != 0)
        return 0; /* she had chosen one before */
    return member_set(desk->review.store, member, slice_of("time-zone"),
                      slice_of(desk->wanted->time_zone == NULL ? zone : desk->wanted->time_zone),
                      err);
}

static int invite(struct member_desk *desk, struct error *err)
{
    struct member member;
    if (put_invited(desk, &member, err) != 0 ||
        invitation_queue(desk->review.store, &desk->keys, &desk->settings, &member,
                         desk->review.now, err) != 0)
        return -1;
    return member_desk_log(desk, &member, "invited", "", err);
}

static int tell(struct member_desk *desk, const struct member *member, const char *text,
                struct error *err)
{
    if (text == NULL)
        return arena_error(desk->arena, err);
    return notice_queue(&desk->review, member, 0, text, err);
}

static int add(struct member_desk *desk, struct error *err)
{
    struct member member;
    const char *note = desk->wanted->consent;
    if (note == NULL || slice_is_empty(slice_trim(slice_of(note))))
        return error_set(err, ERROR_USAGE,
                         "add: --consent NOTE must say how she said yes; else use invite");
    if (strlen(note) > NOTE_BYTES || strpbrk(note, "\r\n") != NULL)
        return error_set(err, ERROR_INPUT, "add: the note is one line of at most %d bytes",
                         NOTE_BYTES);
    if (put_invited(desk, &member, err) != 0 ||
        member_consent(desk->review.store, &member, slice_of(note), desk->review.now, err) != 0 ||
        member_desk_log(desk, &member, "consent recorded", note, err) != 0)
        return -1;
    return tell(
        desk, &member,
        arena_printf(desk->arena,
                     phrase(member.wishes.language,
                            "The admin of this mail server has written down that you said "
                            "yes to zaguan in person: \"%s\".\n\nFrom now on zaguan looks "
                            "at the mail that comes to you and holds back what you asked to "
                            "have held. You will get a summary of what waits.\n\nIf this is "
                            "not what you said, answer with the word \"stop\" and it ends "
                            "at once."),
                     note),
        err);
}

/* "3 days" of a shield as an end; every other value as it stands. */
static int read_value(struct member_desk *desk, const char *name, char *value, size_t size,
                      struct error *err)
{
    int64_t until;
    BUFFER_CLEANUP words = buffer_new(size - 1);
    for (size_t i = 2; i < desk->words.count; i++)
        buffer_printf(&words, "%s%s", i == 2 ? "" : " ", desk->words.words[i]);
    if (buffer_check(&words, name, err) != 0)
        return -1;
    snprintf(value, size, "%s", words.data);
    if (strcmp(name, "shield") != 0)
        return 0;
    if (wishes_read_shield(buffer_slice(&words), desk->review.now, &until, err) != 0)
        return -1;
    if (until == 0)
        snprintf(value, size, "off");
    else
        clock_write_timestamp(until, value);
    return 0;
}

static int set(struct member_desk *desk, struct error *err)
{
    struct member member;
    char value[VALUE_BYTES];
    if (desk->words.count < 3)
        return error_set(err, ERROR_USAGE, "set needs ADDRESS NAME VALUE");
    const char *name = desk->words.words[1];
    if (member_desk_find(desk, &member, err) != 0 ||
        read_value(desk, name, value, sizeof value, err) != 0 ||
        member_set(desk->review.store, &member, slice_of(name), slice_of(value), err) != 0 ||
        member_desk_log(desk, &member, "setting changed", name, err) != 0)
        return -1;
    return tell(
        desk, &member,
        arena_printf(desk->arena,
                     phrase(member.wishes.language,
                            "The admin of this mail server has changed a setting of yours: "
                            "%s is now %s.\n\nIf you do not want that, answer with the word "
                            "\"settings\" to see all of them and how to change them."),
                     name, value),
        err);
}

/* Numbers for everything that is still held, so that "all" in her answer means all. */
static int number_held(struct member_desk *desk, const struct member *member,
                       int64_t *digest_id_out, struct error *err)
{
    struct store_item *items;
    size_t count;
    const struct store_item_filter held = {
        .member_id = member->row.id, .states = 1U << STORE_ITEM_HELD, .without_split = true};
    if (store_item_list(desk->review.store, &held, desk->arena, &items, &count, err) != 0)
        return -1;
    int64_t *ids = arena_alloc_array(desk->arena, count + 1, sizeof *ids);
    if (ids == NULL)
        return arena_error(desk->arena, err);
    for (size_t i = 0; i < count; i++)
        ids[i] = items[i].id;
    return store_digest_put(desk->review.store, member->row.id, desk->review.now, ids, count,
                            digest_id_out, err);
}

static int off(struct member_desk *desk, struct error *err)
{
    struct member member;
    int64_t digest_id;
    if (member_desk_find(desk, &member, err) != 0 ||
        member_stop(desk->review.store, &member, desk->review.now, err) != 0 ||
        member_desk_log(desk, &member, "stopped", "", err) != 0 ||
        number_held(desk, &member, &digest_id, err) != 0)
        return -1;
    return notice_queue(
        &desk->review, &member, digest_id,
        phrase(member.wishes.language,
               "The admin of this mail server has switched zaguan off for you. From now on all "
               "your mail arrives untouched. What is still held waits for you: answer this mail "
               "with \"release all\" or \"delete all\"."),
        err);
}

static int forget(struct member_desk *desk, struct error *err)
{
    struct member member;
    if (member_desk_find(desk, &member, err) != 0)
        return -1;
    if (!desk->wanted->is_sure)
        return error_set(err, ERROR_USAGE,
                         "forget removes everything about her, also what is held, for good; to do "
                         "it, say it again with --yes");
    if (member_forget(desk->review.store, &member, err) != 0)
        return -1;
    return notice_queue_last(&desk->review, member.row.address, member.wishes.language,
                             phrase(member.wishes.language,
                                    "The admin of this mail server has removed everything that "
                                    "zaguan knew about you: your settings, what was held, whom you "
                                    "wrote to. Your mail arrives untouched."),
                             err);
}

static const struct {
    const char *name;
    size_t least_words;
    int (*run)(struct member_desk *desk, struct error *err);
    const char *done; /* what is printed; NULL: the act prints by itself */
} acts[] = {
    {"invite", 1, invite, "the invitation is on its way; nothing is held before a yes"},
    {"add", 1, add, "on from now; a mail tells her so"},
    {"show", 1, member_show, NULL},
    {"set", 1, set, "set; a mail tells her so"},
    {"off", 1, off, "off; a mail tells her so"},
    {"forget", 1, forget, "everything about her is gone; a mail tells her so"},
    {"list", 0, member_list, NULL},
    {"contacts", 1, member_contacts, NULL},
};

static int run_act(struct member_desk *desk, size_t act, struct error *err)
{
    if (desk->words.count < acts[act].least_words)
        return error_set(err, ERROR_USAGE, "%s needs an ADDRESS", acts[act].name);
    if (store_begin(desk->review.store, err) != 0)
        return -1;
    if (acts[act].run(desk, err) != 0 || store_commit(desk->review.store, err) != 0) {
        store_rollback(desk->review.store);
        return -1;
    }
    if (acts[act].done != NULL && desk->wanted->is_json)
        printf("{\"done\": \"%s\"}\n", acts[act].name);
    else if (acts[act].done != NULL)
        puts(acts[act].done);
    return 0;
}

static int open_and_run(const struct command_context *context, struct member_desk *desk, size_t act,
                        struct error *err)
{
    if (command_read_settings(context, &desk->settings, err) != 0 ||
        keys_read(&desk->settings, KEYS_PUBLIC, &desk->keys, err) != 0 ||
        store_open(desk->settings.database, &desk->review.store, err) != 0)
        return -1;
    desk->review.keys = &desk->keys;
    desk->review.settings = &desk->settings;
    desk->review.now = clock_now();
    desk->arena = arena_new(ARENA_BYTES);
    int failed =
        desk->arena == NULL ? error_set(err, ERROR_SYSTEM, "no memory") : run_act(desk, act, err);
    arena_free(desk->arena);
    store_close(desk->review.store);
    return failed;
}

int command_member(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct member_wanted wanted = {0};
    struct args_list words = {0};
    static struct member_desk desk;
    phrases_open();
    int failed = args_parse(rows, argc, argv, &wanted, &words, err);
    size_t act = 0;
    while (failed == 0 && words.count > 0 && act < sizeof acts / sizeof acts[0] &&
           strcmp(acts[act].name, words.words[0]) != 0)
        act++;
    if (failed == 0 && (words.count == 0 || act == sizeof acts / sizeof acts[0]))
        failed = error_set(err, ERROR_USAGE,
                           "one of invite, add, show, set, off, forget, list, contacts add");
    if (failed == 0) {
        desk.wanted = &wanted;
        desk.words = (struct args_list){words.words + 1, words.count - 1};
        failed = open_and_run(context, &desk, act, err);
    }
    args_list_free(&words);
    return failed;
}
