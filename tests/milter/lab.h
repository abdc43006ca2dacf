/*
 * lab: a zaguan-milter without libmilter, for the tests of this folder: a folder of its own with
 * keys, a database, one list, a DNS zone, and members. lab_open() in a test, lab_close() at its
 * end.
 */
#ifndef ZAGUAN_TESTS_MILTER_LAB_H
#define ZAGUAN_TESTS_MILTER_LAB_H

#include "milter/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/mail/dns_zone.h"
#include "common/store/store_item.h"
#include "policy/member.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAB_HELD_PHRASE "frase de prueba prohibida"
#define LAB_TAGGED_PHRASE "frase para marcar"

struct lab {
    char folder[64];
    struct settings settings;
    struct service service;
};

static const char lab_list[] = "%zaguan-list 1\n"
                               "%name        lab\n"
                               "%list-id     00000000000000aa\n"
                               "%seq         1\n"
                               "%issued      2026-11-01T00:00:00Z\n"
                               "%scope       What the tests hold.\n"
                               "%languages   es\n"
                               "%max-action  hold\n"
                               "\n"
                               "+ phrase \"" LAB_HELD_PHRASE "\"\n"
                               "  id 00000001  cat threat  sev 4  lang es  scope subject,body\n"
                               "  added 2026-11-01  expires 2099-10-01  basis own\n"
                               "+ phrase \"" LAB_TAGGED_PHRASE "\"\n"
                               "  id 00000002  cat hate  sev 2  lang es  scope subject,body\n"
                               "  added 2026-11-01  expires 2099-10-01  basis own\n"
                               "@end 2\n";

static const char lab_zone[] = "$TTL 60\n"
                               "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
                               "_dmarc.example.com TXT \"v=DMARC1; p=reject\"\n";

static inline void lab_path(const struct lab *lab, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", lab->folder, name);
}

static inline void lab_add_list(const struct lab *lab, const char *name, const char *text)
{
    char path[SETTINGS_PATH_BYTES];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", lab->settings.list_folder, name);
    assert_int_equal(file_write(path, slice_of(text), 0644, &err), 0);
}

static inline void lab_use_zone(struct lab *lab)
{
    struct error err = {0};
    dns_close(lab->service.dns);
    assert_int_equal(dns_open_zone(slice_of(lab_zone), &lab->service.dns, &err), 0);
}

static inline void lab_settle(struct lab *lab)
{
    struct error err = {0};
    struct settings *settings = &lab->settings;
    settings_set_defaults(settings);
    snprintf(settings->hostname, sizeof settings->hostname, "mx.example.org");
    snprintf(settings->dns_server, sizeof settings->dns_server, "127.0.0.1:9");
    lab_path(lab, "zaguan.db", settings->database, sizeof settings->database);
    lab_path(lab, "keys", settings->key_folder, sizeof settings->key_folder);
    lab_path(lab, "lists", settings->list_folder, sizeof settings->list_folder);
    assert_int_equal(mkdir(settings->key_folder, 0700), 0);
    assert_int_equal(mkdir(settings->list_folder, 0700), 0);
    assert_int_equal(keys_make(settings, &err), 0);
    lab_add_list(lab, "lab.zl", lab_list);
}

static inline void lab_open(struct lab *lab)
{
    struct error err = {0};
    memset(lab, 0, sizeof *lab);
    strcpy(lab->folder, "/tmp/zaguan-test-XXXXXX");
    assert_non_null(mkdtemp(lab->folder));
    log_open("test", LOG_TARGET_STDERR, LOG_LEVEL_ERROR, NULL);
    lab_settle(lab);
    if (service_open(&lab->service, &lab->settings, NULL, &err) != 0)
        fail_msg("%s", err.text);
    lab_use_zone(lab);
}

static inline void lab_close(struct lab *lab)
{
    char command[128];
    service_close(&lab->service);
    snprintf(command, sizeof command, "rm -rf %s", lab->folder);
    assert_int_equal(system(command), 0);
}

/* Says yes; `name` NULL: with the default wishes. */
static inline int64_t lab_member(struct lab *lab, const char *address, const char *name,
                                 const char *value)
{
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct store *store;
    struct member member;
    struct error err = {0};
    int64_t now = clock_now();
    if (store_open(lab->settings.database, &store, &err) != 0 ||
        member_invite(store, &lab->settings, slice_of(address), 0, now, &member, arena, &err) !=
            0 ||
        member_consent(store, &member, slice_of("in person"), now, &err) != 0 ||
        (name != NULL && member_set(store, &member, slice_of(name), slice_of(value), &err) != 0))
        fail_msg("%s", err.text);
    store_close(store);
    return member.row.id;
}

/* All items of a member (0: of all), split copies too when `is_split`. */
static inline size_t lab_count_items(struct lab *lab, int64_t member_id, bool is_split)
{
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct store *store;
    struct store_item *items;
    size_t count, wanted = 0;
    struct error err = {0};
    struct store_item_filter filter = {.member_id = member_id};
    assert_int_equal(store_open(lab->settings.database, &store, &err), 0);
    assert_int_equal(store_item_list(store, &filter, arena, &items, &count, &err), 0);
    for (size_t i = 0; i < count; i++)
        wanted += items[i].is_split == is_split ? 1 : 0;
    store_close(store);
    return wanted;
}

#endif
