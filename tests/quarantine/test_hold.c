#include "quarantine/hold.h"

#include "common/store/store_log.h"
#include "quarantine/find.h"
#include "tests/quarantine/stage.h"
#include <pthread.h>
#include <sqlite3.h>

static struct hold_desk *desk;

static int open_desk(void **state)
{
    if (stage_open(state) != 0)
        return -1;
    return hold_open(&stage.settings, &stage.keys, &desk, &err);
}

static int close_desk(void **state)
{
    hold_close(desk);
    return stage_close(state);
}

static void assert_message(int64_t message_id, struct slice wanted)
{
    BUFFER_CLEANUP bytes = buffer_new(64 * MIB);
    assert_int_equal(find_message(stage.store, &stage.keys, message_id, &bytes, &err), 0);
    assert_true(slice_equals(buffer_slice(&bytes), wanted));
}

static void what_was_held_is_found_byte_for_byte_with_its_sheet(void **state)
{
    (void)state;
    struct store_item *items;
    struct found_item found;
    assert_int_equal(
        stage_hold(desk, slice_of(stage_mail), "x@example.net", stage.ana, HOLD_FOR_MEMBER), 0);
    assert_int_equal(stage_items(0, &items), 1);
    assert_int_equal(items[0].state, STORE_ITEM_HELD);
    assert_int_equal(items[0].member_id, stage.ana);
    assert_int_equal(items[0].size_bytes, sizeof stage_mail - 1);
    assert_int_equal(items[0].expires_at, STAGE_NOW + 1000);
    assert_message(items[0].message_id, slice_of(stage_mail));
    assert_int_equal(find_item(stage.store, &stage.keys, items[0].id, stage.arena, &found, &err),
                     1);
    assert_true(slice_is(found.recipient, "ana+tag@example.org"));
    assert_true(slice_is(found.sheet.subject, "hello"));
    assert_true(slice_is(found.sheet.envelope_sender, "x@example.net"));
    assert_int_equal(found.reason_count, 1);
    assert_true(slice_is(found.reasons[0].entry, "e1"));
    assert_int_equal(found.arrived_at, STAGE_NOW);
    assert_int_equal(
        find_item(stage.store, &stage.keys, items[0].id + 1, stage.arena, &found, &err), 0);
}

static void messages_of_every_shape_keep_their_bytes(void **state)
{
    (void)state;
    static const struct slice rows[] = {
        {"", 0},
        {"\0", 1},
        {"A: b\r\n\r\nno line end", 20},
        {"\r\n.\r\n..\r\n", 9},
        {"\xff\xfe\x80 8 bit \r alone", 17},
    };
    struct store_item *items;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(stage_hold(desk, rows[i], "", stage.ana, HOLD_FOR_MEMBER), 0);
    assert_int_equal(stage_items(0, &items), 5);
    for (size_t i = 0; i < 5; i++)
        assert_message(items[i].message_id, rows[i]);
}

static void a_message_of_50_megabytes_is_held(void **state)
{
    (void)state;
    size_t size = 50 * MIB;
    char *bytes = malloc(size);
    struct store_item *items;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i ^ (i >> 11));
    assert_int_equal(stage_hold(desk, slice_new(bytes, size), "", stage.ana, HOLD_FOR_MEMBER), 0);
    assert_int_equal(stage_items(0, &items), 1);
    assert_message(items[0].message_id, slice_new(bytes, size));
    free(bytes);
}

/* A retry after a crash between commit and answer brings the same bytes again. */
static void the_same_mail_again_counts_and_holds_nothing_twice(void **state)
{
    (void)state;
    static const struct {
        const char *mail, *sender;
        bool is_for_bea;
        size_t items;
    } rows[] = {
        {"a", "x@example.net", false, 1},
        {"a", "x@example.net", false, 1},
        {"b", "x@example.net", false, 2},
        {"a", "y@example.net", false, 3},
        {"a", "", false, 4},
        {"a", "x@example.net", true, 5},
        {"a", "x@example.net", true, 5},
    };
    struct store_item *items;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(stage_hold(desk, slice_of(rows[i].mail), rows[i].sender,
                                    rows[i].is_for_bea ? stage.bea : stage.ana, HOLD_FOR_MEMBER),
                         0);
        assert_int_equal(stage_items(0, &items), rows[i].items);
    }
    assert_int_equal(items[0].arrivals, 2);
    assert_int_equal(items[1].arrivals, 1);
    assert_int_equal(items[4].arrivals, 2);
    for (size_t i = 0; i < 5; i++)
        assert_message(items[i].message_id, slice_of(i == 1 ? "b" : "a"));
}

