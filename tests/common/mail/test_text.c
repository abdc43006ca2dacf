#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/mail/text.h"
#include "tests/common/mail/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void collect(struct slice message, struct arena *arena, struct text_set *set)
{
    assert_int_equal(text_collect(message, budget_of(60000), arena, set, NULL), 0);
}

static bool has_limit(const struct text_set *set, const char *words)
{
    for (size_t i = 0; i < set->limit_count; i++)
        if (strcmp(set->limits[i], words) == 0)
            return true;
    return false;
}

static size_t body_bytes(const struct text_set *set)
{
    size_t size = 0;
    for (size_t i = 0; i < set->count; i++)
        size += set->pieces[i].where == TEXT_BODY ? set->pieces[i].text.size : 0;
    return size;
}

static void append_repeated(struct buffer *b, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buffer_append_text(b, text), 0);
}

static void a_part_longer_than_its_limit_is_cut_and_said(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "\n", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n",
        "Content-Transfer-Encoding: quoted-printable\n\n",
        "Content-Type: text/plain; charset=utf-16le\n\n"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(64 * MIB);
        BUFFER_CLEANUP b = buffer_new(8 * MIB);
        append_repeated(&b, heads[i], 1);
        append_repeated(&b, "YWFhYWFhYWFhYWFhYWFh", 3 * MIB / 20);
        struct text_set set;
        collect(buffer_slice(&b), arena, &set);
        assert_true(has_limit(&set, "part 1: longer than is read, the rest was left out"));
        assert_true(body_bytes(&set) > LIMIT_TEXT_PART_BYTES / 2);
        assert_true(body_bytes(&set) <= LIMIT_TEXT_PART_BYTES);
    }
}

static void a_message_with_more_text_than_its_limit_is_cut_and_said(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    BUFFER_CLEANUP b = buffer_new(16 * MIB);
    append_repeated(&b, "Content-Type: multipart/mixed; boundary=b\n", 1);
    for (int part = 0; part < 6; part++) {
        append_repeated(&b, "\n--b\n\n", 1);
        append_repeated(&b, "0123456789abcdef", 60000);
    }
    struct text_set set;
    collect(buffer_slice(&b), arena, &set);
    assert_true(body_bytes(&set) <= LIMIT_TEXT_BYTES);
    assert_true(body_bytes(&set) > LIMIT_TEXT_BYTES - 16);
    assert_true(has_limit(&set, "part 7: more text than is read of one message"));
}

static void more_parts_than_the_limit_are_left_out_and_said(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    BUFFER_CLEANUP b = buffer_new(MIB);
    append_repeated(&b, "Content-Type: multipart/mixed; boundary=b\n\n", 1);
    append_repeated(&b, "--b\n\nx\n", LIMIT_MIME_PARTS + 10);
    struct text_set set;
    collect(buffer_slice(&b), arena, &set);
    assert_int_equal(set.count, LIMIT_MIME_PARTS - 1);
    assert_int_equal(set.limit_count, 1);
    assert_true(has_limit(&set, "more than 1000 parts"));
}

static void when_the_time_is_up_the_rest_is_left_out_and_said(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct text_set set;
    struct slice message = SLICE_LITERAL("Subject: a\n\nb");
    assert_int_equal(text_collect(message, budget_of(0), arena, &set, NULL), 0);
    assert_int_equal(set.count, 1); /* the subject */
    assert_true(has_limit(&set, "no time left to read all parts"));
}

/* Every prefix of a message is a message. */
static void a_message_may_end_anywhere(void **state)
{
    (void)state;
    static const char text[] =
        "From: \"=?utf-8?B?w6E=?=\" <a@b.example>\r\nSubject: =?utf-8?Q?x=C3=A1?=\r\n"
        "Content-Type: multipart/mixed; boundary=\"b\"; x*0*=utf-8'a'%41\r\n\r\n--b\r\n"
        "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<p style=3D\"color:red\">x=C3=A1 &aacute; <a href=3D\"y\">z</a><!-- c "
        "--></p>=\r\n\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nSubject: y\r\nContent-Transfer-Encoding: base64\r\n"
        "\r\nYWJj\r\n--b--\r\n";
    for (size_t size = 0; size < sizeof text; size++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice message = exact_copy(text, size);
        struct text_set set;
        collect(message, arena, &set);
        exact_free(message);
    }
}

static void without_room_collecting_is_an_error(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t room = 0; room < 60000; room += 500) {
        ARENA_CLEANUP *arena = arena_new(room);
        struct text_set set;
        struct error err = {ERROR_NONE, ""};
        struct slice message = SLICE_LITERAL("From: Ana <a@b.example>\nSubject: a\xe1 b\n"
                                             "Content-Type: text/html; name=x\n\n<p>x\xe1 y</p>");
        if (text_collect(message, budget_of(60000), arena, &set, &err) == 0) {
            assert_int_equal(set.count, 4);
            continue;
        }
        assert_int_equal(err.kind, ERROR_LIMIT);
        failed++;
    }
    assert_true(failed > 10 && failed < 100);
}

/* Each unit, repeated to a megabyte, is a way to quadratic time in a careless reader. */
static void hostile_messages_take_linear_time(void **state)
{
    (void)state;
    static const struct {
        const char *head, *unit;
    } rows[] = {
        {"", "Subject: =?u?q?a\n"},
        {"Subject: ", "=?u?q?a "},
        {"Subject: ", "=?"},
        {"From: ", "(("},
        {"From: ", "<a@b>,"},
        {"From: ", "\"a"},
        {"From: ", "a:"},
        {"Content-Type: text/plain", ";a=\"\\\""},
        {"Content-Type: text/plain", "; name*0*=utf-8''%41"},
        {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\n", "--bx\n"},
        {"Content-Type: multipart/mixed; boundary=-\n\n", "-"},
        {"Content-Type: multipart/mixed\n\n", "--aaaaaa\nContent-\n"},
        {"", "Content-Type: multipart/mixed; boundary=b\n\n--b\n"},
        {"Content-Type: message/rfc822\n\n", "Content-Type: message/rfc822\n\n"},
        {"Content-Type: text/calendar\n\n", "SUMMARY:a\n "},
        {"Content-Transfer-Encoding: base64\n\n", "="},
        {"Content-Transfer-Encoding: quoted-printable\n\n", "= \t"},
        {"", " \n"},
        {"", "From \n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(256 * MIB);
        BUFFER_CLEANUP b = buffer_new(2 * MIB);
        append_repeated(&b, rows[i].head, 1);
        append_repeated(&b, rows[i].unit, MIB / strlen(rows[i].unit));
        struct text_set set;
        struct budget budget = budget_of(5000); /* ASan; without it, milliseconds */
        collect(buffer_slice(&b), arena, &set);
        if (budget_is_used_up(&budget))
            fail_msg("\"%s\" takes too long", rows[i].unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_longer_than_its_limit_is_cut_and_said),
        cmocka_unit_test(a_message_with_more_text_than_its_limit_is_cut_and_said),
        cmocka_unit_test(more_parts_than_the_limit_are_left_out_and_said),
        cmocka_unit_test(when_the_time_is_up_the_rest_is_left_out_and_said),
        cmocka_unit_test(a_message_may_end_anywhere),
        cmocka_unit_test(without_room_collecting_is_an_error),
        cmocka_unit_test(hostile_messages_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
