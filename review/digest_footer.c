#include "review/digest.h"

#include "common/base/clock.h"
#include "common/base/zone.h"
#include "common/store/store_log.h"
#include "lists/format/parse.h"
#include "review/phrases.h"
#include "review/plain.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECONDS_OF_DAY 86400
#define MOST_PARAGRAPHS 8
#define MOST_ACTS 20
#define MOST_LISTS 30
#define LIST_ARENA_BYTES (64u * 1024 * 1024)
#define NAME_BYTES 80

struct footer {
    const struct review *review;
    const struct member *member;
    struct arena *arena;
    struct digest *digest;
};

static void add(struct footer *f, const char *paragraph)
{
    if (paragraph != NULL && f->digest->footer_count < MOST_PARAGRAPHS)
        f->digest->footer[f->digest->footer_count++] = paragraph;
}

static void add_left_out(struct footer *f)
{
    int language = f->digest->language;
    size_t left = f->digest->waiting_count - f->digest->line_count;
    if (left > 0)
        add(f,
            arena_printf(f->arena,
                         phrase_count(language, "%lu more is waiting and comes in a later summary.",
                                      "%lu more are waiting and come in later summaries.", left),
                         (unsigned long)left));
}

static void add_end(struct footer *f)
{
    int language = f->digest->language;
    unsigned long days = (unsigned long)f->member->wishes.keep_days;
    if (f->member->wishes.at_expiry == WISH_EXPIRY_DELIVER)
        add(f, arena_printf(
                   f->arena,
                   phrase_count(language, "What has waited for %lu day is delivered with a mark.",
                                "What has waited for %lu days is delivered with a mark.", days),
                   days));
    else
        add(f, arena_printf(f->arena,
                            phrase_count(language, "What has waited for %lu day is deleted.",
                                         "What has waited for %lu days is deleted.", days),
                            days));
}

/* --- lists --- */

static int is_list(const struct dirent *file)
{
    size_t size = strlen(file->d_name);
    return file->d_name[0] != '.' && size > 3 && strcmp(file->d_name + size - 3, ".zl") == 0;
}

/* A list without a date of its own is as old as its file. */
static int64_t issued_at(const struct list *list, const char *path, int64_t now)
{
    struct stat status;
    if (list->issued_at > 0)
        return list->issued_at;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtime : now;
}

static bool write_list(const struct footer *f, const char *file, struct buffer *into)
{
    ARENA_CLEANUP *arena = arena_new(LIST_ARENA_BYTES);
    char path[PATH_MAX], name[NAME_BYTES + 1];
    struct list *list;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", f->review->settings->list_folder, file);
    if (arena == NULL || list_read(path, arena, &list, &err) != 0)
        return false;
    int64_t days = (f->review->now - issued_at(list, path, f->review->now)) / SECONDS_OF_DAY;
    unsigned long age = days > 0 ? (unsigned long)days : 0;
    struct slice clean = plain_clean(list->name, name, NAME_BYTES);
    buffer_printf(into, "%s" SLICE_FORMAT " (", into->size == 0 ? "" : ", ",
                  SLICE_ARGUMENTS(clean));
    if (age == 0)
        buffer_append_text(into, phrase(f->digest->language, "from today"));
    else
        buffer_printf(into, phrase_count(f->digest->language, "%lu day old", "%lu days old", age),
                      age);
    buffer_append_byte(into, ')');
    return true;
}

static void add_lists(struct footer *f)
{
    struct dirent **files = NULL;
    BUFFER_CLEANUP names = buffer_new(8192);
    int language = f->digest->language, unread = 0;
    int count = scandir(f->review->settings->list_folder, &files, is_list, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < MOST_LISTS && !write_list(f, files[i]->d_name, &names))
            unread++;
        free(files[i]);
    }
    free(files);
    if (count < 0 || unread > 0)
        add(f, phrase(language, "Not every list could be read; the admin should look at it."));
    if (names.size > 0)
        add(f, arena_printf(f->arena, phrase(language, "Lists in use: %s."), names.data));
    else if (count >= 0 && unread == 0)
        add(f, phrase(language, "No list is in use."));
}

/* --- her log --- */

static const struct {
    const char *actor;
    const char *english;
} actors[] = {
    {"admin", PHRASE("the admin")},
    {"reviewer", PHRASE("a trusted person")},
};