static void when_it_is_held_no_more_the_same_mail_is_a_new_item(void **state)
{
    (void)state;
    struct store_item *items;
    int64_t first = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(store_item_move(stage.store, first, ~0u, STORE_ITEM_RELEASED, 5, 0, &err), 1);
    assert_int_not_equal(stage_item(HOLD_FOR_MEMBER), first);
    assert_int_equal(stage_items(0, &items), 2);
}

/* The milter died before its answer, the copy went out, the sender's server tries again. */
static void a_retry_of_a_split_copy_that_is_out_is_no_second_copy(void **state)
{
    (void)state;
    struct store_item *items;
    int64_t first = stage_item(HOLD_SPLIT_TAG);
    assert_int_equal(
        store_item_move(stage.store, first, ~0u, STORE_ITEM_RELEASED, STAGE_NOW, 0, &err), 1);
    assert_int_equal(stage_item(HOLD_SPLIT_TAG), first);
    assert_int_equal(stage_items(0, &items), 1);
    /* Long after, or as a mail to hold, it is another matter. */
    assert_int_equal(store_item_move(stage.store, first, ~0u, STORE_ITEM_RELEASED,
                                     STAGE_NOW - STORE_SPLIT_RETRY_SECONDS - 1, 0, &err),
                     1);
    assert_int_not_equal(stage_item(HOLD_SPLIT_TAG), first);
}

static void one_message_has_an_item_per_member_and_one_body(void **state)
{
    (void)state;
    struct item_sheet sheet = stage_sheet();
    struct hold_copy copies[3] = {stage_copy(stage.ana, "ana@example.org"),
                                  stage_copy(stage.bea, "bea@example.org"),
                                  stage_copy(stage.ana, "ana+x@example.org")};
    copies[1].purpose = HOLD_SPLIT_TAG;
    copies[1].tag_field = slice_of("X-Zaguan: tag");
    struct hold_request request = {slice_of(stage_mail), &sheet, copies, 3, STAGE_NOW};
    struct store_item *items;
    struct found_item found;
    assert_int_equal(hold_message(desk, &request, &err), 0);
    assert_int_equal(stage_items(0, &items), 2);
    assert_int_equal(items[0].message_id, items[1].message_id);
    assert_int_equal(items[0].state, STORE_ITEM_HELD);
    assert_int_equal(items[1].state, STORE_ITEM_RELEASING);
    assert_true(items[1].is_split);
    assert_int_equal(find_item(stage.store, &stage.keys, items[1].id, stage.arena, &found, &err),
                     1);
    assert_true(slice_is(found.recipient, "bea@example.org"));
    assert_true(slice_is(found.tag_field, "X-Zaguan: tag"));
}

struct crowd {
    int number;
    int failed;
};

static void *hold_one(void *context)
{
    struct crowd *crowd = context;
    char mail[64];
    struct error local = {0};
    struct item_sheet sheet = stage_sheet();
    struct hold_copy copy =
        stage_copy(crowd->number % 7 == 0 ? 9999 : stage.ana, "ana@example.org");
    snprintf(mail, sizeof mail, "Subject: %d\r\n\r\n", crowd->number);
    struct hold_request request = {slice_of(mail), &sheet, &copy, 1, STAGE_NOW};
    crowd->failed = hold_message(desk, &request, &local);
    return NULL;
}

