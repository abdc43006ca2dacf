/*
 * zaguan-review: releases, digests, receipts, expiry. The only program that opens held mail by
 * itself; it listens nowhere.
 */
#include "common/base/clock.h"
#include "review/phrases.h"
#include "review/round.h"

#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

#define WAKE_MILLISECONDS 500 /* how soon an answer of hers is seen */

static volatile sig_atomic_t should_stop = 0;

static void stop(int number)
{
    (void)number;
    should_stop = 1;
}

/* Blocked but while we wait: a round is never cut in two. */
static void catch_signals(sigset_t *while_waiting)
{
    sigset_t blocked;
    struct sigaction action = {.sa_handler = stop};
    sigemptyset(&action.sa_mask);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    sigdelset(while_waiting, SIGTERM);
    sigdelset(while_waiting, SIGINT);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

struct wanted {
    const char *settings_path;
    bool is_once;
};

static const char usage[] =
    "usage: zaguan-review [-c FILE] [-f] [--once]\n\n"
    "Releases what members ask for, sends digests and receipts, lets expire what is old.\n"
    "  -c FILE   the configuration (default " SETTINGS_DEFAULT_PATH ")\n"
    "  -f        stay in the foreground; it always does\n"
    "  --once    do all that is due now, then end\n";

/* -1: go on; else the exit status. */
static int read_arguments(int argc, char **argv, struct wanted *wanted)
{
    wanted->settings_path = getenv("ZAGUAN_CONF");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
            wanted->settings_path = argv[++i];
        } else if (strcmp(argv[i], "--once") == 0) {
            wanted->is_once = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return EX_OK;
        } else if (strcmp(argv[i], "-f") != 0) {
            fputs(usage, stderr);
            return EX_USAGE;
        }
    }
    return -1;
}

/* Until something was written by another program, the clock says so, or we shall stop. */
static void wait_for_news(struct store *store, int64_t seconds, const sigset_t *while_waiting)
{
    static int64_t seen = -1;
    const struct timespec nap = {.tv_nsec = WAKE_MILLISECONDS * 1000000L};
    struct deadline deadline = deadline_in(seconds * 1000);
    while (!should_stop && !deadline_has_passed(deadline)) {
        int64_t version = seen;
        struct error err = {0};
        ppoll(NULL, 0, &nap, while_waiting);
        if (store_data_version(store, &version, &err) == 0 && version != seen) {
            seen = version;
            return;
        }
    }
}

static int serve(const struct review *opened, const struct wanted *wanted,
                 const sigset_t *while_waiting, struct error *err)
{
    struct round_state *state = round_new();
    int troubles = 0;
    if (state == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    sd_notify(0, "READY=1");
    log_event(LOG_LEVEL_INFO, "started", "version=" ZAGUAN_VERSION);
    do {
        struct review review = *opened;
        review.now = clock_now();
        troubles = round_run(state, &review);
        if (!wanted->is_once)
            wait_for_news(review.store, review.settings->digest_poll_seconds, while_waiting);
    } while (!should_stop && !wanted->is_once);
    sd_notify(0, "STOPPING=1");
    log_event(LOG_LEVEL_INFO, "stopped", "clean=yes");
    round_free(state);
    return wanted->is_once && troubles > 0 ? error_set(err, ERROR_TEMPORARY, "see the lines above")
                                           : 0;
}

static int run(const struct wanted *wanted, const sigset_t *while_waiting, struct error *err)
{
    static struct settings settings;
    static struct keys keys;
    struct store *store;
    if (settings_read(wanted->settings_path, &settings, err) != 0 ||
        keys_read(&settings, KEYS_SECRET, &keys, err) != 0 ||
        store_open(settings.database, &store, err) != 0)
        return -1;
    log_open("zaguan-review", (enum log_target)settings.log_to, (enum log_level)settings.log_level,
             keys.digest_key);
    const struct review review = {.store = store, .keys = &keys, .settings = &settings};
    int failed = serve(&review, wanted, while_waiting, err);
    store_close(store);
    sodium_memzero(&keys, sizeof keys);
    return failed;
}

int main(int argc, char **argv)
{
    struct wanted wanted = {0};
    struct error err = {0};
    sigset_t while_waiting;
    int status = read_arguments(argc, argv, &wanted);
    if (status >= 0)
        return status;
    if (sodium_init() < 0) {
        fputs("zaguan-review: libsodium does not start\n", stderr);
        return EX_SOFTWARE;
    }
    catch_signals(&while_waiting);
    phrases_open();
    if (run(&wanted, &while_waiting, &err) != 0) {
        fprintf(stderr, "zaguan-review: %s\n", err.text);
        return error_exit_status(&err);
    }
    return EX_OK;
}
