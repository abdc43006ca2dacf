#include "admin/check.h"

#include "admin/postfix.h"
#include "common/base/clock.h"
#include "common/mail/dns.h"
#include "common/store/store.h"
#include "lists/match/match.h"
#include "quarantine/keys.h"
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DNS_MILLISECONDS 5000
#define LEAST_FREE_BYTES ((unsigned long long)512 * 1024 * 1024)
/* zaguan did not exist before: a clock that says so is wrong, and DKIM and expiry rest on it. */
#define FIRST_DAY 1795392000 /* 2026-11-23 */

void check_say(struct check_finding *finding, enum check_state state, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
    finding->state = state;
}

static void check_names(const struct settings *settings, struct check_finding *finding)
{
    if (strcmp(settings->domain, "localhost") == 0 || strcmp(settings->hostname, "localhost") == 0)
        check_say(finding, CHECK_BAD,
                  "hostname and domain are not set: write Postfix's myhostname and mydomain into "
                  "zaguan.conf");
    else
        check_say(finding, CHECK_GOOD, "%s, answers to %s@%s", settings->hostname,
                  settings->reply_user, settings->domain);
}

static void check_clock(const struct settings *settings, struct check_finding *finding)
{
    (void)settings;
    char date[CLOCK_DATE_BYTES];
    clock_write_timestamp(clock_now(), date);
    if (clock_now() < FIRST_DAY)
        check_say(finding, CHECK_BAD, "it says %s, which is over: set the clock (NTP)", date);
    else
        check_say(finding, CHECK_GOOD, "%s", date);
}

static void check_dns(const struct settings *settings, struct check_finding *finding)
{
    struct error err = {0};
    struct dns *dns = NULL;
    ARENA_CLEANUP *arena = arena_new(64 * 1024);
    if (arena == NULL || dns_open(settings, &dns, &err) != 0) {
        check_say(finding, CHECK_BAD, "%s", err.text);
        return;
    }
    struct dns_answer answer;
    int64_t started = clock_monotonic_milliseconds();
    dns_lookup(dns, slice_of(settings->domain), DNS_TXT, deadline_in(DNS_MILLISECONDS), arena,
               &answer);
    int64_t took = clock_monotonic_milliseconds() - started;
    dns_close(dns);
    if (answer.status == DNS_TEMPORARY)
        check_say(finding, CHECK_BAD,
                  "no answer for %s: look at dns_server and the resolver; until then mail passes "
                  "with temperror",
                  settings->domain);
    else
        check_say(finding, CHECK_GOOD, "answers in %lld ms", (long long)took);
}

/* A key that root copied here and that the daemons cannot read: root itself would not notice. */
static bool find_shut_group_key(const struct settings *settings, char path[PATH_MAX])
{
    glob_t files;
    struct stat folder, file;
    bool is_shut = false;
    snprintf(path, PATH_MAX, "%s/group-*.key", settings->key_folder);
    if (stat(settings->key_folder, &folder) != 0 || glob(path, 0, NULL, &files) != 0)
        return false;
    for (size_t i = 0; i < files.gl_pathc && !is_shut; i++) {
        snprintf(path, PATH_MAX, "%s", files.gl_pathv[i]);
        is_shut = stat(path, &file) == 0 && file.st_uid == 0 &&
                  (file.st_gid != folder.st_gid || (file.st_mode & S_IRGRP) == 0);
    }
    globfree(&files);
    return is_shut;
}

static void check_keys(const struct settings *settings, struct check_finding *finding)
{
    struct error err = {0};
    struct keys keys;
    char path[PATH_MAX];
    struct stat status;
    snprintf(path, sizeof path, "%s/review.key", settings->key_folder);
    if (keys_read(settings, KEYS_PUBLIC, &keys, &err) != 0) {
        check_say(finding, CHECK_BAD, "%s", err.text);
        return;
    }
    if (stat(path, &status) != 0) {
        bool is_hidden = errno == EACCES;
        check_say(finding, is_hidden ? CHECK_NOTE : CHECK_BAD,
                  is_hidden ? "review.key cannot be seen by this user: check as root"
                            : "review.key is missing: without it nothing that is held can be "
                              "released; restore it from your backup");
        return;
    }
    if ((status.st_mode & 077) != 0) {
        check_say(finding, CHECK_BAD, "others may read %s: chmod 0400 it", path);
        return;
    }
    if (find_shut_group_key(settings, path)) {
        check_say(
            finding, CHECK_BAD,
            "zaguan-milter cannot read %s, so digests say nothing: chmod 0640 it, and chgrp it "
            "to the group of its folder",
            path);
        return;
    }
    check_say(finding, CHECK_GOOD, "review.pub, review.key and digest.key are there");
}

