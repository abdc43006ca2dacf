/* What the ring remembers of messages, what it says of entries, and how it forgets. */
#include "common/base/files.h"
#include "lists/format/parse.h"
#include "lists/update/ring.h"
#include "lists/update/ring_file.h"
#include "tests/lists/signer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static const unsigned char key[KEYED_KEY_BYTES] = {1, 2, 3};

struct room {
    char folder[64], path[PATH_MAX];
    struct settings settings;
    struct ring *ring;
    struct arena *arena;
};

static int open_room(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    struct error err = {0};
    assert_non_null(room);
    strcpy(room->folder, "/tmp/zaguan-ring-XXXXXX");
    assert_non_null(mkdtemp(room->folder));
    settings_set_defaults(&room->settings);
    snprintf(room->settings.database, SETTINGS_PATH_BYTES, "%s/zaguan.db", room->folder);
    ring_path(&room->settings, room->path);
    room->arena = arena_new(64 * MIB);
    if (ring_open(&room->settings, key, NOW, &room->ring, &err) != 0)
        fail_msg("%s", err.text);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;
    ring_close(room->ring);
    unlink(room->path);
    rmdir(room->folder);
    arena_free(room->arena);
    free(room);
    return 0;
}

static void add(struct room *room, struct ring_message message)
{
    struct error err = {0};
    if (message.now == 0)
        message.now = NOW;
    if (ring_add(room->ring, &message, &err) != 0)
        fail_msg("%s", err.text);
}

static struct ring_view *look(struct room *room, int64_t now)
{
    struct ring_view *view = NULL;
    struct error err = {0};
    int found = ring_read(&room->settings, key, now, room->arena, &view, &err);
    if (found < 0)
        fail_msg("%s", err.text);
    return found == 1 ? view : NULL;
}

static struct entry make_entry(struct room *room, const char *words)
{
    struct list *list;
    struct error err = {0};
    BUFFER_CLEANUP text = buffer_new(4096);
    buffer_printf(&text,
                  "%%zaguan-list 1\n+ %s\n  id aaaa0001  cat other  added 2026-11-20  expires "
                  "2027-01-01  basis own\n@end 1\n",
                  words);
    if (list_parse(buffer_slice(&text), "test", room->arena, &list, &err) != 0)
        fail_msg("%s: %s", words, err.text);
    if (list->entries[0].inactive != NULL)
        fail_msg("%s: %s", words, list->entries[0].inactive);
    return list->entries[0];
}

static size_t count(struct room *room, const char *words)
{
    struct entry entry = make_entry(room, words);
    struct ring_view *view = look(room, NOW);
    return view == NULL ? 0 : ring_ask(view, &entry, NULL, 0).messages;
}

