#include "review/digest.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "common/store/store_mail.h"
#include "quarantine/hold.h"
#include "review/codes.h"
#include "review/commands.h"
#include "review/digest_words.h"
#include "review/plain.h"
#include "tests/policy/room.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 1795428000 /* Monday 2026-11-23T10:00:00Z */
#define DAY 86400

static struct member make_member(struct room *room, int language)
{
    struct member member;
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("ana@casa.example"),
                                   language, NOW - 9 * DAY, &member, room->arena, NULL),
                     0);
    assert_int_equal(
        member_consent(room->store, &member, slice_of("by reply"), NOW - 8 * DAY, NULL), 0);
    return member;
}

struct held {
    const char *display, *from, *subject, *body, *proven;
    const char *rule, *category, *list, *publisher;
    int64_t held_at;
};

static void hold(struct room *room, struct hold_desk *desk, const struct member *member,
                 const struct held *held)
{
    BUFFER_CLEANUP message = buffer_new(64 * KIB);
    buffer_printf(&message,
                  "From: %s <%s>\r\nTo: ana@casa.example\r\nSubject: %s\r\n"
                  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
                  held->display, held->from, held->subject, held->body);
    const struct item_sheet sheet = {
        .envelope_sender = slice_of(held->from),
        .from_display = slice_of(held->display),
        .from_address = slice_of(held->from),
        .subject = slice_of(held->subject),
        .proven_domain = slice_of(held->proven),
    };
    const struct item_reason reason = {
        .rule = slice_of(held->rule),
        .category = slice_of(held->category),
        .list = slice_of(held->list),
        .publisher = slice_of(held->publisher),
    };
    const struct hold_copy copy = {
        .member_id = member->row.id,
        .recipient = slice_of("ana@casa.example"),
        .purpose = HOLD_FOR_MEMBER,
        .reasons = &reason,
        .reason_count = 1,
        .category = slice_of(held->category),
        .expires_at = held->held_at + 30 * DAY,
    };
    const struct hold_request request = {.message = buffer_slice(&message),
                                         .sheet = &sheet,
                                         .copies = &copy,
                                         .copy_count = 1,
                                         .now = held->held_at};
    struct error err = {0};
    if (hold_message(desk, &request, &err) != 0)
        fail_msg("%s", err.text);
    (void)room;
}

static const struct held story[] = {
    {"Nadie", "nadie@lejos.example", "Te encontré", "Sé dónde vives.\nMira <b>esto</b>.", "",
     "list", "threat", "amenazas", "", NOW - 27 * DAY},
    {"Banco", "aviso@banco.example", "123456 es tu código", "Código: 123456", "banco.example",
     "shield-code", "shield", "", "", NOW - 2 * DAY},
    {"", "ex@mal.example",
     "\xe2\x80\xae"
     "oirartnoc la\r\nrelease 1 & <script>",
     "hola", "mal.example", "blocked", "blocked", "", "", NOW - 3600},
    {"Grupo", "x@grupo.example", "", "vamos", "grupo.example", "list", "doxxing", "kefir",
     "Casa Lila", NOW - 60},
};

static void hold_story(struct room *room, const struct member *member)
{
    struct hold_desk *desk;
    assert_int_equal(hold_open(&room->settings, &room->keys, &desk, NULL), 0);
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++)
        hold(room, desk, member, &story[i]);
    hold_close(desk);
}

static void write_lists(struct room *room)
{
    char path[600];
    snprintf(path, sizeof path, "%s/amenazas.zl", room->settings.list_folder);
    assert_int_equal(file_write(path,
                                slice_of("%zaguan-list 1\n%name amenazas\n"
                                         "%list-id 00112233445566aa\n%issued 2026-11-11\n@end 0\n"),
                                0600, NULL),
                     0);
}

static struct review review_of(struct room *room)
{
    return (struct review){room->store, &room->keys, &room->settings, NOW};
}

static struct digest gather(struct room *room, const struct member *member, enum wish_reveal reveal)
{
    struct digest digest;
    struct error err = {0};
    struct review review = review_of(room);
    if (digest_gather(&review, member, reveal, room->arena, &digest, &err) != 0)
        fail_msg("%s", err.text);
    snprintf(digest.reply_address, sizeof digest.reply_address,
             "zaguan+abcdefghijklmnopqrstuvwxyz@casa.example");
    return digest;
}

/* --- the exact texts --- */

static void is_the_file(const char *language, const char *level, const char *ending,
                        const struct buffer *text)
{
    char path[200];
    BUFFER_CLEANUP expected = buffer_new(LIMIT_DIGEST_BYTES);
    struct error err = {0};
    snprintf(path, sizeof path, "tests/cases/digest/%s-%s/%s", language, level, ending);
    if (getenv("ZAGUAN_WRITE_CASES") != NULL)
        assert_int_equal(file_write(path, buffer_slice(text), 0644, NULL), 0);
    if (file_read(path, &expected, &err) != 0)
        fail_msg("%s", err.text);
    assert_string_equal(text->data, expected.data);
}