static void check_database(const struct settings *settings, struct check_finding *finding)
{
    struct error err = {0};
    struct store *store = NULL;
    if (access(settings->database, F_OK) != 0) {
        check_say(finding, CHECK_BAD, "%s is not there: `zaguan setup` makes it",
                  settings->database);
        return;
    }
    if (store_open(settings->database, &store, &err) != 0 || store_check(store, &err) != 0)
        check_say(finding, CHECK_BAD, "%s", err.text);
    else
        check_say(finding, CHECK_GOOD, "%s is whole", settings->database);
    store_close(store);
}

static void check_disk(const struct settings *settings, struct check_finding *finding)
{
    struct statvfs disk;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", settings->database);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    if (statvfs(folder[0] == '\0' ? "/" : folder, &disk) != 0) {
        check_say(finding, CHECK_BAD, "%s: %s", folder, strerror(errno));
        return;
    }
    unsigned long long free_bytes = (unsigned long long)disk.f_bavail * disk.f_frsize;
    if (free_bytes < LEAST_FREE_BYTES)
        check_say(finding, CHECK_BAD,
                  "%llu MB free: make room; mail that must be held is refused for now (4xx) when "
                  "the disk is full",
                  free_bytes >> 20);
    else
        check_say(finding, CHECK_GOOD, "%llu MB free", free_bytes >> 20);
}

static void note_key(void *context, struct slice list, const char *fault)
{
    struct check_finding *finding = context;
    check_say(finding, CHECK_BAD, SLICE_FORMAT ": its digests say nothing: %s",
              SLICE_ARGUMENTS(list), fault);
}

static void check_lists(const struct settings *settings, struct check_finding *finding)
{
    struct error err = {0};
    struct matcher *matcher = NULL;
    if (matcher_new_from_folder(settings->list_folder, &matcher, &err) != 0)
        check_say(finding, CHECK_BAD, "%s", err.text);
    else if (matcher_entry_count(matcher) == 0)
        check_say(finding, CHECK_NOTE,
                  "no list is active: copy one into %s (shipped lists are off until you do)",
                  settings->list_folder);
    else
        check_say(finding, CHECK_GOOD, "%zu entries in %s", matcher_entry_count(matcher),
                  settings->list_folder);
    if (matcher != NULL && matcher_use_keys(matcher, settings, note_key, finding, &err) != 0)
        check_say(finding, CHECK_BAD, "%s", err.text);
    matcher_free(matcher);
}

static void check_postfix(const struct settings *settings, struct check_finding *finding)
{
    struct error err = {0};
    struct postfix_facts facts;
    struct postfix_plan plan;
    ARENA_CLEANUP *arena = arena_new(1024 * 1024);
    if (arena == NULL || postfix_read(settings, arena, &facts, &err) != 0 ||
        postfix_plan(&facts, settings, SETTINGS_DEFAULT_PATH, "/usr/lib/zaguan", arena, &plan,
                     &err) != 0) {
        check_say(finding, CHECK_BAD, "%s", err.text);
        return;
    }
    if (plan.count > 0)
        check_say(finding, CHECK_BAD, "%zu lines are missing, the first is %s: `zaguan setup`",
                  plan.count, plan.changes[0].name);
    else if (plan.warning_count > 0)
        check_say(finding, CHECK_NOTE, "%s", plan.warnings[0]);
    else
        check_say(finding, CHECK_GOOD, "version %s has every line it needs", facts.version);
}

const struct check_part check_parts[] = {
    {"names", check_names},     {"clock", check_clock},       {"dns", check_dns},
    {"keys", check_keys},       {"database", check_database}, {"disk", check_disk},
    {"lists", check_lists},     {"postfix", check_postfix},   {"milter", check_milter},
    {"release", check_release}, {"policy", check_policy},     {NULL, NULL},
};
