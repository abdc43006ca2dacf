#include "review/attend.h"

#include "common/store/store_mail.h"
#include "quarantine/hold.h"
#include "review/outbox.h"
#include "review/round.h"
#include "tests/common/mail/listener.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000 /* Monday 2026-11-23T10:00:00Z */
#define DAY 86400
#define NOBODY_LISTENS "127.0.0.1:1"

static int setup(void **state)
{
    if (room_setup(state) != 0 || listener_open() != 0)
        return -1;
    struct room *room = *state;
    snprintf(room->settings.release_server, sizeof room->settings.release_server, "%s",
             listener.server);
    return 0;
}

static int teardown(void **state)
{
    listener_close();
    return room_teardown(state);
}

static struct review review_at(struct room *room, int64_t now)
{
    return (struct review){room->store, &room->keys, &room->settings, now};
}

static struct member make_member(struct room *room, const char *address)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of(address),
                                   SETTINGS_LANGUAGE_EN, NOW - 9 * DAY, &member, room->arena, NULL),
                     0);
    assert_int_equal(
        member_consent(room->store, &member, slice_of("by reply"), NOW - 8 * DAY, NULL), 0);
    return member;
}

static void hold_for(struct room *room, const struct member *member, const char *body)
{
    struct hold_desk *desk;
    const struct item_sheet sheet = {.envelope_sender = slice_of("x@y.example")};
    const struct hold_copy copy = {.member_id = member->row.id,
                                   .recipient = member->row.address,
                                   .category = slice_of("threat"),
                                   .expires_at = NOW + 30 * DAY};
    const struct hold_request request = {.message = slice_of(body),
                                         .sheet = &sheet,
                                         .copies = &copy,
                                         .copy_count = 1,
                                         .now = NOW - 60};
    assert_int_equal(hold_open(&room->settings, &room->keys, &desk, NULL), 0);
    assert_int_equal(hold_message(desk, &request, NULL), 0);
    hold_close(desk);
}

static struct attend_counts attend(struct room *room, int64_t now)
{
    struct attend_counts counts;
    struct review review = review_at(room, now);
    assert_int_equal(attend_members(&review, &counts, NULL), 0);
    assert_int_equal(counts.troubles, 0);
    return counts;
}

static struct outbox_counts send_all(struct room *room, int64_t now)
{
    struct outbox_counts counts;
    assert_int_equal(outbox_run(room->store, &room->keys, &room->settings, now, &counts, NULL), 0);
    return counts;
}

static struct member reload(struct room *room, const struct member *member)
{
    struct member read;
    assert_int_equal(member_get(room->store, member->row.id, room->arena, &read, NULL), 1);
    return read;
}

static int64_t told(struct room *room, const struct member *member)
{
    struct store_item *items;
    size_t count;
    const struct store_item_filter all = {.member_id = member->row.id};
    assert_int_equal(store_item_list(room->store, &all, room->arena, &items, &count, NULL), 0);
    assert_int_equal(count, 1);
    return items[0].digest_count;
}

static void a_digest_is_told_when_her_server_took_it(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, "ana@casa.example");
    hold_for(room, &member, "Subject: a\r\n\r\nb\r\n");
    assert_int_equal(attend(room, NOW).digests, 1);
    assert_int_equal(attend(room, NOW + 10).digests, 0); /* one waits to be sent */
    assert_int_equal(told(room, &member), 0);
    assert_int_equal(reload(room, &member).row.last_digest_at, 0);

    assert_int_equal(send_all(room, NOW + 20).sent, 1);
    assert_int_equal(listener.accepted, 1);
    assert_non_null(strstr(listener.mail_line, "FROM:<>"));
    assert_non_null(strstr(listener.rcpt_line, "<ana@casa.example>"));
    assert_true(slice_find(slice_new(listener.message, listener.size),
                           slice_of("\r\nAuto-Submitted: auto-generated\r\n")) < listener.size);
    assert_int_equal(told(room, &member), 1);
    assert_int_equal(reload(room, &member).row.last_digest_at, NOW + 20);

    assert_int_equal(attend(room, NOW + 3600).digests, 0);
    assert_int_equal(attend(room, NOW + DAY).digests, 1);
    assert_int_equal(send_all(room, NOW + DAY).sent, 1);
    assert_int_equal(told(room, &member), 2);
    assert_int_equal(attend(room, NOW + 2 * DAY).digests, 0); /* told twice: that is enough */
    assert_int_equal(send_all(room, NOW + 2 * DAY).sent, 0);
}

