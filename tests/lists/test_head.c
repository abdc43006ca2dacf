/* Attacks of docs/lists.md: replay, freezing, files mixed, equivocation, lies about time. */
#include "lists/trust/floor.h"
#include "tests/lists/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HASH "322c3c69078c84f604e2adf2f74ced64a20eb72c54404996e88f8ecbfa797ee0"
#define HEADERS                                                                                    \
    "%zaguan-head 1\n%publisher kefir.example\n%seq 17\n%issued 2026-11-20T09:00:00Z\n"            \
    "%fresh-until 2026-12-20T09:00:00Z\n%root 2\n"
#define LIST "list b7f3c0a9d2e14f60 amenazas 42 10234 " HASH "\n"

static void a_head_is_read_and_written_the_same(void **state)
{
    (void)state;
    static const char text[] = HEADERS LIST "delta b7f3c0a9d2e14f60 41 120 " HASH "\n"
                                            "saw vedetas.example 0123456789abcdef 7 " HASH "\n"
                                            "@end 3\n";
    struct head *head;
    struct error err = {0};
    char file[HEAD_FILE_BYTES];
    ARENA_CLEANUP *arena = arena_new(MIB);
    BUFFER_CLEANUP again = buffer_new(LIMIT_HEAD_BYTES);
    struct slice input = exact(slice_of(text));
    if (head_parse(input, "head.zh", arena, &head, &err) != 0)
        fail_msg("%s", err.text);
    drop(input);
    assert_int_equal(head_format(head, &again, &err), 0);
    assert_string_equal(again.data, text);
    const struct head_list *list = head_find(head, SLICE_LITERAL("b7f3c0a9d2e14f60"));
    assert_non_null(list);
    assert_null(head_find(head, SLICE_LITERAL("b7f3c0a9d2e14f61")));
    head_write_list_file(list, file);
    assert_string_equal(file, "lists/amenazas.42.zl");
    assert_non_null(head_find_delta(head, list->list_id, 41));
    head_write_delta_file(list, 41, file);
    assert_string_equal(file, "lists/amenazas.41-42.rcs");
}

static void a_wrong_head_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
    } rows[] = {
        {"", "first line"},
        {HEADERS LIST, "@end is missing"},
        {HEADERS LIST "@end 1", "cut off"},
        {HEADERS LIST "@end 0\n", "there are 1"},
        {HEADERS LIST LIST "@end 2\n", "twice"},
        {HEADERS "list b7f3c0a9d2e14f60 ../../x 42 10234 " HASH "\n@end 1\n", "name"},
        {HEADERS "list b7f3c0a9d2e14f60 .x 42 10234 " HASH "\n@end 1\n", "name"},
        {HEADERS "list b7f3c0a9 a/b 42 10234 " HASH "\n@end 1\n", "name"},
        {HEADERS "list B7F3C0A9 a 42 10234 " HASH "\n@end 1\n", "list-id"},
        {HEADERS "list b7f3c0a9 a 0 10234 " HASH "\n@end 1\n", "seq"},
        {HEADERS "list b7f3c0a9 a -1 10234 " HASH "\n@end 1\n", "seq"},
        {HEADERS "list b7f3c0a9 a 1 0 " HASH "\n@end 1\n", "size"},
        {HEADERS "list b7f3c0a9 a 1 5 abcd\n@end 1\n", "64 hex digits"},
        {HEADERS "list b7f3c0a9 a 1 5 " HASH " more\n@end 1\n", "too much"},
        {HEADERS "delta b7f3c0a9d2e14f60 41 120 " HASH "\n@end 1\n", "stands above"},
        {HEADERS LIST "delta b7f3c0a9d2e14f60 42 120 " HASH "\n@end 2\n", "stands above"},
        {HEADERS "saw ../x 0123456789abcdef 7 " HASH "\n@end 1\n", "domain"},
        {HEADERS "%root 3\n@end 0\n", "twice"},
        {"%zaguan-head 1\n%publisher kefir.example\n@end 0\n", "%seq is missing"},
        {"%zaguan-head 1\n%publisher kefir.example\n%seq 1\n%issued 2026-11-20T09:00:00Z\n"
         "%fresh-until 2027-11-20T09:00:00Z\n%root 1\n@end 0\n",
         "%fresh-until is 1 to 190 days"},
        {"%zaguan-head 1\n%publisher kefir.example\n%seq 1\n%issued 2026-11-20T09:00:00Z\n"
         "%fresh-until 2026-11-20T09:00:00Z\n%root 1\n@end 0\n",
         "%fresh-until is 1 to 190 days"},
        {"%zaguan-head 1\n%issued 2026-02-31T09:00:00Z\n", "a time"},
        {"%zaguan-head 1\n%seq 1\t\n", "printable"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct head *head;
        struct error err = {0};
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct slice input = exact(slice_of(rows[i].text));
        assert_int_equal(head_parse(input, "head.zh", arena, &head, &err), -1);
        drop(input);
        assert_int_equal(err.kind, ERROR_INPUT);
        if (strstr(err.text, rows[i].complaint) == NULL)
            fail_msg("row %zu: %s", i, err.text);
    }
}