static void reads_as_written(struct room *room, int language)
{
    static const char *const languages[] = {"es", "pt", "en"};
    static const char *const levels[] = {"count", "who", "subject", "text"};
    struct member member = make_member(room, language);
    write_lists(room);
    hold_story(room, &member);
    const struct store_log_line looked = {.member_id = member.row.id,
                                          .at = NOW - 100,
                                          .actor = slice_of("admin"),
                                          .action = slice_of("looked")};
    assert_int_equal(store_log_add(room->store, &looked, NULL), 0);
    for (int level = WISH_REVEAL_COUNT; level <= WISH_REVEAL_TEXT; level++) {
        BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES), html = buffer_new(LIMIT_DIGEST_BYTES);
        struct digest digest = gather(room, &member, (enum wish_reveal)level);
        digest_write_text(&digest, &text);
        digest_write_html(&digest, &html);
        is_the_file(languages[language], levels[level], "text", &text);
        is_the_file(languages[language], levels[level], "html", &html);
    }
}

static void a_digest_in_spanish_reads_as_written(void **state)
{
    reads_as_written(*state, SETTINGS_LANGUAGE_ES);
}

static void a_digest_in_portuguese_reads_as_written(void **state)
{
    reads_as_written(*state, SETTINGS_LANGUAGE_PT);
}

static void a_digest_in_english_reads_as_written(void **state)
{
    reads_as_written(*state, SETTINGS_LANGUAGE_EN);
}

/* --- what is never in it --- */

/* A word that stands in no text of ours. */
static void make_word(char word[13])
{
    for (int i = 0; i < 12; i++)
        word[i] = (char)('a' + randombytes_uniform(26));
    word[12] = '\0';
}

#define WORDS 12

static void at_count_no_word_of_a_mail_leaks(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_EN);
    struct hold_desk *desk;
    char words[WORDS][13];
    assert_int_equal(hold_open(&room->settings, &room->keys, &desk, NULL), 0);
    for (int i = 0; i < WORDS; i++)
        make_word(words[i]);
    for (int i = 0; i < WORDS; i += 4) {
        char from[64];
        snprintf(from, sizeof from, "%s@%s.example", words[i + 1], words[i + 3]);
        const struct held mail = {
            words[i], from,    words[i + 2], "text",       "", i % 8 == 0 ? "list" : "shield",
            "threat", "kefir", "Casa Lila",  NOW - i * DAY};
        hold(room, desk, &member, &mail);
    }
    hold_close(desk);

    struct review review = review_of(room);
    BUFFER_CLEANUP mail = buffer_new(8 * LIMIT_DIGEST_BYTES), text = buffer_new(LIMIT_DIGEST_BYTES);
    struct digest digest = gather(room, &member, WISH_REVEAL_COUNT);
    assert_int_equal(digest_write_mail(&digest, &review, &member, 1, &mail, NULL), 0);
    digest_write_text(&digest, &text);
    digest_write_html(&digest, &text);
    for (int i = 0; i < WORDS; i++) {
        assert_true(slice_find_nocase(buffer_slice(&mail), slice_of(words[i])) == mail.size);
        assert_true(slice_find_nocase(buffer_slice(&text), slice_of(words[i])) == text.size);
    }

    /* the same words are there once she asks for them: the test can fail */
    buffer_clear(&text);
    digest = gather(room, &member, WISH_REVEAL_SUBJECT);
    digest_write_text(&digest, &text);
    for (int i = 0; i < WORDS; i++)
        assert_true(slice_find_nocase(buffer_slice(&text), slice_of(words[i])) < text.size);
}

static void a_hostile_subject_stays_on_its_line(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_EN);
    hold_story(room, &member);
    BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES), html = buffer_new(LIMIT_DIGEST_BYTES);
    struct digest digest = gather(room, &member, WISH_REVEAL_TEXT);
    digest_write_text(&digest, &text);
    digest_write_html(&digest, &html);
    assert_null(strstr(text.data, "\xe2\x80\xae"));
    assert_null(strstr(text.data, "\nrelease 1"));
    assert_null(strstr(text.data, "\r"));
    assert_non_null(strstr(text.data, "release 1 & <script>"));
    assert_null(strstr(html.data, "<script"));
    assert_null(strstr(html.data, "<b>esto"));
    assert_null(strstr(html.data, "\xe2\x80\xae"));
    assert_null(strstr(html.data, "http"));
    assert_null(strstr(html.data, "<img"));
}

/* --- what she can answer --- */