/* As they stand in the log; an act that is not here is shown in English. */
static const struct {
    const char *act;
    const char *english;
} acts[] = {
    {"invited", PHRASE("sent the invitation")},
    {"consent recorded", PHRASE("recorded your consent")},
    {"setting changed", PHRASE("changed a setting")},
    {"stopped", PHRASE("switched this off")},
    {"contacts added", PHRASE("added people you know")},
    {"looked", PHRASE("looked at a mail")},
    {"released", PHRASE("released a mail")},
    {"deleted", PHRASE("deleted a mail")},
    {"kept", PHRASE("kept a mail")},
    {"exported", PHRASE("exported a mail")},
    {"settings shown", PHRASE("looked at your settings")},
    {"summary shown", PHRASE("looked at how many wait")},
    {"digest", PHRASE("had a summary sent")},
};

static const char *in_words(int language, struct slice act, struct arena *arena)
{
    char clean[NAME_BYTES + 1];
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (slice_is(act, acts[i].act))
            return phrase(language, acts[i].english);
    return arena_copy(arena, plain_clean(act, clean, NAME_BYTES)).data;
}

static const char *actor_in_words(int language, struct slice actor)
{
    for (size_t i = 0; i < sizeof actors / sizeof actors[0]; i++)
        if (slice_is(actor, actors[i].actor))
            return phrase(language, actors[i].english);
    return NULL;
}

/* The same act by the same hand on the same day of hers is told once, with its count. */
static bool is_same_act(const struct store_log_line *a, const struct store_log_line *b,
                        const char *time_zone)
{
    struct zone_time first, second;
    if (!slice_equals(a->actor, b->actor) || !slice_equals(a->action, b->action))
        return false;
    zone_read(time_zone, a->at, &first);
    zone_read(time_zone, b->at, &second);
    return first.year == second.year && first.month == second.month && first.day == second.day;
}

/* How often an act stands among the lines; 0 when it was told at an earlier one. */
static int times_of_act(const struct store_log_line *lines, size_t count, size_t which,
                        const char *time_zone)
{
    int times = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_same_act(&lines[i], &lines[which], time_zone))
            continue;
        if (i < which)
            return 0;
        times++;
    }
    return times;
}

static void write_act(const struct footer *f, const struct store_log_line *line, const char *actor,
                      int times, struct buffer *into)
{
    struct zone_time when;
    const char *act = in_words(f->digest->language, line->action, f->arena);
    zone_read(f->member->wishes.time_zone, line->at, &when);
    buffer_printf(into, "%s%s %s (%04d-%02d-%02d", into->size == 0 ? "" : "; ", actor,
                  act == NULL ? "?" : act, when.year, when.month, when.day);
    if (times > 1)
        buffer_printf(into, ", %d\xC3\x97", times); /* 2 times, in signs of every language */
    buffer_append_byte(into, ')');
}

static void add_log(struct footer *f, const struct store_log_line *lines, size_t count)
{
    BUFFER_CLEANUP text = buffer_new(8192);
    int language = f->digest->language;
    unsigned long unscanned = 0;
    int acted = 0;
    for (size_t i = 0; i < count; i++) {
        const char *actor = actor_in_words(language, lines[i].actor);
        if (slice_is(lines[i].actor, "zaguan") && slice_is(lines[i].action, "unscanned"))
            unscanned++;
        if (actor == NULL || acted >= MOST_ACTS)
            continue;
        int times = times_of_act(lines, count, i, f->member->wishes.time_zone);
        if (times == 0)
            continue;
        acted++;
        write_act(f, &lines[i], actor, times, &text);
    }
    if (unscanned > 0)
        add(f, arena_printf(
                   f->arena,
                   phrase_count(
                       language, "%lu mail could not be read whole; it went to your mailbox.",
                       "%lu mails could not be read whole; they went to your mailbox.", unscanned),
                   unscanned));
    if (acted > 0)
        add(f, arena_printf(f->arena, phrase(language, "Since the last summary: %s."), text.data));
    else
        add(f,
            phrase(language, "Since the last summary nobody but you has looked at these mails."));
}

int digest_write_footer(const struct review *review, const struct member *member,
                        struct arena *arena, struct digest *digest, struct error *err)
{
    struct footer f = {review, member, arena, digest};
    struct store_log_line *lines;
    size_t count;
    digest->footer = arena_alloc_array(arena, MOST_PARAGRAPHS, sizeof *digest->footer);
    if (digest->footer == NULL)
        return arena_error(arena, err);
    if (store_log_list(review->store, member->row.id, member->row.last_digest_at, arena, &lines,
                       &count, err) != 0)
        return -1;
    add_left_out(&f);
    add_end(&f);
    add_lists(&f);
    add_log(&f, lines, count);
    return 0;
}
