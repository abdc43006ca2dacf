#include "common/store/store_log.h"
#include "common/store/store_mail.h"
#include "policy/contact.h"
#include "policy/member.h"
#include "tests/admin/desk.h"

#define RUN(...) DESK_RUN(room, member, __VA_ARGS__)

static bool find_ana(struct room *room, struct member *member)
{
    return member_find(room->store, &room->settings, slice_of("ana@casa.example"), room->arena,
                       member, NULL) == 1;
}

static size_t mails(struct room *room)
{
    struct store_outgoing *waiting;
    size_t count;
    assert_int_equal(store_outbox_list(room->store, INT64_MAX, room->arena, &waiting, &count, NULL),
                     0);
    return count;
}

static bool is_in_her_log(struct room *room, const struct member *member, const char *action)
{
    struct store_log_line *lines;
    size_t count;
    assert_int_equal(
        store_log_list(room->store, member->row.id, 0, room->arena, &lines, &count, NULL), 0);
    for (size_t i = 0; i < count; i++)
        if (slice_is(lines[i].action, action) && slice_is(lines[i].actor, "admin"))
            return true;
    return false;
}

static void an_invitation_is_no_consent(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(
        RUN("invite", "Ana@casa.example", "--language", "pt", "--time-zone", "America/Bogota"),
        ERROR_NONE);
    assert_true(find_ana(room, &member));
    assert_int_equal(member.row.state, STORE_MEMBER_INVITED);
    assert_int_equal(member.wishes.language, SETTINGS_LANGUAGE_PT);
    assert_string_equal(member.wishes.time_zone, "America/Bogota");
    assert_int_equal(mails(room), 1);
    assert_true(is_in_her_log(room, &member, "invited"));
}

static void a_consent_in_person_needs_a_note_and_is_told(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(RUN("add", "ana@casa.example"), ERROR_USAGE);
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "  "), ERROR_USAGE);
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "a\nb"), ERROR_INPUT);
    assert_false(find_ana(room, &member));
    assert_int_equal(mails(room), 0);
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "said so on Monday"), ERROR_NONE);
    assert_true(find_ana(room, &member));
    assert_true(member_is_on(&member));
    assert_true(slice_is(member.row.consent_note, "said so on Monday"));
    assert_int_equal(mails(room), 1);
    assert_true(is_in_her_log(room, &member, "consent recorded"));
}

static void what_fails_leaves_nothing_behind(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(RUN("invite", "ana@casa.example", "--time-zone", "Mars/Base"), ERROR_INPUT);
    assert_int_equal(RUN("invite", "ana@casa.example", "--language", "xx"), ERROR_INPUT);
    assert_int_equal(RUN("invite", "ana@@casa.example"), ERROR_INPUT);
    assert_false(find_ana(room, &member));
    assert_int_equal(RUN("set", "ana@casa.example", "hour", "9"), ERROR_NOT_FOUND);
    assert_int_equal(RUN("off", "ana@casa.example"), ERROR_NOT_FOUND);
    assert_int_equal(RUN("show", "ana@casa.example"), ERROR_NOT_FOUND);
    assert_int_equal(RUN("dance", "ana@casa.example"), ERROR_USAGE);
    assert_int_equal(RUN("show"), ERROR_USAGE);
    assert_int_equal(mails(room), 0);
}

static void a_setting_is_told(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "yes"), ERROR_NONE);
    assert_int_equal(RUN("set", "ana@casa.example", "reveal", "who"), ERROR_NONE);
    assert_int_equal(RUN("set", "ana@casa.example", "shield", "3", "days"), ERROR_NONE);
    assert_int_equal(RUN("set", "ana@casa.example", "shield", "3", "years"), ERROR_INPUT);
    assert_int_equal(RUN("set", "ana@casa.example", "reveal"), ERROR_USAGE);
    assert_true(find_ana(room, &member));
    assert_int_equal(member.wishes.reveal, WISH_REVEAL_WHO);
    assert_true(member.wishes.shield_until > 0);
    assert_int_equal(mails(room), 3);
    assert_true(is_in_her_log(room, &member, "setting changed"));
}

static void contacts_are_added_all_or_none(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "yes"), ERROR_NONE);
    assert_int_equal(RUN("contacts", "add", "ana@casa.example", "Uno@x.example", "nonsense"),
                     ERROR_INPUT);
    assert_true(find_ana(room, &member));
    assert_int_equal(
        contact_is_known(room->store, &room->keys, member.row.id, slice_of("uno@x.example"), NULL),
        0);
    assert_int_equal(RUN("contacts", "add", "ana@casa.example", "Uno@x.example", "dos@x.example"),
                     ERROR_NONE);
    assert_int_equal(
        contact_is_known(room->store, &room->keys, member.row.id, slice_of("uno@x.example"), NULL),
        1);
    assert_int_equal(mails(room), 2);
}

static void off_and_forget_tell_her(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "yes"), ERROR_NONE);
    assert_int_equal(RUN("off", "ana@casa.example"), ERROR_NONE);
    assert_true(find_ana(room, &member));
    assert_false(member_is_on(&member));
    assert_int_equal(mails(room), 2);
    assert_int_equal(RUN("forget", "ana@casa.example"), ERROR_USAGE);
    assert_true(find_ana(room, &member));
    assert_int_equal(RUN("forget", "ana@casa.example", "--yes"), ERROR_NONE);
    assert_false(find_ana(room, &member));
    assert_true(mails(room) >= 1);
}

static void looking_at_her_settings_stands_in_her_log(void **state)
{
    struct room *room = *state;
    struct member member;
    assert_int_equal(RUN("add", "ana@casa.example", "--consent", "yes"), ERROR_NONE);
    assert_int_equal(RUN("show", "ana@casa.example", "--json"), ERROR_NONE);
    assert_int_equal(RUN("list", "--json"), ERROR_NONE);
    assert_true(find_ana(room, &member));
    assert_true(is_in_her_log(room, &member, "settings shown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(an_invitation_is_no_consent),
        DESK_TEST(a_consent_in_person_needs_a_note_and_is_told),
        DESK_TEST(what_fails_leaves_nothing_behind),
        DESK_TEST(a_setting_is_told),
        DESK_TEST(contacts_are_added_all_or_none),
        DESK_TEST(off_and_forget_tell_her),
        DESK_TEST(looking_at_her_settings_stands_in_her_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