static void every_word_a_digest_offers_is_understood(void **state)
{
    struct room *room = *state;
    for (int language = SETTINGS_LANGUAGE_ES; language <= SETTINGS_LANGUAGE_EN; language++) {
        for (size_t i = 0; digest_verbs[i] != NULL; i++) {
            char word[COMMAND_WORD_BYTES], line[80], folded[PLAIN_LINE_BYTES];
            const struct command_row *row = command_find(digest_verbs[i]);
            struct command command;
            assert_non_null(row);
            snprintf(line, sizeof line, "%s 1 3-5", command_word(row, language, word));
            assert_int_equal(
                command_read(plain_fold(slice_of(line), folded), room->arena, &command, NULL), 1);
            assert_ptr_equal(command.row, row);
        }
    }
}

static void codes_lead_to_the_items_that_stand_there(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_ES);
    struct review review = review_of(room);
    struct store_outgoing *mails;
    size_t count;
    int64_t item = 0, size = 0;
    hold_story(room, &member);
    struct digest digest = gather(room, &member, WISH_REVEAL_COUNT);
    assert_int_equal(digest_send(&review, &member, NULL), 0);
    assert_int_equal(store_outbox_list(room->store, NOW, room->arena, &mails, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_true(slice_is(mails[0].kind, "digest"));
    assert_int_equal(mails[0].member_id, member.row.id);
    assert_int_equal(store_digest_size(room->store, mails[0].digest_id, &size, NULL), 0);
    assert_int_equal(size, 4);
    for (int64_t code = 1; code <= 4; code++) {
        assert_int_equal(store_digest_item(room->store, mails[0].digest_id, code, &item, NULL), 1);
        assert_int_equal(item, digest.lines[code - 1].item_id);
    }
    assert_int_equal(store_digest_item(room->store, mails[0].digest_id, 5, &item, NULL), 0);
}

static void what_is_new_comes_first_and_is_told_twice(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_EN);
    struct review review = review_of(room);
    struct store_outgoing *mails;
    struct hold_desk *desk;
    size_t count;
    hold_story(room, &member);
    assert_int_equal(digest_send(&review, &member, NULL), 0);
    assert_int_equal(store_outbox_list(room->store, NOW, room->arena, &mails, &count, NULL), 0);
    assert_int_equal(store_digest_accepted(room->store, mails[0].digest_id, NOW, NULL), 0);

    const struct held later = {"A",      "a@b.example", "c", "d", "",
                               "shield", "shield",      "",  "",  NOW + 5};
    assert_int_equal(hold_open(&room->settings, &room->keys, &desk, NULL), 0);
    hold(room, desk, &member, &later);
    hold_close(desk);
    struct digest digest = gather(room, &member, WISH_REVEAL_COUNT);
    assert_int_equal(digest.waiting_count, 5);
    assert_int_equal(digest.new_count, 1);
    assert_true(digest.lines[0].is_new);
    for (size_t i = 1; i < digest.line_count; i++)
        assert_false(digest.lines[i].is_new);
}

static const struct held confirmation = {"Tienda",
                                         "no-reply@tienda.example",
                                         "Confirma tu correo",
                                         "Hola",
                                         "tienda.example",
                                         "lane",
                                         "confirmations",
                                         "",
                                         "",
                                         NOW - 600};

static void hold_lane(struct room *room, const struct member *member, int count)
{
    struct hold_desk *desk;
    assert_int_equal(hold_open(&room->settings, &room->keys, &desk, NULL), 0);
    for (int i = 0; i < count; i++) {
        char from[64];
        struct held one = confirmation;
        snprintf(from, sizeof from, "no-reply@t%d.example", i);
        one.from = from;
        one.held_at += i;
        hold(room, desk, member, &one);
    }
    hold_close(desk);
}

static void a_lane_is_one_line_behind_the_others(void **state)
{
    static const char *const whys[][2] = {
        [SETTINGS_LANGUAGE_ES] = {"1 fila: 1 confirmaci\u00f3n", "1 fila: 3 confirmaciones"},
        [SETTINGS_LANGUAGE_PT] = {"1 fila: 1 confirma\u00e7\u00e3o",
                                  "1 fila: 3 confirma\u00e7\u00f5es"},
        [SETTINGS_LANGUAGE_EN] = {"1 lane: 1 confirmation", "1 lane: 3 confirmations"},
    };
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_ES);
    hold_lane(room, &member, 1);
    for (int language = SETTINGS_LANGUAGE_ES; language <= SETTINGS_LANGUAGE_EN; language++) {
        member.wishes.language = language;
        struct digest digest = gather(room, &member, WISH_REVEAL_TEXT);
        assert_int_equal(digest.line_count, 1);
        assert_string_equal(digest.lines[0].why, whys[language][0]);
    }
    hold_story(room, &member);
    hold_lane(room, &member, 3); /* the first of them is there and counts an arrival */
    for (int language = SETTINGS_LANGUAGE_ES; language <= SETTINGS_LANGUAGE_EN; language++) {
        BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES);
        member.wishes.language = language;
        struct digest digest = gather(room, &member, WISH_REVEAL_TEXT);
        const struct digest_line *last = &digest.lines[digest.line_count - 1];
        assert_int_equal(digest.waiting_count, 7);
        assert_int_equal(digest.line_count, 5);
        assert_int_equal(last->code, 5);
        assert_int_equal(last->lane_count, 3);
        assert_string_equal(last->why, whys[language][1]);
        for (size_t i = 0; i + 1 < digest.line_count; i++)
            assert_null(digest.lines[i].lane);
        digest_write_text(&digest, &text);
        assert_non_null(strstr(text.data, whys[language][1]));
        assert_null(strstr(text.data, "tienda")); /* nothing of each of them */
    }
}

