#include "milter/list_watch.h"

#include "common/base/clock.h"
#include "common/base/files.h"
#include "lists/source.h"
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SOURCES_BYTES ((size_t)8 * 1024 * 1024)

struct list_turn {
    struct matcher *matcher;
    size_t user_count; /* one of them the watch itself, while it is the current one */
};

struct list_watch {
    pthread_mutex_t mutex;
    struct list_turn *current;
    const struct settings *settings;
    uint64_t signature; /* of what was tried last, whether it could be read or not */
    bool has_tried;
};

struct list_watch *list_watch_new(const struct settings *settings)
{
    struct list_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    pthread_mutex_init(&watch->mutex, NULL);
    watch->settings = settings;
    return watch;
}

void list_watch_free(struct list_watch *watch)
{
    if (watch == NULL)
        return;
    list_watch_give(watch, watch->current);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

/* FNV-1a; the files are added up, since readdir() has no order. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3ULL;
    return hash;
}

static uint64_t file_signature(int folder_fd, const char *name)
{
    struct stat found;
    if (fstatat(folder_fd, name, &found, 0) != 0)
        return 0;
    uint64_t hash = mix(0xcbf29ce484222325ULL, name, strlen(name));
    hash = mix(hash, &found.st_mtim.tv_sec, sizeof found.st_mtim.tv_sec);
    hash = mix(hash, &found.st_mtim.tv_nsec, sizeof found.st_mtim.tv_nsec);
    hash = mix(hash, &found.st_size, sizeof found.st_size);
    return mix(hash, &found.st_ino, sizeof found.st_ino);
}

static uint64_t folder_signature(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 1;
    uint64_t signature = 2;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (slice_ends_with_nocase(slice_of(entry->d_name), ".zl"))
            signature += file_signature(dirfd(folder), entry->d_name);
    closedir(folder);
    return signature;
}

/* The update touches this file after every change; once a day freshness may have changed. */
static uint64_t partners_signature(const char *path)
{
    CLEANUP_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t day = (uint64_t)(clock_now() / 86400);
    return folder < 0 ? 0 : file_signature(folder, "changed") + day * 0x9e3779b97f4a7c15ULL;
}

static void swap_in(struct list_watch *watch, struct list_turn *next)
{
    pthread_mutex_lock(&watch->mutex);
    struct list_turn *last = watch->current;
    watch->current = next;
    pthread_mutex_unlock(&watch->mutex);
    list_watch_give(watch, last);
}

static int compile(const struct settings *settings, struct matcher **matcher_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(SOURCES_BYTES);
    struct list_source *sources;
    size_t count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the lists");
    if (sources_read(settings, arena, &sources, &count, err) != 0)
        return -1;
    return matcher_new_from_sources(sources, count, matcher_out, err);
}

static enum list_watch_news load(struct list_watch *watch, struct error *err)
{
    struct list_turn *next = calloc(1, sizeof *next);
    if (next == NULL) {
        error_set(err, ERROR_SYSTEM, "no memory for the lists");
        return LIST_WATCH_FAILED;
    }
    if (compile(watch->settings, &next->matcher, err) != 0) {
        free(next);
        return LIST_WATCH_FAILED;
    }
    next->user_count = 1;
    swap_in(watch, next);
    return LIST_WATCH_LOADED;
}

enum list_watch_news list_watch_look(struct list_watch *watch, bool is_asked, struct error *err)
{
    uint64_t signature = folder_signature(watch->settings->list_folder) +
                         partners_signature(watch->settings->partner_folder);
    if (watch->has_tried && signature == watch->signature && !is_asked)
        return LIST_WATCH_NOTHING;
    watch->signature = signature;
    watch->has_tried = true;
    return load(watch, err);
}

struct list_turn *list_watch_take(struct list_watch *watch)
{
    pthread_mutex_lock(&watch->mutex);
    struct list_turn *turn = watch->current;
    if (turn != NULL)
        turn->user_count++;
    pthread_mutex_unlock(&watch->mutex);
    return turn;
}

void list_watch_give(struct list_watch *watch, struct list_turn *turn)
{
    if (turn == NULL)
        return;
    pthread_mutex_lock(&watch->mutex);
    bool is_last = --turn->user_count == 0;
    pthread_mutex_unlock(&watch->mutex);
    if (!is_last)
        return;
    matcher_free(turn->matcher);
    free(turn);
}

const struct matcher *list_turn_matcher(const struct list_turn *turn)
{
    return turn == NULL ? NULL : turn->matcher;
}
