/*
 * scene: what the tests of answers play in: a private folder with keys and a real SQLite file, a
 * member with real sealed items, a digest that numbers them, and a token. Included by test
 * programs.
 */
#ifndef ZAGUAN_TESTS_REVIEW_SCENE_H
#define ZAGUAN_TESTS_REVIEW_SCENE_H

#include "review/answer.h"

#include "common/base/limits.h"
#include "common/mail/text.h"
#include "common/store/store_item.h"
#include "common/store/store_mail.h"
#include "policy/member.h"
#include "quarantine/hold.h"
#include "review/token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)
#define DAY 86400
#define MOST_ITEMS 12

struct scene {
    char folder[64];
    struct settings settings;
    struct keys keys;
    struct store *store;
    struct arena *arena;
    struct member member;
    int64_t other_id; /* another member, with items of her own */
    int64_t digest_id;
    int64_t items[MOST_ITEMS + 1]; /* by code */
    int item_count;
    char token[TOKEN_TEXT_BYTES];
    char sender[128]; /* envelope sender of the reply */
    bool is_twice;
    struct answer_result result;
    struct error err;
};

#define MUST(call) assert_int_equal((call), 0)

__attribute__((unused)) static int64_t hold(struct scene *s, int64_t member_id, int number,
                                            bool is_proven)
{
    char bytes[400], from[64], subject[64], display[64];
    struct hold_desk *desk;
    struct item_reason reason = {.rule = slice_of("list"),
                                 .category = slice_of("threat"),
                                 .severity = 4,
                                 .list = slice_of("kefir"),
                                 .entry = slice_of("0123abcd"),
                                 .where = slice_of("body")};
    snprintf(from, sizeof from, "stranger%d@example.net", number);
    snprintf(subject, sizeof subject, "secret subject %d", number);
    snprintf(display, sizeof display, "Stranger Name %d", number);
    snprintf(bytes, sizeof bytes,
             "From: %s <%s>\r\nSubject: %s\r\n\r\nsecret text %d\r\nrelease all\r\n", display, from,
             subject, number);
    struct item_sheet sheet = {.envelope_sender = slice_of(from),
                               .from_display = slice_of(display),
                               .from_address = slice_of(from),
                               .subject = slice_of(subject),
                               .proven_domain = slice_of(is_proven ? "example.net" : "")};
    struct hold_copy copy = {.member_id = member_id,
                             .recipient = slice_of("ana@example.org"),
                             .purpose = HOLD_FOR_MEMBER,
                             .reasons = &reason,
                             .reason_count = 1,
                             .category = slice_of("threat"),
                             .severity = 4,
                             .expires_at = NOW + 30 * DAY};
    struct hold_request request = {.message = slice_of(bytes),
                                   .sheet = &sheet,
                                   .copies = &copy,
                                   .copy_count = 1,
                                   .now = NOW - DAY};
    MUST(hold_open(&s->settings, &s->keys, &desk, &s->err));
    MUST(hold_message(desk, &request, &s->err));
    hold_close(desk);
    struct store_item_filter filter = {.member_id = member_id};
    struct store_item *items;
    size_t count;
    MUST(store_item_list(s->store, &filter, s->arena, &items, &count, &s->err));
    int64_t newest = 0;
    for (size_t i = 0; i < count; i++)
        newest = items[i].id > newest ? items[i].id : newest;
    return newest;
}

__attribute__((unused)) static int64_t add_member(struct scene *s, const char *address,
                                                  enum store_member_state state, int language,
                                                  struct member *member)
{
    MUST(member_invite(s->store, &s->settings, slice_of(address), language, NOW - 9 * DAY, member,
                       s->arena, &s->err));
    if (state != STORE_MEMBER_INVITED)
        MUST(member_consent(s->store, member, slice_of("by reply"), NOW - 8 * DAY, &s->err));
    if (state == STORE_MEMBER_OFF)
        MUST(member_stop(s->store, member, NOW - DAY, &s->err));
    return member->row.id;
}

__attribute__((unused)) static void make_digest(struct scene *s)
{
    MUST(store_digest_put(s->store, s->member.row.id, NOW - 3600, s->items + 1,
                          (size_t)s->item_count, &s->digest_id, &s->err));
}

__attribute__((unused)) static void make_token(struct scene *s, enum store_token_use use,
                                               int64_t expires_at)
{
    MUST(token_make(s->store, s->member.row.id, use,
                    use == STORE_TOKEN_INVITATION ? 0 : s->digest_id, NOW - 3600, expires_at,
                    s->token, &s->err));
}