static void a_digest_that_nobody_takes_is_not_told(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, "ana@casa.example");
    int64_t now = NOW, tries = 0;
    struct outbox_counts counts;
    hold_for(room, &member, "Subject: a\r\n\r\nb\r\n");
    assert_int_equal(attend(room, NOW).digests, 1);
    listener.script.end = "451 4.3.0 later";
    assert_int_equal(send_all(room, NOW).postponed, 1);
    snprintf(room->settings.release_server, sizeof room->settings.release_server, NOBODY_LISTENS);
    do {
        now += 30;
        counts = send_all(room, now);
        tries += counts.postponed;
    } while (counts.given_up == 0 && now < NOW + 20 * DAY);
    assert_in_range(now, NOW + OUTBOX_DAYS * DAY, NOW + OUTBOX_DAYS * DAY + 4000);
    assert_in_range(tries, 100, 140); /* the waits grow to an hour */
    assert_int_equal(told(room, &member), 0);
    assert_int_equal(attend(room, now).digests, 1); /* and it is tried anew */
}

static void a_refused_mail_keeps_nothing_from_the_others(void **state)
{
    struct room *room = *state;
    const char *mail = "Subject: x\r\n\r\n";
    assert_int_equal(outbox_queue(room->store, &room->keys, "receipt", 0, slice_of("a@b.example"),
                                  slice_of(mail), 0, NOW, NULL),
                     0);
    listener.script.rcpt = "550 5.1.1 no such user";
    assert_int_equal(send_all(room, NOW).postponed, 1);
    listener.script.rcpt = NULL;
    assert_int_equal(outbox_queue(room->store, &room->keys, "receipt", 0, slice_of("c@d.example"),
                                  slice_of(mail), 0, NOW, NULL),
                     0);
    struct outbox_counts counts = send_all(room, NOW + 1);
    assert_int_equal(counts.sent, 1);
    assert_int_equal(counts.postponed, 0);
    assert_non_null(strstr(listener.rcpt_line, "<c@d.example>"));
    assert_int_equal(send_all(room, NOW + 40).sent, 1);
    assert_int_equal(listener.accepted, 2);
}

static void what_waits_to_be_sent_cannot_be_read_in_the_database(void **state)
{
    struct room *room = *state;
    struct store_outgoing *mails;
    struct slice sealed;
    size_t count;
    assert_int_equal(outbox_queue(room->store, &room->keys, "receipt", 0,
                                  slice_of("secreta@casa.example"), slice_of("geheim\r\n"), 0, NOW,
                                  NULL),
                     0);
    assert_int_equal(store_outbox_list(room->store, NOW, room->arena, &mails, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_int_equal(store_outbox_read(room->store, mails[0].id, room->arena, &sealed, NULL), 1);
    assert_true(slice_find(sealed, slice_of("secreta")) == sealed.size);
    assert_true(slice_find(sealed, slice_of("geheim")) == sealed.size);
}

static void a_shield_ends_once_and_she_is_told(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, "ana@casa.example");
    assert_int_equal(member_set(room->store, &member, slice_of("quiet"), slice_of("never"), NULL),
                     0);
    assert_int_equal(member_set(room->store, &member, slice_of("shield"),
                                slice_of("2026-11-23T10:00:00Z"), NULL),
                     0);
    assert_int_equal(attend(room, NOW - 1).shields_ended, 0);
    assert_int_equal(attend(room, NOW).shields_ended, 1);
    assert_int_equal(attend(room, NOW + 1).shields_ended, 0);
    assert_int_equal(reload(room, &member).wishes.shield_until, 0);
    assert_int_equal(send_all(room, NOW + 2).sent, 1);
    assert_true(slice_find(slice_new(listener.message, listener.size),
                           slice_of("Your shield has ended")) < listener.size);
}

static void who_is_not_on_gets_nothing(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, "ana@casa.example"), invited;
    hold_for(room, &member, "Subject: a\r\n\r\nb\r\n");
    assert_int_equal(member_stop(room->store, &member, NOW, NULL), 0);
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("eva@casa.example"), 0,
                                   NOW - 20 * DAY, &invited, room->arena, NULL),
                     0);
    assert_int_equal(attend(room, NOW + 9 * DAY).digests, 0);
    assert_int_equal(send_all(room, NOW + 9 * DAY).sent, 0);
}

static void a_round_goes_on_when_nobody_listens(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, "ana@casa.example");
    struct round_state *rounds = round_new();
    struct review review = review_at(room, NOW);
    hold_for(room, &member, "Subject: a\r\n\r\nb\r\n");
    assert_non_null(rounds);
    snprintf(room->settings.release_server, sizeof room->settings.release_server, NOBODY_LISTENS);
    assert_int_equal(round_run(rounds, &review), 1);
    snprintf(room->settings.release_server, sizeof room->settings.release_server, "%s",
             listener.server);
    review.now = NOW + 3600;
    assert_int_equal(round_run(rounds, &review), 0);
    assert_int_equal(listener.accepted, 1);
    assert_int_equal(told(room, &member), 1);
    round_free(rounds);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_digest_is_told_when_her_server_took_it),
        TEST(a_digest_that_nobody_takes_is_not_told),
        TEST(a_refused_mail_keeps_nothing_from_the_others),
        TEST(what_waits_to_be_sent_cannot_be_read_in_the_database),
        TEST(a_shield_ends_once_and_she_is_told),
        TEST(who_is_not_on_gets_nothing),
        TEST(a_round_goes_on_when_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