static void an_entry_meets_what_it_would_have_met_on_the_way_in(void **state)
{
    struct room *room = *state;
    struct dkim_signature signatures[] = {{.result = DKIM_PASS,
                                           .domain = SLICE_LITERAL("Lista.example"),
                                           .selector = SLICE_LITERAL("s1")},
                                          {.result = DKIM_FAIL,
                                           .domain = SLICE_LITERAL("forjada.example"),
                                           .selector = SLICE_LITERAL("s1")}};
    struct auth_answer auth = {.dkim = {.signatures = signatures, .count = 2}};
    auth.spf.result = SPF_PASS;
    auth.dmarc.result = DMARC_FAIL;
    add(room, (struct ring_message){.sender = SLICE_LITERAL("Rebote@envios.bombas.example"),
                                    .from_address = SLICE_LITERAL("nn@a.b.c.d.e.extrano.example"),
                                    .client_ip = SLICE_LITERAL("192.0.2.77"),
                                    .auth = &auth});
    add(room, (struct ring_message){.sender = SLICE_LITERAL("x@otra.example"),
                                    .client_ip = SLICE_LITERAL("2001:db8:1:2::9")});
    add(room, (struct ring_message){.client_ip = SLICE_LITERAL("::ffff:198.51.100.4")});
    static const struct {
        const char *entry;
        size_t messages;
    } rows[] = {
        {"addr rebote@envios.bombas.example", 1},
        {"addr rebote@envios.bombas.example  auth dmarc", 1},
        {"addr nn@a.b.c.d.e.extrano.example", 1},
        {"addr nn@a.b.c.d.e.extrano.example  auth dmarc", 0}, /* DMARC did not pass */
        {"addr x@otra.example  auth dmarc", 0},               /* nothing was proven */
        {"addr otra@envios.bombas.example", 0},
        {"domain bombas.example", 0},
        {"domain bombas.example sub", 1},
        {"domain envios.bombas.example", 1},
        {"domain envios.bombas.example sub", 1},
        {"domain extrano.example sub", 1},
        {"domain e.extrano.example sub", 1},
        {"domain b.c.d.e.extrano.example sub", 1},
        {"domain no-bombas.example sub", 0},
        {"domain otra.example", 1},
        {"cidr 192.0.2.0/24", 1},
        {"cidr 192.0.2.1/32", 1}, /* at most: only the /24 is remembered */
        {"cidr 192.0.3.0/24", 0},
        {"cidr 2001:db8:1::/48", 1},
        {"cidr 2001:db8:1:3::/64", 1},
        {"cidr 2001:db8:2::/48", 0},
        {"cidr 198.51.100.0/24", 1},
        {"dkim d=lista.example", 1},
        {"dkim d=lista.example s=s1", 1},
        {"dkim d=lista.example s=s2", 0},
        {"dkim d=forjada.example", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (count(room, rows[i].entry) != rows[i].messages)
            fail_msg("%s: %zu instead of %zu", rows[i].entry, count(room, rows[i].entry),
                     rows[i].messages);
}

/* A partner's addresses stand in its lists as digests under the key of the group. */
static void an_address_under_a_group_key_is_found(void **state)
{
    struct room *room = *state;
    struct group_key group;
    struct error err = {0};
    char words[200], path[PATH_MAX];
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct auth_answer auth = {.has_client = true};
    auth.dmarc.result = DMARC_PASS;
    snprintf(room->settings.key_folder, SETTINGS_PATH_BYTES, "%s", room->folder);
    assert_int_equal(group_key_make(&room->settings, "k3", &err), 0);
    assert_int_equal(group_key_read(&room->settings, SLICE_LITERAL("k3"), &group, &err), 0);
    ring_close(room->ring);
    assert_int_equal(ring_open(&room->settings, key, NOW, &room->ring, &err), 0);
    add(room,
        (struct ring_message){.from_address = SLICE_LITERAL("NN@extrano.example"), .auth = &auth});
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("nn@extrano.example")});
    keyed_entry_digest(&group, SLICE_LITERAL("addr"), SLICE_LITERAL("nn@extrano.example"), digest);
    struct slice value = keyed_entry_write(&group, digest, room->arena);
    struct entry entry = {.type = ENTRY_ADDR, .value = value};
    struct ring_view *view = look(room, NOW);
    assert_int_equal(ring_ask(view, &entry, NULL, 0).messages, 2);
    entry.needs_dmarc = true;
    assert_int_equal(ring_ask(view, &entry, NULL, 0).messages, 1);
    snprintf(words, sizeof words, SLICE_FORMAT, SLICE_ARGUMENTS(value));
    words[10] ^= 2;
    entry.value = slice_of(words);
    assert_int_equal(ring_ask(view, &entry, NULL, 0).messages, 0);
    snprintf(path, sizeof path, "%s/group-k3.key", room->folder);
    unlink(path);
}