static void a_head_longer_than_its_limit_is_not_read(void **state)
{
    (void)state;
    struct head *head;
    struct error err = {0};
    ARENA_CLEANUP *arena = arena_new(MIB);
    BUFFER_CLEANUP text = buffer_new(128 * KIB);
    buffer_append_text(&text, HEADERS);
    while (text.size <= LIMIT_HEAD_BYTES)
        buffer_append_text(&text, "# endless\n");
    assert_int_equal(head_parse(buffer_slice(&text), "head.zh", arena, &head, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

struct head_case {
    const char *text, *comment;
    int64_t now;
    bool is_other_key;
    const char *complaint; /* NULL: accepted */
};

static void check_accept(const struct head_case *row)
{
    struct minisign_secret key = make_secret(), other = make_secret();
    struct root root = make_root(2, &key, 1);
    struct head *head;
    struct error err = {0};
    ARENA_CLEANUP *arena = arena_new(MIB);
    BUFFER_CLEANUP signature = buffer_new(LIMIT_MINISIG_BYTES);
    sign(row->is_other_key ? &other : &key, slice_of(row->text), row->comment, &signature);
    int answer = head_accept(&root, slice_of(row->text), buffer_slice(&signature), row->now, arena,
                             &head, &err);
    assert_int_equal(answer, row->complaint == NULL ? 0 : -1);
    if (row->complaint != NULL && strstr(err.text, row->complaint) == NULL)
        fail_msg("%s", err.text);
}

static void a_head_is_accepted_from_its_key_for_its_number(void **state)
{
    (void)state;
#define COMMENT "zaguan-head 1 kefir.example 17 2026-11-20T09:00:00Z"
    static const char text[] = HEADERS LIST "@end 1\n";
    static const char of_another[] =
        "%zaguan-head 1\n%publisher otra.example\n%seq 17\n%issued 2026-11-20T09:00:00Z\n"
        "%fresh-until 2026-12-20T09:00:00Z\n%root 2\n@end 0\n";
    static const struct head_case rows[] = {
        {text, COMMENT, NOW, false, NULL},
        {text, COMMENT, NOW, true, "signed by 0 of the 1 keys"},
        {text, "zaguan-head 1 kefir.example 16 2026-11-20T09:00:00Z", NOW, false,
         "the signature is for"},
        {text, "zaguan-list 1 b7f3c0a9d2e14f60 17 2026-11-20T09:00:00Z", NOW, false,
         "the signature is for"},
        {text, COMMENT, NOW - 20 * DAY_SECONDS, false, "in the future"},
        {of_another, "zaguan-head 1 otra.example 17 2026-11-20T09:00:00Z", NOW, false,
         "of otra.example, not of kefir.example"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_accept(&rows[i]);
}

static void a_silent_partner_fades_and_is_never_switched_off(void **state)
{
    (void)state;
    int64_t until = head_built_at() + 100 * DAY_SECONDS;
    const struct {
        int64_t now;
        enum list_action reach;
        bool is_clock_wrong;
    } rows[] = {
        {until - DAY_SECONDS, LIST_ACTION_HOLD, false},
        {until + 14 * DAY_SECONDS, LIST_ACTION_HOLD, false},
        {until + 14 * DAY_SECONDS + 1, LIST_ACTION_TAG, false},
        {until + 60 * DAY_SECONDS, LIST_ACTION_TAG, false},
        {until + 60 * DAY_SECONDS + 1, LIST_ACTION_OBSERVE, false},
        {until + 9000 * DAY_SECONDS, LIST_ACTION_OBSERVE, false},
        {0, LIST_ACTION_HOLD, true},
        {head_built_at() - 2 * DAY_SECONDS, LIST_ACTION_HOLD, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_clock_wrong;
        assert_int_equal(head_freshness(until, rows[i].now, &is_clock_wrong), rows[i].reach);
        assert_int_equal(is_clock_wrong, rows[i].is_clock_wrong);
    }
}

static void floors_refuse_what_is_older_and_what_is_different(void **state)
{
    (void)state;
    struct floors floors = {.count = 0};
    struct error err = {0};
    unsigned char hash[RECORD_HASH_BYTES] = {1}, other[RECORD_HASH_BYTES] = {2};
    struct slice name = SLICE_LITERAL("b7f3c0a9d2e14f60");
    assert_int_equal(floors_ask(&floors, name, 1, hash), FLOOR_NEWER);
    assert_int_equal(floors_raise(&floors, name, 42, hash, &err), 0);
    assert_int_equal(floors_ask(&floors, name, 43, other), FLOOR_NEWER);
    assert_int_equal(floors_ask(&floors, name, 42, hash), FLOOR_SAME);
    assert_int_equal(floors_check(&floors, name, 41, hash, &err), -1);
    assert_non_null(strstr(err.text, "replayed"));
    assert_int_equal(floors_check(&floors, name, 42, other, &err), -1);
    assert_non_null(strstr(err.text, "equivocation"));
    assert_int_equal(floors_raise(&floors, name, 7, other, &err), 0); /* never lowers */
    assert_int_equal(floors_find(&floors, name)->sequence, 42);
}

static void a_rotated_list_key_lets_numbers_begin_anew(void **state)
{
    (void)state;
    struct floors floors = {.count = 0};
    struct error err = {0};
    unsigned char hash[RECORD_HASH_BYTES] = {1};
    struct slice name = SLICE_LITERAL("b7f3c0a9d2e14f60");
    assert_int_equal(floors_raise(&floors, name, RECORD_SEQUENCE_MOST, hash, &err), 0);
    assert_int_equal(floors_raise(&floors, SLICE_LITERAL("head"), 9, hash, &err), 0);
    assert_int_equal(floors_raise(&floors, SLICE_LITERAL("root"), 2, hash, &err), 0);
    floors_forget_lists(&floors);
    assert_int_equal(floors_ask(&floors, name, 43, hash), FLOOR_NEWER);
    assert_int_equal(floors_ask(&floors, SLICE_LITERAL("head"), 8, hash), FLOOR_OLDER);
    floors_forget_head(&floors);
    assert_int_equal(floors_ask(&floors, SLICE_LITERAL("head"), 8, hash), FLOOR_NEWER);
    assert_int_equal(floors_ask(&floors, SLICE_LITERAL("root"), 1, hash), FLOOR_OLDER);
}

static void floors_stay_on_disk_and_are_not_lost_when_damaged(void **state)
{
    (void)state;
    struct floors floors = {.count = 0}, again;
    struct error err = {0};
    unsigned char hash[RECORD_HASH_BYTES] = {1};
    char folder[] = "/tmp/zaguan-floors-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/floors", folder);
    assert_int_equal(floors_read(folder, &again, &err), 0);
    assert_int_equal(again.count, 0);
    assert_int_equal(floors_raise(&floors, SLICE_LITERAL("b7f3c0a9"), 42, hash, &err), 0);
    assert_int_equal(floors_write(folder, &floors, &err), 0);
    assert_int_equal(floors_read(folder, &again, &err), 0);
    assert_int_equal(floors_ask(&again, SLICE_LITERAL("b7f3c0a9"), 42, hash), FLOOR_SAME);
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(floors_read(folder, &again, &err), -1);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_and_written_the_same),
        cmocka_unit_test(a_wrong_head_is_refused_with_its_line),
        cmocka_unit_test(a_head_longer_than_its_limit_is_not_read),
        cmocka_unit_test(a_head_is_accepted_from_its_key_for_its_number),
        cmocka_unit_test(a_silent_partner_fades_and_is_never_switched_off),
        cmocka_unit_test(floors_refuse_what_is_older_and_what_is_different),
        cmocka_unit_test(a_rotated_list_key_lets_numbers_begin_anew),
        cmocka_unit_test(floors_stay_on_disk_and_are_not_lost_when_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
