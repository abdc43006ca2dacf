/* What a block by reply teaches, and what takes it back: from the held bytes to the traits. */
#include "tests/review/scene.h"

#include "policy/contact.h"
#include "policy/likeness.h"
#include <sodium.h>

static struct scene s;

static const char threat[] =
    "I know very well where you live and at what hour you leave for work every morning. Nobody is "
    "going to believe you when you tell them, and the next time you speak on that radio you will "
    "see what happens to you and to your whole family. There is still time to be silent.";

static int open_scene(void **state)
{
    (void)state;
    scene_open(&s, STORE_MEMBER_ON, SETTINGS_LANGUAGE_EN, 1);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    scene_close(&s);
    return 0;
}

/* Held with these fields before the threat, and put into a digest of its own as number 1. */
static void hold_threat(const char *from, const char *fields, const char *rule, const char *trait)
{
    char bytes[4000];
    struct hold_desk *desk;
    struct item_reason reason = {.rule = slice_of(rule), .where = slice_of(trait)};
    snprintf(bytes, sizeof bytes, "From: Bad Person <%s>\r\n%s\r\n%s\r\n", from, fields, threat);
    struct item_sheet sheet = {.envelope_sender = slice_of(from),
                               .from_display = slice_of("Bad Person"),
                               .from_address = slice_of(from),
                               .signed_by = slice_of("bad.example")};
    struct hold_copy copy = {.member_id = s.member.row.id,
                             .recipient = slice_of("ana@example.org"),
                             .purpose = HOLD_FOR_MEMBER,
                             .reasons = &reason,
                             .reason_count = 1,
                             .category = slice_of(rule),
                             .expires_at = NOW + 30 * DAY};
    struct hold_request request = {.message = slice_of(bytes),
                                   .sheet = &sheet,
                                   .copies = &copy,
                                   .copy_count = 1,
                                   .now = NOW - DAY};
    MUST(hold_open(&s.settings, &s.keys, &desk, &s.err));
    MUST(hold_message(desk, &request, &s.err));
    hold_close(desk);
    struct store_item_filter filter = {.member_id = s.member.row.id};
    struct store_item *items;
    size_t count;
    MUST(store_item_list(s.store, &filter, s.arena, &items, &count, &s.err));
    for (size_t i = 0; i < count; i++)
        if (i == 0 || items[i].id > s.items[1])
            s.items[1] = items[i].id;
    make_digest(&s);
    make_token(&s, STORE_TOKEN_DIGEST, NOW + 30 * DAY);
}

/* "" : by nothing */
static const char *trait_of(const char *from, const char *name, const char *reply_to,
                            const char *signed_by, const char *text)
{
    struct text_piece piece = {.where = TEXT_BODY, .text = slice_of(text), .source = "text/plain"};
    const struct text_set texts = {&piece, 1, NULL, 0};
    const struct likeness_mail mail = {.from_address = slice_of(from),
                                       .from_name = slice_of(name),
                                       .reply_address = slice_of(reply_to),
                                       .signed_by = slice_of(signed_by),
                                       .texts = &texts};
    struct likeness *likeness;
    const char *trait;
    MUST(likeness_read(&mail, &s.keys, &likeness, &s.err));
    MUST(likeness_find(s.store, &s.keys, s.member.row.id, likeness, &trait, &s.err));
    likeness_free(likeness);
    return trait == NULL ? "" : trait;
}

static int64_t count_traits(void)
{
    int64_t count;
    MUST(store_likeness_count(s.store, s.member.row.id, &count, &s.err));
    return count;
}

static void a_block_teaches_every_trait_and_says_so(void **state)
{
    (void)state;
    hold_threat("bad.person@gmail.com",
                "Reply-To: <box@bad.example>\r\nTo: Ana <ana@example.org>\r\n", "shield", "");
    say(&s, "block 1");
    assert_true(receipts_hold(&s, "resembling"));
    assert_string_equal(trait_of("badperson+2@gmail.com", "", "", "", ""), "address");
    assert_string_equal(trait_of("x@y.example", "Person, Bad", "", "", ""), "name");
    assert_string_equal(trait_of("x@y.example", "", "box+1@bad.example", "", ""), "reply-to");
    assert_string_equal(trait_of("box@bad.example", "", "", "bad.example", ""), "domain");
    assert_string_equal(trait_of("x@y.example", "", "", "", threat), "text");
    assert_string_equal(trait_of("x@y.example", "Good Person", "", "y.example", "Hello"), "");
    say(&s, "block 1");
    assert_int_equal(count_traits(), 5); /* once */
}

static void letting_through_forgets_it(void **state)
{
    (void)state;
    hold_threat("bad@bad.example", "", "shield", "");
    say(&s, "block 1");
    assert_in_range(count_traits(), 3, 5);
    say(&s, "let through 1");
    assert_int_equal(count_traits(), 0);
}

static void where_she_wants_none_of_it_nothing_is_learnt(void **state)
{
    (void)state;
    hold_threat("bad@bad.example", "", "shield", "");
    say(&s, "set resembling off");
    say(&s, "block 1");
    assert_int_equal(count_traits(), 0);
    assert_false(receipts_hold(&s, "scrambled mark"));
}

