/* `zaguan held` and `zaguan backup`: what the admin can do with held mail, and what it leaves. */
#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include "policy/member.h"
#include "quarantine/hold.h"
#include "tests/admin/desk.h"

#include <jansson.h>

#define HELD_AT 1800000000
#define SECRET "words that only she may read"

#define RUN(...) DESK_RUN(room, held, __VA_ARGS__)

static int64_t add_ana(struct room *room)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"),
                                   SETTINGS_LANGUAGE_ES, HELD_AT - 10, &member, room->arena, NULL),
                     0);
    assert_int_equal(member_consent(room->store, &member, slice_of("in person"), HELD_AT, NULL), 0);
    return member.row.id;
}

static void hold_mail(struct room *room, int64_t member_id, const char *subject)
{
    char mail[300];
    struct hold_desk *desk;
    const struct item_reason reason = {.rule = slice_of("list"), .category = slice_of("threat")};
    const struct item_sheet sheet = {.envelope_sender = slice_of("x@example.net"),
                                     .from_address = slice_of("x@example.net"),
                                     .subject = slice_of(subject)};
    const struct hold_copy copy = {.member_id = member_id,
                                   .recipient = slice_of("ana@casa.example"),
                                   .purpose = HOLD_FOR_MEMBER,
                                   .reasons = &reason,
                                   .reason_count = 1,
                                   .category = slice_of("threat"),
                                   .severity = 3,
                                   .expires_at = HELD_AT + 1000};
    snprintf(mail, sizeof mail, "From: x@example.net\r\nSubject: %s\r\n\r\n" SECRET "\r\n",
             subject);
    const struct hold_request request = {slice_of(mail), &sheet, &copy, 1, HELD_AT};
    assert_int_equal(hold_open(&room->settings, &room->keys, &desk, NULL), 0);
    assert_int_equal(hold_message(desk, &request, NULL), 0);
    hold_close(desk);
}

/* Ana with the items 1 and 2. */
static int scene(void **state)
{
    if (desk_setup(state) != 0)
        return -1;
    int64_t ana = add_ana(*state);
    hold_mail(*state, ana, "first");
    hold_mail(*state, ana, "second");
    return 0;
}

static enum store_item_state state_of(struct room *room, int64_t id)
{
    struct store_item item;
    assert_int_equal(store_item_get(room->store, id, room->arena, &item, NULL), 1);
    return item.state;
}

static bool log_says(struct room *room, const char *action, const char *note)
{
    struct member member;
    struct store_log_line *lines;
    size_t count;
    assert_int_equal(member_find(room->store, &room->settings, slice_of("ana@casa.example"),
                                 room->arena, &member, NULL),
                     1);
    assert_int_equal(
        store_log_list(room->store, member.row.id, 0, room->arena, &lines, &count, NULL), 0);
    for (size_t i = 0; i < count; i++)
        if (slice_is(lines[i].actor, "admin") && slice_is(lines[i].action, action) &&
            slice_is(lines[i].note, note))
            return true;
    return false;
}

static void the_list_has_metadata_alone(void **state)
{
    struct room *room = *state;
    assert_int_equal(RUN("list", "--json"), ERROR_NONE);
    json_t *items = json_loads(desk_said, 0, NULL);
    assert_int_equal(json_array_size(items), 2);
    const char *member = json_string_value(json_object_get(json_array_get(items, 0), "member"));
    assert_string_equal(member, "ana@casa.example");
    json_decref(items);
    assert_null(strstr(desk_said, "first"));
    assert_null(strstr(desk_said, "example.net"));
    assert_int_equal(RUN("list", "--member", "bea@casa.example"), ERROR_NOT_FOUND);
    assert_int_equal(RUN("show", "1"), ERROR_NONE);
    assert_null(strstr(desk_said, "first"));
    assert_null(strstr(desk_said, SECRET));
}

static void content_is_shown_for_a_reason_that_she_reads(void **state)
{
    struct room *room = *state;
    assert_int_equal(RUN("show", "1", "--break-glass", " "), ERROR_USAGE);
    assert_int_equal(RUN("show", "1", "--break-glass", "two\nlines"), ERROR_USAGE);
    assert_false(log_says(room, "looked", " "));
    assert_int_equal(RUN("show", "1", "--break-glass", "court order 12"), ERROR_NONE);
    assert_non_null(strstr(desk_said, "Subject: first\r\n\r\n" SECRET "\r\n"));
    assert_true(log_says(room, "looked", "court order 12"));
}

static void acts_are_done_and_stand_in_her_log(void **state)
{
    struct room *room = *state;
    assert_int_equal(RUN("keep", "1"), ERROR_NONE);
    assert_true(log_says(room, "kept", ""));
    assert_int_equal(RUN("delete", "2"), ERROR_NONE);
    assert_int_equal(state_of(room, 2), STORE_ITEM_DELETED);
    assert_int_equal(RUN("delete", "2", "--undo"), ERROR_NONE);
    assert_int_equal(state_of(room, 2), STORE_ITEM_HELD);
    assert_true(log_says(room, "deletion undone", ""));
    assert_int_equal(RUN("release", "1", "2", "--json"), ERROR_NONE);
    assert_string_equal(desk_said, "{\"id\": 1, \"done\": \"released\"}\n"
                                   "{\"id\": 2, \"done\": \"released\"}\n");
    assert_int_equal(state_of(room, 1), STORE_ITEM_RELEASING);
    assert_int_equal(state_of(room, 2), STORE_ITEM_RELEASING);
}

static void one_wrong_number_does_nothing_and_says_nothing(void **state)
{
    struct room *room = *state;
    static const char *const wrong[] = {"9", "0", "-1", "x", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_not_equal(RUN("release", "1", wrong[i]), ERROR_NONE);
        assert_string_equal(desk_said, "");
        assert_int_equal(state_of(room, 1), STORE_ITEM_HELD);
        assert_false(log_says(room, "released", ""));
    }
    assert_int_equal(RUN("release"), ERROR_USAGE);
    assert_int_equal(RUN("burn", "1"), ERROR_USAGE);
}

static void a_backup_is_a_whole_database_and_no_file_is_overwritten(void **state)
{
    struct room *room = *state;
    char path[600];
    struct store *copy;
    struct store_item item;
    snprintf(path, sizeof path, "%s/copy.db", room->folder);
    assert_int_equal(DESK_RUN(room, backup, path), ERROR_NONE);
    assert_int_equal(store_open(path, &copy, NULL), 0);
    assert_int_equal(store_item_get(copy, 2, room->arena, &item, NULL), 1);
    store_close(copy);
    assert_int_not_equal(DESK_RUN(room, backup, path), ERROR_NONE);
    assert_int_equal(store_open(path, &copy, NULL), 0);
    assert_int_equal(store_check(copy, NULL), 0);
    store_close(copy);
    assert_int_equal(DESK_RUN(room, backup, NULL), ERROR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_list_has_metadata_alone),
        TEST(content_is_shown_for_a_reason_that_she_reads),
        TEST(acts_are_done_and_stand_in_her_log),
        TEST(one_wrong_number_does_nothing_and_says_nothing),
        TEST(a_backup_is_a_whole_database_and_no_file_is_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
