#include "admin/setup.h"

#include "admin/postfix.h"
#include "common/base/files.h"
#include "common/store/store.h"
#include "quarantine/keys.h"
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP "zaguan"
#define REVIEW_USER "zaguan-review"
#define FETCH_USER "zaguan-fetch"

/* One user a program: who takes over the milter cannot read yesterday's held mail. */
static const char *const users[] = {"zaguan-milter", "zaguan-policy", REVIEW_USER, FETCH_USER};
#define USER_COUNT (sizeof users / sizeof users[0])

static bool has_users(const struct setup *setup)
{
    (void)setup;
    if (getgrnam(GROUP) == NULL)
        return false;
    for (size_t i = 0; i < USER_COUNT; i++)
        if (getpwnam(users[i]) == NULL)
            return false;
    return true;
}

static int run_quietly(const char *const *words, struct error *err)
{
    BUFFER_CLEANUP output = buffer_new(64 * 1024);
    return program_run(words, &output, err);
}

static int make_users(const struct setup *setup, struct error *err)
{
    (void)setup;
    const char *const add_group[] = {"groupadd", "--system", GROUP, NULL};
    if (getgrnam(GROUP) == NULL && run_quietly(add_group, err) != 0)
        return -1;
    for (size_t i = 0; i < USER_COUNT; i++) {
        /* The one that talks to strangers is not in the group that may open the database. */
        bool is_apart = strcmp(users[i], FETCH_USER) == 0;
        const char *const add_user[] = {"useradd",
                                        "--system",
                                        is_apart ? "--user-group" : "--gid",
                                        is_apart ? "--system" : GROUP,
                                        "--home-dir",
                                        "/nonexistent",
                                        "--no-create-home",
                                        "--shell",
                                        "/usr/sbin/nologin",
                                        users[i],
                                        NULL};
        if (getpwnam(users[i]) == NULL && run_quietly(add_user, err) != 0)
            return -1;
    }
    return 0;
}

static void folder_of(const char *path, char folder[PATH_MAX])
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(folder, PATH_MAX, "%s", dirname(copy));
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool has_folders(const struct setup *setup)
{
    char database_folder[PATH_MAX];
    folder_of(setup->settings->database, database_folder);
    return is_folder(database_folder) && is_folder(setup->settings->key_folder) &&
           is_folder(setup->settings->list_folder) && is_folder(setup->settings->partner_folder) &&
           is_folder(setup->settings->inbox_folder);
}

static int make_folder(const char *path, mode_t mode, struct error *err)
{
    struct group *group = getgrnam(GROUP);
    if (group == NULL)
        return error_set(err, ERROR_SYSTEM, "there is no group " GROUP);
    char parent[PATH_MAX];
    folder_of(path, parent);
    if (!is_folder(parent) && mkdir(parent, 0755) != 0)
        return error_system(err, "%s", parent);
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        return error_system(err, "%s", path);
    if (chown(path, 0, group->gr_gid) != 0 || chmod(path, mode) != 0)
        return error_system(err, "%s", path);
    return 0;
}

/* Each written by one user alone, read by the others: what stands there is no secret to them. */
static int make_folder_of(const char *path, const char *user, struct error *err)
{
    const struct passwd *owner = getpwnam(user);
    if (owner == NULL)
        return error_set(err, ERROR_SYSTEM, "there is no user %s", user);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_system(err, "%s", path);
    if (chown(path, owner->pw_uid, owner->pw_gid) != 0 || chmod(path, 0755) != 0)
        return error_system(err, "%s", path);
    return 0;
}

static int make_folders(const struct setup *setup, struct error *err)
{
    char database_folder[PATH_MAX];
    folder_of(setup->settings->database, database_folder);
    /* Group-writable and set-gid: SQLite's files beside the database belong to all programs. */
    if (make_folder(database_folder, 02771, err) != 0 || /* zaguan-fetch passes through */
        make_folder(setup->settings->key_folder, 0750, err) != 0 ||
        make_folder(setup->settings->list_folder, 0755, err) != 0 ||
        make_folder_of(setup->settings->partner_folder, REVIEW_USER, err) != 0 ||
        make_folder_of(setup->settings->inbox_folder, FETCH_USER, err) != 0)
        return -1;
    return 0;
}

static bool has_settings(const struct setup *setup)
{
    return access(setup->settings_path, F_OK) == 0;
}

/* The settings that differ from the defaults stand in clear, the others as comments. */
static int make_settings(const struct setup *setup, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(64 * 1024);
    buffer_append_text(&text, "# zaguan.conf: see zaguan.conf(5). What stands behind # is the "
                              "default.\n\n");
    buffer_printf(&text, "hostname = %s\ndomain = %s\n\n", setup->settings->hostname,
                  setup->settings->domain);
    option_print_sample(settings_rows, &text);
    if (buffer_check(&text, setup->settings_path, err) != 0)
        return -1;
    return file_write(setup->settings_path, buffer_slice(&text), 0644, err);
}

static bool key_is_there(const struct setup *setup, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", setup->settings->key_folder, name);
    return access(path, F_OK) == 0;
}

static bool has_keys(const struct setup *setup)
{
    return key_is_there(setup, "review.pub") && key_is_there(setup, "review.key") &&
           key_is_there(setup, "digest.key");
}

static int give_key(const struct setup *setup, const char *name, uid_t user, mode_t mode,
                    struct error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", setup->settings->key_folder, name);
    struct group *group = getgrnam(GROUP);
    if (group == NULL || chown(path, user, group->gr_gid) != 0 || chmod(path, mode) != 0)
        return error_system(err, "%s", path);
    return 0;
}

static int make_keys(const struct setup *setup, struct error *err)
{
    struct passwd *review = getpwnam(REVIEW_USER);
    if (review == NULL)
        return error_set(err, ERROR_SYSTEM, "there is no user " REVIEW_USER);
    uid_t review_user = review->pw_uid;
    if (keys_make(setup->settings, err) != 0 ||
        give_key(setup, "review.key", review_user, 0400, err) != 0 ||
        give_key(setup, "review.pub", 0, 0640, err) != 0 ||
        give_key(setup, "digest.key", 0, 0640, err) != 0)
        return -1;
    return 0;
}

static bool has_database(const struct setup *setup)
{
    return access(setup->settings->database, F_OK) == 0;
}

static int make_database(const struct setup *setup, struct error *err)
{
    struct store *store = NULL;
    mode_t mask = umask(0007);
    int failed = store_open(setup->settings->database, &store, err);
    umask(mask);
    store_close(store);
    struct group *group = getgrnam(GROUP);
    if (failed == 0 && (group == NULL || chown(setup->settings->database, 0, group->gr_gid) != 0))
        return error_system(err, "%s", setup->settings->database);
    return failed;
}

const struct setup_step setup_steps[] = {
    {"users zaguan-milter, zaguan-policy, zaguan-review, zaguan-fetch; group zaguan", has_users,
     make_users},
    {"folders for database, keys and lists", has_folders, make_folders},
    {"settings file", has_settings, make_settings},
    {"keys: review.pub, review.key (readable by zaguan-review alone), digest.key", has_keys,
     make_keys},
    {"database", has_database, make_database},
    {NULL, NULL, NULL},
};