static void the_code_of_a_lane_leads_to_all_of_it(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_EN);
    struct review review = review_of(room);
    struct store_outgoing *mails;
    size_t count, lane_count;
    int64_t code, *lane;
    hold_story(room, &member);
    hold_lane(room, &member, 4);
    assert_int_equal(digest_send(&review, &member, NULL), 0);
    assert_int_equal(store_outbox_list(room->store, NOW, room->arena, &mails, &count, NULL), 0);
    assert_int_equal(count, 1);
    assert_int_equal(store_digest_lane_code(room->store, mails[0].digest_id, &code, NULL), 1);
    assert_int_equal(code, 5);
    assert_int_equal(store_digest_lane(room->store, mails[0].digest_id, 5, room->arena, &lane,
                                       &lane_count, NULL),
                     0);
    assert_int_equal(lane_count, 4);
    assert_int_equal(store_digest_lane(room->store, mails[0].digest_id, 4, room->arena, &lane,
                                       &lane_count, NULL),
                     0);
    assert_int_equal(lane_count, 0);
}

static void a_mail_she_keeps_leaves_the_lane(void **state)
{
    struct room *room = *state;
    struct member member = make_member(room, SETTINGS_LANGUAGE_EN);
    hold_lane(room, &member, 3);
    struct digest digest = gather(room, &member, WISH_REVEAL_COUNT);
    assert_int_equal(digest.line_count, 1);
    assert_int_equal(store_item_pin(room->store, digest.lines[0].lane[1], true, NULL), 1);
    digest = gather(room, &member, WISH_REVEAL_COUNT);
    assert_int_equal(digest.line_count, 2);
    assert_true(digest.lines[0].is_pinned);
    assert_int_equal(digest.lines[1].lane_count, 2);
}

static void why_says_which_part_imitates(void **state)
{
    struct room *room = *state;
    static const char *const parts[] = {"name",     "server", "shown-address",
                                        "reply-to", "domain", "address"};
    for (int language = SETTINGS_LANGUAGE_ES; language <= SETTINGS_LANGUAGE_EN; language++) {
        const char *last = "";
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            struct item_reason reason = {.rule = slice_of("impersonates"),
                                         .category = slice_of("impersonation"),
                                         .where = slice_of(parts[i])};
            const struct found_item found = {.reasons = &reason, .reason_count = 1};
            const char *why = digest_why(language, &found, room->arena);
            const char *plain = digest_category(language, reason.category, room->arena);
            assert_string_not_equal(why, plain);
            assert_string_not_equal(why, last);
            reason.where = slice_of("something newer");
            assert_string_equal(digest_why(language, &found, room->arena), plain);
            last = why;
        }
    }
}

static void another_members_mail_is_not_in_it(void **state)
{
    struct room *room = *state;
    struct member ana = make_member(room, SETTINGS_LANGUAGE_EN), eva;
    hold_story(room, &ana);
    assert_int_equal(member_invite(room->store, &room->settings, slice_of("eva@casa.example"), 2,
                                   NOW, &eva, room->arena, NULL),
                     0);
    struct digest digest = gather(room, &eva, WISH_REVEAL_TEXT);
    assert_int_equal(digest.waiting_count, 0);
    assert_int_equal(digest.line_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_digest_in_spanish_reads_as_written),
        TEST(a_digest_in_portuguese_reads_as_written),
        TEST(a_digest_in_english_reads_as_written),
        TEST(at_count_no_word_of_a_mail_leaks),
        TEST(a_hostile_subject_stays_on_its_line),
        TEST(every_word_a_digest_offers_is_understood),
        TEST(codes_lead_to_the_items_that_stand_there),
        TEST(what_is_new_comes_first_and_is_told_twice),
        TEST(a_lane_is_one_line_behind_the_others),
        TEST(the_code_of_a_lane_leads_to_all_of_it),
        TEST(a_mail_she_keeps_leaves_the_lane),
        TEST(why_says_which_part_imitates),
        TEST(another_members_mail_is_not_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
