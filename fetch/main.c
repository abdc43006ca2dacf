/*
 * zaguan-fetch: brings what partners publish into inbox_folder. Started by a timer, as a user of
 * its own that can read neither mail nor the database nor a secret key. Its only effect are the
 * files of the inbox; whether they are trusted is decided elsewhere.
 */
#include "common/base/args.h"
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "fetch/poll.h"
#include "fetch/transfer.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#define NAMES_BYTES (4 * MIB)

struct wanted {
    const char *settings_path;
    bool is_now, is_help;
};

static const struct args_row rows[] = {
    {"c", ARGS_VALUE, offsetof(struct wanted, settings_path), "FILE", "the configuration"},
    {"now", ARGS_FLAG, offsetof(struct wanted, is_now), NULL,
     "ask at once, also a partner whose next time has not come"},
    {"help", ARGS_FLAG, offsetof(struct wanted, is_help), NULL, "this text"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

/* What a taken-over transfer could fill or leave behind. */
static void limit_self(void)
{
    const struct rlimit file = {2 * LIMIT_LIST_BYTES, 2 * LIMIT_LIST_BYTES};
    const struct rlimit none = {0, 0};
    const struct rlimit files = {64, 64};
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_NOFILE, &files);
}

static int fetch(const struct settings *settings, const char *name, bool is_now, struct error *err)
{
    static const char *const answers[] = {"not-due", "nothing-new", "news"};
    struct partner partner;
    enum poll_answer answer;
    if (partner_read(settings, name, &partner, err) != 0)
        return -1;
    if (partner.url[0] == '\0') {
        log_event(LOG_LEVEL_INFO, "not-fetched", "partner=%s reason=\"no url\"", name);
        return 0;
    }
    if (slice_starts_with_nocase(slice_of(partner.url), "http://") &&
        !slice_ends_with_nocase(
            slice_part(slice_of(partner.url), 0,
                       7 + slice_find_byte(slice_from(slice_of(partner.url), 7), '/')),
            ".onion"))
        log_event(LOG_LEVEL_WARNING, "plain-http",
                  "partner=%s others=\"can see what is asked for\"", name);
    if (poll_partner(settings, &partner, is_now, clock_now(), &answer, err) != 0)
        return error_context(err, "%s", name);
    log_event(LOG_LEVEL_INFO, "fetched", "partner=%s answer=%s", name, answers[answer]);
    return 0;
}

/* One partner's trouble keeps nothing from the others. */
static int fetch_all(const struct settings *settings, const struct wanted *wanted,
                     const char *const *names, size_t count, struct error *err)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        struct error trouble = {0};
        if (fetch(settings, names[i], wanted->is_now, &trouble) == 0)
            continue;
        log_error("not-fetched", &trouble);
        if (failed == 0)
            error_set(err, trouble.kind, "%s", trouble.text);
        failed = -1;
    }
    return failed;
}

static int run(const struct wanted *wanted, const struct args_list *words, struct error *err)
{
    static struct settings settings;
    ARENA_CLEANUP *arena = arena_new(NAMES_BYTES);
    const char *const *names = words->words;
    size_t count = words->count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (settings_read(wanted->settings_path, &settings, err) != 0)
        return -1;
    log_open("zaguan-fetch", (enum log_target)settings.log_to, (enum log_level)settings.log_level,
             NULL);
    if (count == 0 && partner_find_all(&settings, arena, &names, &count, err) != 0)
        return -1;
    return fetch_all(&settings, wanted, names, count, err);
}

int main(int argc, char **argv)
{
    struct wanted wanted = {.settings_path = getenv("ZAGUAN_CONF")};
    struct args_list words = {0};
    struct error err = {0};
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fputs("zaguan-fetch: a library does not start\n", stderr);
        return EX_SOFTWARE;
    }
    limit_self();
    int failed = args_parse(rows, argc, argv, &wanted, &words, &err);
    if (failed == 0 && wanted.is_help) {
        BUFFER_CLEANUP help = buffer_new(16 * KIB);
        args_print_help(rows, &help);
        printf("usage: zaguan-fetch [-c FILE] [--now] [PARTNER...]\n%s", help.data);
    } else if (failed == 0) {
        failed = run(&wanted, &words, &err);
    }
    args_list_free(&words);
    if (failed == 0)
        return EX_OK;
    fprintf(stderr, "zaguan-fetch: %s\n", err.text);
    return error_exit_status(&err);
}