static void of_a_mailing_list_only_address_and_name_are_learnt(void **state)
{
    (void)state;
    hold_threat("bad@bad.example",
                "List-Id: <talk.list.example>\r\nReply-To: talk@list.example\r\n", "shield", "");
    say(&s, "block 1");
    assert_string_equal(trait_of("x@y.example", "", "talk@list.example", "", threat), "");
    assert_string_equal(trait_of("x@y.example", "Bad Person", "", "", ""), "name");
    assert_int_equal(count_traits(), 2);
}

static void whom_she_writes_to_is_not_learnt_for_being_named(void **state)
{
    (void)state;
    MUST(contact_add(s.store, &s.keys, s.member.row.id, slice_of("friend@far.example"), NOW,
                     &s.err));
    hold_threat("bad@bad.example", "Reply-To: <Friend+x@far.example>\r\n", "shield", "");
    say(&s, "block 1");
    hold_threat("bad@bad.example", "Reply-To: <berta@example.org>\r\n", "shield", "");
    say(&s, "block 1");
    assert_string_equal(trait_of("x@y.example", "", "friend@far.example", "", ""), "");
    assert_string_equal(trait_of("x@y.example", "", "berta@example.org", "", ""), "");
    assert_string_equal(trait_of("friend@far.example", "", "", "bad.example", ""), "");
}

static void her_own_name_in_to_is_not_his(void **state)
{
    (void)state;
    hold_threat("bad@bad.example",
                "To: other@example.org, \"Person, Bad\" <Ana+tag@example.org>\r\n", "shield", "");
    say(&s, "block 1");
    assert_string_equal(trait_of("x@y.example", "Bad Person", "", "", ""), "");
    assert_string_equal(trait_of("x@y.example", "", "", "", threat), "text");
}

static void not_abuse_excuses_who_only_resembled(void **state)
{
    (void)state;
    hold_threat("bad@bad.example", "", "shield", "");
    say(&s, "block 1");
    hold_threat("good@good.example", "", "resembles", "text");
    assert_string_equal(trait_of("good@good.example", "", "", "", threat), "text");
    say(&s, "not abuse 1");
    assert_true(receipts_hold(&s, "this sender is somebody else"));
    assert_string_equal(trait_of("good@good.example", "", "", "", threat), "");
    assert_string_equal(trait_of("x@y.example", "", "", "", threat), "text");
}

static void released_before_it_is_excused_all_the_same(void **state)
{
    (void)state;
    hold_threat("bad@bad.example", "", "shield", "");
    say(&s, "block 1");
    hold_threat("good@good.example", "", "resembles", "text");
    say(&s, "release 1\nnot abuse 1");
    assert_string_equal(trait_of("good@good.example", "", "", "", threat), "");
}

static int is_excused(const char *sender)
{
    return likeness_is_excused(s.store, &s.keys, s.member.row.id, slice_of(sender), false, &s.err);
}

static void not_abuse_excuses_who_only_seemed_one_of_the_household(void **state)
{
    (void)state;
    hold_threat("good@good.example", "", "impersonates", "name");
    say(&s, "not abuse 1");
    assert_true(receipts_hold(&s, "this sender is who they say"));
    assert_int_equal(is_excused("good@good.example"), 1);
    assert_int_equal(is_excused("bad@good.example"), 0);
    hold_threat("ana@example.org", "", "impersonates", "address");
    say(&s, "not abuse 1");
    assert_int_equal(is_excused("ana@example.org"), 0); /* whoever writes it next is another */
}

static void not_abuse_of_a_list_excuses_nobody(void **state)
{
    (void)state;
    hold_threat("bad@bad.example", "", "shield", "");
    say(&s, "block 1");
    hold_threat("good@good.example", "", "list", "body");
    say(&s, "not abuse 1");
    assert_string_equal(trait_of("good@good.example", "", "", "", threat), "text");
}

static void every_language_has_a_word_for_the_setting(void **state)
{
    (void)state;
    static const char *const lines[] = {"set lookalikes hold", "ajuste parecidos retener",
                                        "ajuste semelhantes reter", "set resembling hold"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct member member;
        say(&s, "set resembling tag");
        say(&s, lines[i]);
        assert_int_equal(member_get(s.store, s.member.row.id, s.arena, &member, &s.err), 1);
        assert_int_equal(member.wishes.resembling, WISH_HOLD);
    }
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(a_block_teaches_every_trait_and_says_so),
        SCENE_TEST(letting_through_forgets_it),
        SCENE_TEST(where_she_wants_none_of_it_nothing_is_learnt),
        SCENE_TEST(of_a_mailing_list_only_address_and_name_are_learnt),
        SCENE_TEST(whom_she_writes_to_is_not_learnt_for_being_named),
        SCENE_TEST(her_own_name_in_to_is_not_his),
        SCENE_TEST(not_abuse_excuses_who_only_resembled),
        SCENE_TEST(released_before_it_is_excused_all_the_same),
        SCENE_TEST(not_abuse_excuses_who_only_seemed_one_of_the_household),
        SCENE_TEST(not_abuse_of_a_list_excuses_nobody),
        SCENE_TEST(every_language_has_a_word_for_the_setting),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
