/*
 * stage: what a test of the quarantine starts from: a folder of its own with keys and a database,
 * two members, and a mail. Included by each test program once.
 */
#ifndef ZAGUAN_TESTS_QUARANTINE_STAGE_H
#define ZAGUAN_TESTS_QUARANTINE_STAGE_H

#include "common/base/limits.h"
#include "common/store/store_member.h"
#include "quarantine/hold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STAGE_NOW 1800000000

static struct stage {
    char folder[64];
    struct settings settings;
    struct keys keys;
    struct store *store;
    struct arena *arena;
    int64_t ana, bea;
} stage;

static struct error err;

static const char stage_mail[] =
    "From: Somebody <x@example.net>\r\nSubject: hello\r\n\r\n.dot\r\n\xc3\xa1 body\r\n";

static struct item_sheet stage_sheet(void)
{
    return (struct item_sheet){.envelope_sender = slice_of("x@example.net"),
                               .from_display = slice_of("Somebody"),
                               .from_address = slice_of("x@example.net"),
                               .subject = slice_of("hello"),
                               .client_ip = slice_of("192.0.2.7"),
                               .client_name = slice_of("mail.example.net"),
                               .helo = slice_of("mail.example.net"),
                               .queue_id = slice_of("4ABC123"),
                               .auth_results = slice_of("mx.example.org;\n\tspf=pass"),
                               .proven_domain = slice_of("example.net")};
}

static int64_t stage_member(const char *address)
{
    struct store_member member = {.address = slice_of(address), .state = STORE_MEMBER_ON};
    assert_int_equal(store_member_put(stage.store, &member, &err), 0);
    return member.id;
}

/* In memory, so that disk time does not count; /tmp where there is no /dev/shm. */
static int stage_open(void **state)
{
    (void)state;
    memset(&stage, 0, sizeof stage);
    snprintf(stage.folder, sizeof stage.folder, "%s/zaguan-test-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(stage.folder) == NULL)
        return -1;
    settings_set_defaults(&stage.settings);
    snprintf(stage.settings.database, sizeof stage.settings.database, "%s/z.db", stage.folder);
    snprintf(stage.settings.key_folder, sizeof stage.settings.key_folder, "%s/keys", stage.folder);
    snprintf(stage.settings.hostname, sizeof stage.settings.hostname, "mx.example.org");
    stage.arena = arena_new(64 * MIB);
    if (keys_make(&stage.settings, &err) != 0 ||
        keys_read(&stage.settings, KEYS_SECRET, &stage.keys, &err) != 0 ||
        store_open(stage.settings.database, &stage.store, &err) != 0)
        return -1;
    stage.ana = stage_member("ana@example.org");
    stage.bea = stage_member("bea@example.org");
    return 0;
}

static int stage_close(void **state)
{
    (void)state;
    char command[128];
    store_close(stage.store);
    arena_free(stage.arena);
    snprintf(command, sizeof command, "rm -rf %s", stage.folder);
    return system(command);
}

/* A copy for her as a list's hit would hold it. */
static struct hold_copy stage_copy(int64_t member_id, const char *recipient)
{
    static const struct item_reason reasons[] = {{.rule = {"list", 4},
                                                  .category = {"threat", 6},
                                                  .severity = 3,
                                                  .list = {"es", 2},
                                                  .list_id = {"id", 2},
                                                  .publisher = {"somebody", 8},
                                                  .entry = {"e1", 2},
                                                  .where = {"body", 4}}};
    return (struct hold_copy){.member_id = member_id,
                              .recipient = slice_of(recipient),
                              .purpose = HOLD_FOR_MEMBER,
                              .reasons = reasons,
                              .reason_count = 1,
                              .category = slice_of("threat"),
                              .severity = 3,
                              .expires_at = STAGE_NOW + 1000};
}

__attribute__((unused)) static int stage_hold(struct hold_desk *desk, struct slice message,
                                              const char *sender, int64_t member_id,
                                              enum hold_purpose purpose)
{
    struct item_sheet sheet = stage_sheet();
    sheet.envelope_sender = slice_of(sender);
    struct hold_copy copy = stage_copy(member_id, "ana+tag@example.org");
    copy.purpose = purpose;
    if (purpose == HOLD_SPLIT_TAG)
        copy.tag_field = slice_of("X-Zaguan: tag; threat;\n\tes; e1");
    struct hold_request request = {message, &sheet, &copy, 1, STAGE_NOW};
    return hold_message(desk, &request, &err);
}

/* One held item of the mail above; its id. */
__attribute__((unused)) static int64_t stage_item(enum hold_purpose purpose)
{
    struct hold_desk *desk;
    assert_int_equal(hold_open(&stage.settings, &stage.keys, &desk, &err), 0);
    assert_int_equal(stage_hold(desk, slice_of(stage_mail), "x@example.net", stage.ana, purpose),
                     0);
    hold_close(desk);
    struct store_item *items;
    size_t count;
    assert_int_equal(store_item_list(stage.store, &(struct store_item_filter){0}, stage.arena,
                                     &items, &count, &err),
                     0);
    assert_true(count > 0);
    return items[count - 1].id;
}

__attribute__((unused)) static size_t stage_items(unsigned states, struct store_item **items_out)
{
    size_t count;
    struct store_item_filter filter = {.states = states};
    assert_int_equal(store_item_list(stage.store, &filter, stage.arena, items_out, &count, &err),
                     0);
    return count;
}

#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

#endif