/* Members 9999 do not exist: their holds fail, and take none of the others with them. */
static void threads_share_a_commit_and_fail_alone(void **state)
{
    (void)state;
    enum { THREADS = 40 };
    pthread_t threads[THREADS];
    struct crowd crowds[THREADS];
    struct store_item *items;
    size_t wanted = 0;
    for (int i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){.number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, hold_one, &crowds[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(crowds[i].failed, i % 7 == 0 ? -1 : 0);
        wanted += i % 7 != 0;
    }
    assert_int_equal(stage_items(0, &items), wanted);
    for (size_t i = 0; i < wanted; i++) {
        BUFFER_CLEANUP bytes = buffer_new(1000);
        assert_int_equal(find_message(stage.store, &stage.keys, items[i].message_id, &bytes, &err),
                         0);
    }
}

static int64_t count_rows(const char *table)
{
    char sql[64];
    sqlite3 *database;
    sqlite3_stmt *statement;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    assert_int_equal(sqlite3_open(stage.settings.database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return count;
}

static void a_hold_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct item_sheet sheet = stage_sheet();
    struct hold_copy copies[2] = {stage_copy(stage.ana, "ana@example.org"),
                                  stage_copy(9999, "gone@example.org")};
    struct hold_request request = {slice_of(stage_mail), &sheet, copies, 2, STAGE_NOW};
    assert_int_equal(hold_message(desk, &request, &err), -1);
    assert_int_equal(count_rows("message"), 0);
    assert_int_equal(count_rows("item"), 0);
    assert_int_equal(count_rows("counter"), 0);
    request.copy_count = 0;
    assert_int_equal(hold_message(desk, &request, &err), -1);
    assert_int_equal(err.kind, ERROR_BUG);
    request.copy_count = 1;
    assert_int_equal(hold_message(desk, &request, &err), 0);
    assert_int_equal(count_rows("message"), 1);
}

static void a_database_that_was_taken_away_is_noticed_and_its_successor_used(void **state)
{
    (void)state;
    char command[600];
    store_close(stage.store);
    stage.store = NULL;
    snprintf(command, sizeof command, "cd %s && mkdir old && cp z.db* old/ && mv z.db* keys/",
             stage.folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(
        stage_hold(desk, slice_of(stage_mail), "x@example.net", stage.ana, HOLD_FOR_MEMBER), -1);
    assert_int_equal(err.kind, ERROR_SYSTEM);
    snprintf(command, sizeof command, "cd %s && rm -f z.db* && mv old/* .", stage.folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(
        stage_hold(desk, slice_of(stage_mail), "x@example.net", stage.ana, HOLD_FOR_MEMBER), 0);
    assert_int_equal(store_open(stage.settings.database, &stage.store, &err), 0);
    assert_int_equal(count_rows("item"), 1);
}

static void holds_are_counted_without_a_name(void **state)
{
    (void)state;
    struct store_counter *counters;
    struct store_entry_counts *entries;
    size_t count;
    for (int i = 0; i < 3; i++)
        stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(store_counter_list(stage.store, stage.arena, &counters, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_true(slice_is(counters[0].name, "held") && counters[0].count == 1);
    assert_true(slice_is(counters[1].name, "held_again") && counters[1].count == 2);
    assert_int_equal(store_entry_list(stage.store, stage.arena, &entries, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_int_equal(entries[0].held, 1);
}

/* Nothing of a mail stands in clear in any file of the database. */
static void what_is_held_is_sealed_at_rest(void **state)
{
    (void)state;
    static const char *const words[] = {"Somebody", "x@example", "hello",   "body",
                                        "ana+tag",  "192.0.2.7", "spf=pass"};
    stage_item(HOLD_FOR_MEMBER);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char command[200];
        snprintf(command, sizeof command, "cat %s/z.db* | grep -aqw -e '%s'", stage.folder,
                 words[i]);
        assert_int_not_equal(system(command), 0);
    }
}

static void a_damaged_message_is_never_given_out(void **state)
{
    (void)state;
    struct store_item *items;
    sqlite3 *database;
    BUFFER_CLEANUP bytes = buffer_new(1000);
    stage_item(HOLD_FOR_MEMBER);
    stage_items(0, &items);
    assert_int_equal(sqlite3_open(stage.settings.database, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database,
                                  "UPDATE message SET sealed_body = zeroblob(sealed_size)", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(database);
    assert_int_equal(find_message(stage.store, &stage.keys, items[0].message_id, &bytes, &err), -1);
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_int_equal(bytes.size, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_held_is_found_byte_for_byte_with_its_sheet),
        TEST(messages_of_every_shape_keep_their_bytes),
        TEST(a_message_of_50_megabytes_is_held),
        TEST(the_same_mail_again_counts_and_holds_nothing_twice),
        TEST(a_retry_of_a_split_copy_that_is_out_is_no_second_copy),
        TEST(when_it_is_held_no_more_the_same_mail_is_a_new_item),
        TEST(one_message_has_an_item_per_member_and_one_body),
        TEST(threads_share_a_commit_and_fail_alone),
        TEST(a_hold_that_fails_leaves_nothing),
        TEST(a_database_that_was_taken_away_is_noticed_and_its_successor_used),
        TEST(holds_are_counted_without_a_name),
        TEST(what_is_held_is_sealed_at_rest),
        TEST(a_damaged_message_is_never_given_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
