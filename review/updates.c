#include "review/updates.h"

#include "common/base/limits.h"
#include "lists/update/update.h"
#include "review/letter.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define RESULTS_BYTES (256 * MIB)
#define MAIL_TEXT_BYTES (512 * KIB)

static uint64_t time_of(const char *folder, const char *name)
{
    char path[SETTINGS_PATH_BYTES + 300];
    struct stat file;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &file) != 0)
        return 0;
    return ((uint64_t)file.st_mtim.tv_sec * 1000003 + (uint64_t)file.st_mtim.tv_nsec) *
           (strlen(name) + 1);
}

uint64_t updates_signature(const struct settings *settings)
{
    uint64_t signature = time_of(settings->partner_folder, "changed");
    DIR *inbox = opendir(settings->inbox_folder);
    struct dirent *partner;
    while (inbox != NULL && (partner = readdir(inbox)) != NULL)
        if (partner->d_name[0] != '.')
            signature += time_of(settings->inbox_folder, partner->d_name);
    if (inbox != NULL)
        closedir(inbox);
    return signature;
}

/* An address without a domain is of this server. */
static struct slice admin_address(const struct review *review, char text[600])
{
    const struct settings *settings = review->settings;
    if (strchr(settings->admin_address, '@') != NULL)
        return slice_of(settings->admin_address);
    snprintf(text, 600, "%s@%s", settings->admin_address, settings->domain);
    return slice_of(text);
}

static int admin_language; /* of one server there is one */

static const char *say_to_admin(const char *english)
{
    return phrase(admin_language, english);
}

static int tell_admin(const struct review *review, const struct update_results *results,
                      struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(MAIL_TEXT_BYTES);
    BUFFER_CLEANUP mail = buffer_new(8 * MAIL_TEXT_BYTES);
    char address[600];
    for (size_t i = 0; i < results->count; i++)
        if (results->rows[i].is_news)
            buffer_printf(&text, "%s\n", results->rows[i].told);
    if (text.size == 0 && !text.has_overflowed)
        return 0;
    if (text.has_overflowed) {
        buffer_clear(&text);
        buffer_printf(&text, "%s\n",
                      phrase(admin_language, "More happened than one mail can hold: see `zaguan "
                                             "partner list` and `zaguan list diff`."));
    }
    const struct letter letter = {.to = admin_address(review, address),
                                  .subject = phrase(admin_language, "zaguan: lists of partners"),
                                  .token = "",
                                  .auto_submitted = "auto-generated",
                                  .language = admin_language,
                                  .text = buffer_slice(&text)};
    if (letter_compose(&letter, review->settings, review->now, &mail, err) != 0)
        return -1;
    return outbox_queue(review->store, review->keys, "report", 0, letter.to, buffer_slice(&mail), 0,
                        review->now, err);
}

int updates_run(const struct review *review, struct updates_counts *counts_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(RESULTS_BYTES);
    const struct update_tools tools = {.settings = review->settings,
                                       .store = review->store,
                                       .now = review->now,
                                       .say = say_to_admin,
                                       .ring_key = review->keys->digest_key};
    struct update_results results = {.arena = arena};
    struct error trouble = {0};
    memset(counts_out, 0, sizeof *counts_out);
    admin_language = review->settings->language;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for updates");
    int failed = update_run(&tools, &results, &trouble);
    for (size_t i = 0; i < results.count; i++) {
        counts_out->activated += results.rows[i].outcome == UPDATE_ACTIVATED;
        counts_out->waiting += results.rows[i].outcome == UPDATE_WAITING;
        counts_out->refused += results.rows[i].outcome == UPDATE_REFUSED && results.rows[i].is_news;
    }
    if (tell_admin(review, &results, err) != 0 ||
        withdrawn_offer(review, &counts_out->offered, err) != 0)
        return -1;
    return failed == 0 ? 0 : error_set(err, trouble.kind, "%s", trouble.text);
}