__attribute__((unused)) static void scene_open(struct scene *s, enum store_member_state state,
                                               int language, int item_count)
{
    struct member other;
    memset(s, 0, sizeof *s);
    snprintf(s->folder, sizeof s->folder, "/tmp/zaguan-answer-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    settings_set_defaults(&s->settings);
    snprintf(s->settings.domain, sizeof s->settings.domain, "example.org");
    snprintf(s->settings.database, sizeof s->settings.database, "%s/z.db", s->folder);
    snprintf(s->settings.key_folder, sizeof s->settings.key_folder, "%s/keys", s->folder);
    s->arena = arena_new(64 * MIB);
    assert_non_null(s->arena);
    MUST(keys_make(&s->settings, &s->err));
    MUST(keys_read(&s->settings, KEYS_SECRET, &s->keys, &s->err));
    MUST(store_open(s->settings.database, &s->store, &s->err));
    add_member(s, "ana@example.org", state, language, &s->member);
    s->other_id = add_member(s, "berta@example.org", STORE_MEMBER_ON, language, &other);
    snprintf(s->sender, sizeof s->sender, "ana@example.org");
    s->item_count = item_count;
    for (int code = 1; code <= item_count; code++)
        s->items[code] = hold(s, s->member.row.id, code, true);
    make_digest(s);
    make_token(s, STORE_TOKEN_DIGEST, NOW + 30 * DAY);
}

__attribute__((unused)) static void scene_close(struct scene *s)
{
    char command[128];
    store_close(s->store);
    arena_free(s->arena);
    snprintf(command, sizeof command, "rm -rf %s", s->folder);
    assert_int_equal(system(command), 0);
}

__attribute__((unused)) static void answer_to(struct scene *s, const char *recipient,
                                              struct slice mail)
{
    /* exact size: whoever reads beyond the end is seen */
    char *copy = malloc(mail.size == 0 ? 1 : mail.size);
    assert_non_null(copy);
    memcpy(copy, mail.data, mail.size);
    struct answer_envelope envelope = {slice_of(recipient), slice_of(s->sender)};
    int failed = answer_mail(s->store, &s->keys, &s->settings, slice_new(copy, mail.size),
                             &envelope, NOW, &s->result, &s->err);
    free(copy);
    if (failed != 0)
        print_error("%s\n", s->err.text);
    assert_int_equal(failed, 0);
}

__attribute__((unused)) static void answer(struct scene *s, struct slice mail)
{
    char recipient[TOKEN_ADDRESS_BYTES];
    token_write_address(&s->settings, s->token, recipient);
    answer_to(s, recipient, mail);
}

/* A reply with these lines; each has a Message-ID of its own. */
__attribute__((unused)) static void say(struct scene *s, const char *lines)
{
    static _Atomic int number = 0;
    char mail[4000];
    snprintf(mail, sizeof mail,
             "From: ana@example.org\nMessage-ID: <%d@phone.example>\nSubject: Re: x\n\n%s\n",
             ++number, lines);
    answer(s, slice_of(mail));
}

__attribute__((unused)) static enum store_item_state state_of(struct scene *s, int64_t item_id)
{
    struct store_item item;
    assert_int_equal(store_item_get(s->store, item_id, s->arena, &item, &s->err), 1);
    return item.state;
}

__attribute__((unused)) static bool is_pinned(struct scene *s, int code)
{
    struct store_item item;
    assert_int_equal(store_item_get(s->store, s->items[code], s->arena, &item, &s->err), 1);
    return item.is_pinned;
}

/* All waiting mails of ours: header and decoded text, one after the other. */
__attribute__((unused)) static int read_receipts(struct scene *s, struct buffer *into)
{
    struct store_outgoing *mails;
    size_t count;
    MUST(store_outbox_list(s->store, NOW + DAY, s->arena, &mails, &count, &s->err));
    for (size_t i = 0; i < count; i++) {
        struct slice sealed;
        struct text_set set;
        BUFFER_CLEANUP plain = buffer_new(8 * MIB);
        assert_int_equal(store_outbox_read(s->store, mails[i].id, s->arena, &sealed, &s->err), 1);
        MUST(keys_open(&s->keys, sealed, &plain, &s->err));
        size_t end = strlen(plain.data); /* the recipient */
        assert_true(slice_starts_with(buffer_slice(&plain), "ana@example.org"));
        struct slice mail = arena_copy(s->arena, slice_from(buffer_slice(&plain), end + 1));
        struct slice head = slice_part(mail, 0, slice_find(mail, slice_of("\r\n\r\n")));
        buffer_append(into, head);
        buffer_append_text(into, "\n\n");
        MUST(text_collect(mail, budget_of(5000), s->arena, &set, &s->err));
        for (size_t k = 0; k < set.count; k++)
            if (set.pieces[k].where == TEXT_BODY)
                buffer_append(into, set.pieces[k].text);
    }
    return (int)count;
}

__attribute__((unused)) static bool receipts_hold(struct scene *s, const char *text)
{
    BUFFER_CLEANUP all = buffer_new(16 * MIB);
    read_receipts(s, &all);
    return slice_find(buffer_slice(&all), slice_of(text)) < all.size;
}

__attribute__((unused)) static int count_receipts(struct scene *s)
{
    BUFFER_CLEANUP all = buffer_new(16 * MIB);
    return read_receipts(s, &all);
}

/* The next answer goes to the reply address of the newest receipt. */
__attribute__((unused)) static void follow_receipt(struct scene *s)
{
    BUFFER_CLEANUP all = buffer_new(16 * MIB);
    read_receipts(s, &all);
    struct slice rest = buffer_slice(&all), wanted = slice_of("\r\nReply-To:");
    size_t at, last = all.size;
    for (size_t from = 0; (at = slice_find(slice_from(rest, from), wanted)) < rest.size - from;
         from += at + 1)
        last = from + at;
    assert_true(last < all.size);
    struct slice line = slice_from(rest, last);
    struct slice plus = slice_from(line, slice_find_byte(line, '+') + 1);
    assert_true(slice_to_text(slice_part(plus, 0, TOKEN_LETTERS), s->token, sizeof s->token));
}

#endif