static void known_senders_are_counted_once_each(void **state)
{
    struct room *room = *state;
    static const struct {
        const char *from;
        bool is_known;
    } mails[] = {{"a@amiga.example", true},  {"a@amiga.example", true}, {"b@amiga.example", true},
                 {"c@amiga.example", false}, {"d@otra.example", true},  {"c@amiga.example", false}};
    for (size_t i = 0; i < sizeof mails / sizeof mails[0]; i++)
        add(room, (struct ring_message){.from_address = slice_of(mails[i].from),
                                        .is_known = mails[i].is_known});
    struct ring_view *view = look(room, NOW);
    unsigned char seen[6] = {0};
    struct entry domain = make_entry(room, "domain amiga.example");
    struct entry addr = make_entry(room, "addr d@otra.example");
    struct ring_count one = ring_ask(view, &domain, seen, 2);
    assert_int_equal(one.messages, 5);
    assert_int_equal(one.known_messages, 3);
    assert_int_equal(one.known_senders, 2);
    assert_int_equal(ring_ask(view, &addr, seen, 3).known_senders, 1);
    struct ring_count both = ring_count_seen(view, seen);
    assert_int_equal(both.messages, 6);
    assert_int_equal(both.known_senders, 3);
    size_t strong = 0;
    for (size_t i = 0; i < 6; i++)
        strong += seen[i] == 3;
    assert_int_equal(strong, 1);
}

static void it_holds_ten_thousand_and_the_oldest_goes(void **state)
{
    struct room *room = *state;
    char text[64];
    for (int i = 0; i < RING_RECORDS + 3; i++) {
        snprintf(text, sizeof text, "n%d@extrano.example", i);
        add(room, (struct ring_message){.from_address = slice_of(text)});
    }
    assert_int_equal(ring_messages(look(room, NOW)), RING_RECORDS);
    assert_int_equal(count(room, "addr n2@extrano.example"), 0);
    assert_int_equal(count(room, "addr n3@extrano.example"), 1);
    assert_int_equal(count(room, "addr n10002@extrano.example"), 1);
    /* Opened again it goes on where it was. */
    struct error err = {0};
    ring_close(room->ring);
    assert_int_equal(ring_open(&room->settings, key, NOW, &room->ring, &err), 0);
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("z@extrano.example")});
    assert_int_equal(count(room, "addr n3@extrano.example"), 0);
    assert_int_equal(count(room, "addr n4@extrano.example"), 1);
}

static bool file_has_marks(const struct room *room)
{
    struct error err = {0};
    BUFFER_CLEANUP file = buffer_new(RING_BYTES);
    assert_int_equal(file_read(room->path, &file, &err), 0);
    for (size_t i = 0; i < RING_RECORDS; i++) {
        struct ring_record record;
        memcpy(&record, file.data + sizeof(struct ring_header) + i * sizeof record, sizeof record);
        if (record.marks[0] != 0)
            return true;
    }
    return false;
}

static void what_had_its_days_is_gone_from_the_file(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    for (int day = 1; day <= 13; day++) {
        assert_int_equal(ring_forget(room->ring, NOW + day * DAY_SECONDS, &err), 0);
        assert_true(file_has_marks(room));
    }
    assert_non_null(look(room, NOW + 13 * DAY_SECONDS));
    assert_int_equal(ring_forget(room->ring, NOW + 14 * DAY_SECONDS, &err), 0);
    assert_false(file_has_marks(room));
    assert_null(look(room, NOW + 14 * DAY_SECONDS));
}

/* A disk that is full when the next salt is due: it is tried again, and nothing is marked under a
 * salt that stands nowhere. */
