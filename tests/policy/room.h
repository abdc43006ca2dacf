/*
 * room: a store on a real database file and keys, in a folder of its own, for the tests of policy
 * and review. Everything in it is gone afterwards.
 */
#ifndef ZAGUAN_TESTS_POLICY_ROOM_H
#define ZAGUAN_TESTS_POLICY_ROOM_H

#include "common/base/arena.h"
#include "common/base/settings.h"
#include "common/store/store.h"
#include "quarantine/keys.h"
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct room {
    char folder[64];
    struct settings settings;
    struct keys keys;
    struct store *store;
    struct arena *arena;
};

static inline int room_setup(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    struct error err = {0};
    if (room == NULL || sodium_init() < 0)
        return -1;
    snprintf(room->folder, sizeof room->folder, "/tmp/zaguan-test.XXXXXX");
    if (mkdtemp(room->folder) == NULL)
        return -1;
    settings_set_defaults(&room->settings);
    snprintf(room->settings.database, sizeof room->settings.database, "%s/zaguan.db", room->folder);
    snprintf(room->settings.key_folder, sizeof room->settings.key_folder, "%s/keys", room->folder);
    snprintf(room->settings.list_folder, sizeof room->settings.list_folder, "%s/lists",
             room->folder);
    snprintf(room->settings.domain, sizeof room->settings.domain, "casa.example");
    snprintf(room->settings.hostname, sizeof room->settings.hostname, "mx.casa.example");
    room->arena = arena_new(16u << 20);
    if (mkdir(room->settings.key_folder, 0700) != 0 ||
        mkdir(room->settings.list_folder, 0700) != 0 || room->arena == NULL ||
        keys_make(&room->settings, &err) != 0 ||
        keys_read(&room->settings, KEYS_SECRET, &room->keys, &err) != 0 ||
        store_open(room->settings.database, &room->store, &err) != 0) {
        fprintf(stderr, "room: %s\n", err.text);
        return -1;
    }
    *state = room;
    return 0;
}

static inline int room_remove(const char *path, const struct stat *status, int kind,
                              struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline int room_teardown(void **state)
{
    struct room *room = *state;
    store_close(room->store);
    arena_free(room->arena);
    int failed = nftw(room->folder, room_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(room);
    return failed;
}

#endif