static void a_salt_that_could_not_be_written_is_written_later(void **state)
{
    struct room *room = *state;
    const int64_t next_half = NOW + 8 * DAY_SECONDS;
    const struct ring_message message = {.sender = SLICE_LITERAL("x@otra.example"),
                                         .now = next_half};
    struct rlimit before, none;
    struct error err = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    int failed = ring_forget(room->ring, next_half, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(failed, -1);

    add(room, message);
    const struct entry entry = make_entry(room, "addr x@otra.example");
    struct ring_view *view = look(room, next_half);
    assert_non_null(view);
    assert_int_equal(ring_ask(view, &entry, NULL, 0).messages, 1);
}

static void a_milter_that_slept_for_weeks_forgets_all(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    ring_close(room->ring);
    assert_int_equal(ring_open(&room->settings, key, NOW + 40 * DAY_SECONDS, &room->ring, &err), 0);
    assert_false(file_has_marks(room));
}

static void nobody_without_the_key_is_answered(void **state)
{
    struct room *room = *state;
    static const unsigned char other[KEYED_KEY_BYTES] = {9};
    struct ring_view *view;
    struct error err = {0};
    struct entry entry = make_entry(room, "addr a@extrano.example");
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    assert_int_equal(ring_read(&room->settings, other, NOW, room->arena, &view, &err), 1);
    assert_int_equal(ring_ask(view, &entry, NULL, 0).messages, 0);
    assert_int_equal(ring_read(&room->settings, NULL, NOW, room->arena, &view, &err), 0);
}

static void turned_off_nothing_stays(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    ring_close(room->ring);
    room->settings.ring_days = 0;
    assert_int_equal(ring_open(&room->settings, key, NOW, &room->ring, &err), 0);
    assert_null(room->ring);
    assert_int_equal(access(room->path, F_OK), -1);
    assert_null(look(room, NOW));
}

static void a_second_writer_is_told_to_wait(void **state)
{
    struct room *room = *state;
    struct ring *second;
    struct error err = {0};
    assert_int_equal(ring_open(&room->settings, key, NOW, &second, &err), -1);
    assert_int_equal(err.kind, ERROR_TEMPORARY);
}

static void change_byte(const struct room *room, long at, int by)
{
    FILE *file = fopen(room->path, "r+b");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ by, file);
    fclose(file);
}

static void a_torn_record_does_not_count_and_the_others_do(void **state)
{
    struct room *room = *state;
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("b@extrano.example")});
    change_byte(room, (long)(sizeof(struct ring_header) + sizeof(struct ring_record) - 1), 1);
    assert_int_equal(ring_messages(look(room, NOW)), 1);
    assert_int_equal(count(room, "addr b@extrano.example"), 1);
}

static void a_damaged_or_short_file_begins_anew(void **state)
{
    struct room *room = *state;
    struct error err = {0};
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    ring_close(room->ring);
    change_byte(room, 20, 0x40);
    assert_null(look(room, NOW));
    assert_int_equal(ring_open(&room->settings, key, NOW, &room->ring, &err), 0);
    assert_false(file_has_marks(room));
    ring_close(room->ring);
    assert_int_equal(truncate(room->path, 1000), 0);
    assert_null(look(room, NOW));
    assert_int_equal(ring_open(&room->settings, key, NOW, &room->ring, &err), 0);
    add(room, (struct ring_message){.from_address = SLICE_LITERAL("a@extrano.example")});
    assert_int_equal(count(room, "addr a@extrano.example"), 1);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(an_entry_meets_what_it_would_have_met_on_the_way_in),
        WITH_ROOM(an_address_under_a_group_key_is_found),
        WITH_ROOM(known_senders_are_counted_once_each),
        WITH_ROOM(it_holds_ten_thousand_and_the_oldest_goes),
        WITH_ROOM(what_had_its_days_is_gone_from_the_file),
        WITH_ROOM(a_salt_that_could_not_be_written_is_written_later),
        WITH_ROOM(a_milter_that_slept_for_weeks_forgets_all),
        WITH_ROOM(nobody_without_the_key_is_answered),
        WITH_ROOM(turned_off_nothing_stays),
        WITH_ROOM(a_second_writer_is_told_to_wait),
        WITH_ROOM(a_torn_record_does_not_count_and_the_others_do),
        WITH_ROOM(a_damaged_or_short_file_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
