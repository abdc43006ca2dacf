/* Attacks of docs/lists.md: a stolen key, a replaced root, fast-forward, a root nobody vouches for.
 */
#include "tests/lists/signer.h"

#define KEY_A "RWTQj85++2NW3J/gQmWdkLzbJV6rbmZ5O70aSJ8ecaqyvRyBlEi5yWaC"
#define KEY_B "RWTcXU0dVuBrQWR0QPZrh53syftJiERNKhlnU/OAqN3DtbrHfIlC1CQu"
#define HEADERS "%zaguan-root 1\n%publisher kefir.example\n%seq 3\n%issued 2026-11-20T09:00:00Z\n"
#define THRESHOLDS "%threshold root 1\n%threshold list 1\n%threshold head 1\n"

static void a_root_is_read_and_written_the_same(void **state)
{
    (void)state;
    static const char text[] =
        HEADERS "%threshold root 2\n%threshold list 1\n%threshold head 1\n"
                "key " KEY_A " root list\nkey " KEY_B " root head\n"
                "revoked 0123456789ABCDEF\nrevoked 0123456789ABCDEF b7f3c0a9d2e14f60 since 41\n"
                "@end 4\n";
    struct root root;
    struct error err = {0};
    BUFFER_CLEANUP again = buffer_new(LIMIT_ROOT_BYTES);
    struct slice input = exact(slice_of(text));
    if (root_parse(input, "root.zr", &root, &err) != 0)
        fail_msg("%s", err.text);
    drop(input);
    assert_string_equal(root.publisher, "kefir.example");
    assert_int_equal(root.thresholds[ROOT_ROLE_ROOT], 2);
    assert_true(root.keys[1].has_role[ROOT_ROLE_HEAD]);
    assert_false(root.keys[1].has_role[ROOT_ROLE_LIST]);
    assert_int_equal(root_format(&root, &again, &err), 0);
    assert_string_equal(again.data, text);
}

static void a_wrong_root_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
    } rows[] = {
        {"", "first line"},
        {"%zaguan-root 2\n", "version"},
        {"%zaguan-head 1\n", "root.zr:1: the first line"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\n", "@end is missing"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\n@end 1", "cut off"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\n@end 2\n", "there are 1"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\n@end 1\nkey x\n", "behind @end"},
        {HEADERS THRESHOLDS "key " KEY_A " root list\n@end 1\n", "head asks for 1 keys and has 0"},
        {HEADERS "%threshold root 2\n%threshold list 1\n%threshold head 1\nkey " KEY_A
                 " root list head\n@end 1\n",
         "root asks for 2 keys and has 1"},
        {HEADERS "%threshold root 1\n%threshold list 1\nkey " KEY_A " root list head\n@end 1\n",
         "%threshold head is missing"},
        {HEADERS "%threshold root 0\n@end 0\n", "root.zr:5: a threshold"},
        {HEADERS THRESHOLDS "%threshold root 1\n@end 0\n", "twice"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\nkey " KEY_A " head\n@end 2\n", "twice"},
        {HEADERS THRESHOLDS "key " KEY_A " root root\n@end 1\n", "twice"},
        {HEADERS THRESHOLDS "key " KEY_A "\n@end 1\n", "at least one role"},
        {HEADERS THRESHOLDS "key " KEY_A " admin\n@end 1\n", "a role is"},
        {HEADERS THRESHOLDS "key RWS root\n@end 1\n", "not a minisign public key"},
        {HEADERS "%seq 4\n@end 0\n", "%seq stands here twice"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\n%issued x\n@end 1\n",
         "before the first"},
        {HEADERS THRESHOLDS "key " KEY_A " root list head\nrevoked DC5663FB7ECE8FD0\n@end 2\n",
         "a revoked key has a role"},
        {HEADERS THRESHOLDS "hello\n@end 1\n", "unknown"},
        {"%zaguan-root 1\n%publisher ../../etc\n", "a domain"},
        {"%zaguan-root 1\n%publisher K\xc3\xa9"
         "fir.example\n",
         "printable"},
        {"%zaguan-root 1\n%seq 99999999999999999999\n", "%seq is a number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct root root;
        struct error err = {0};
        struct slice input = exact(slice_of(rows[i].text));
        assert_int_equal(root_parse(input, "root.zr", &root, &err), -1);
        drop(input);
        assert_int_equal(err.kind, ERROR_INPUT);
        if (strstr(err.text, rows[i].complaint) == NULL)
            fail_msg("row %zu: %s", i, err.text);
    }
}

static void a_root_longer_than_its_limit_is_not_read(void **state)
{
    (void)state;
    struct root root;
    struct error err = {0};
    BUFFER_CLEANUP text = buffer_new(128 * KIB);
    while (text.size <= LIMIT_ROOT_BYTES)
        buffer_append_text(&text, "# endless\n");
    assert_int_equal(root_parse(buffer_slice(&text), "root.zr", &root, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static int accept(const struct root *trusted, const struct root *root,
                  const struct minisign_secret *signers, size_t count, struct root *root_out,
                  struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES),
                   signatures = buffer_new(LIMIT_MINISIG_BYTES);
    write_signed_root(root, signers, count, &text, &signatures);
    return root_accept(trusted, buffer_slice(&text), buffer_slice(&signatures), NOW, root_out, err);
}

static void the_first_root_is_signed_by_the_pinned_key(void **state)
{
    (void)state;
    struct minisign_secret keys[2] = {make_secret(), make_secret()};
    struct root pinned = make_root(0, keys, 1), root = make_root(7, keys, 1), trusted;
    struct error err = {0};
    assert_int_equal(accept(&pinned, &root, keys, 1, &trusted, &err), 0);
    assert_int_equal(trusted.sequence, 7);
    root = make_root(7, keys + 1, 1);
    assert_int_equal(accept(&pinned, &root, keys + 1, 1, &trusted, &err), -1);
    assert_non_null(strstr(err.text, "signed by 0 of the 1 keys"));
}

static void a_rotation_is_signed_by_old_and_new(void **state)
{
    (void)state;
    struct minisign_secret keys[2] = {make_secret(), make_secret()};
    struct root old = make_root(1, keys, 1), next = make_root(2, keys + 1, 1), trusted;
    struct error err = {0};
    assert_int_equal(accept(&old, &next, keys, 1, &trusted, &err), -1);     /* old alone */
    assert_int_equal(accept(&old, &next, keys + 1, 1, &trusted, &err), -1); /* new alone */
    assert_int_equal(accept(&old, &next, keys, 2, &trusted, &err), 0);
    assert_int_equal(trusted.sequence, 2);
    assert_true(root_has_rotated(&old, &trusted, ROOT_ROLE_LIST));
    assert_false(root_has_rotated(&old, &old, ROOT_ROLE_LIST));
}

static void who_was_away_follows_when_the_key_she_trusts_signed(void **state)
{
    (void)state;
    struct minisign_secret keys[3] = {make_secret(), make_secret(), make_secret()};
    struct minisign_secret last_two[2] = {keys[2], keys[1]};
    struct root old = make_root(1, keys, 1), third = make_root(3, keys + 2, 1), trusted;
    struct error err = {0};
    assert_int_equal(accept(&old, &third, last_two, 2, &trusted, &err), -1);
    assert_int_equal(accept(&old, &third, keys, 3, &trusted, &err), 0);
    assert_int_equal(trusted.sequence, 3);
}

static void two_of_three_keys_are_two_different_keys(void **state)
{
    (void)state;
    struct minisign_secret keys[3] = {make_secret(), make_secret(), make_secret()};
    struct minisign_secret twice[2] = {keys[0], keys[0]};
    struct root old = make_root(1, keys, 3), next = make_root(2, keys, 3), trusted;
    struct error err = {0};
    old.thresholds[ROOT_ROLE_ROOT] = next.thresholds[ROOT_ROLE_ROOT] = 2;
    assert_int_equal(accept(&old, &next, keys, 1, &trusted, &err), -1);
    assert_int_equal(accept(&old, &next, twice, 2, &trusted, &err), -1);
    assert_non_null(strstr(err.text, "signed by 1 of the 2 keys"));
    assert_int_equal(accept(&old, &next, keys + 1, 2, &trusted, &err), 0);
}

static void a_root_that_is_no_successor_is_refused(void **state)
{
    (void)state;
    struct minisign_secret key = make_secret();
    struct root old = make_root(5, &key, 1), trusted;
    static const struct {
        int64_t sequence, later;
        const char *publisher, *complaint;
    } rows[] = {
        {4, 0, "kefir.example", "older"},
        {6, 2 * DAY_SECONDS, "kefir.example", "in the future"},
        {6, 0, "otra.example", "of otra.example, not of kefir.example"},
        {5, 60, "kefir.example", "different things to different people"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct root root = make_root(rows[i].sequence, &key, 1);
        struct error err = {0};
        root.issued_at += rows[i].later;
        strcpy(root.publisher, rows[i].publisher);
        assert_int_equal(accept(&old, &root, &key, 1, &trusted, &err), -1);
        if (strstr(err.text, rows[i].complaint) == NULL)
            fail_msg("row %zu: %s", i, err.text);
    }
    struct root same = make_root(5, &key, 1);
    struct error err = {0};
    assert_int_equal(accept(&old, &same, &key, 1, &trusted, &err), 1);
}

static void a_key_signs_only_in_its_role(void **state)
{
    (void)state;
    struct minisign_secret keys[2] = {make_secret(), make_secret()};
    struct root root = make_root(1, keys, 2);
    struct error err = {0};
    BUFFER_CLEANUP signature = buffer_new(LIMIT_MINISIG_BYTES);
    root.keys[1].has_role[ROOT_ROLE_LIST] = root.keys[1].has_role[ROOT_ROLE_ROOT] = false;
    sign(&keys[1], SLICE_LITERAL("list"), "comment", &signature);
    assert_int_equal(root_verify(&root, ROOT_ROLE_HEAD, SLICE_LITERAL("list"),
                                 buffer_slice(&signature), "comment", "x", &err),
                     0);
    assert_int_equal(root_verify(&root, ROOT_ROLE_LIST, SLICE_LITERAL("list"),
                                 buffer_slice(&signature), "comment", "x", &err),
                     -1);
    assert_non_null(strstr(err.text, "in the role list"));
}

static void a_signature_for_another_file_is_refused(void **state)
{
    (void)state;
    struct minisign_secret key = make_secret();
    struct root root = make_root(1, &key, 1);
    struct error err = {0};
    BUFFER_CLEANUP signature = buffer_new(LIMIT_MINISIG_BYTES);
    sign(&key, SLICE_LITERAL("list"), "zaguan-list 1 b7f3c0a9d2e14f60 41 2026-11-20T09:00:00Z",
         &signature);
    assert_int_equal(
        root_verify(&root, ROOT_ROLE_LIST, SLICE_LITERAL("list"), buffer_slice(&signature),
                    "zaguan-list 1 b7f3c0a9d2e14f60 42 2026-11-20T09:00:00Z", "x", &err),
        -1);
    assert_non_null(strstr(err.text, "the signature is for"));
}

static void a_revoked_key_counts_up_to_its_number(void **state)
{
    (void)state;
    struct minisign_secret keys[3] = {make_secret(), make_secret(), make_secret()};
    struct root root = make_root(2, keys, 1);
    struct slice list = SLICE_LITERAL("b7f3c0a9d2e14f60"),
                 other = SLICE_LITERAL("0123456789abcdef");
    memcpy(root.revoked[0].id, keys[1].public.id, MINISIGN_ID_BYTES);
    strcpy(root.revoked[0].list_id, "b7f3c0a9d2e14f60");
    root.revoked[0].since = 41;
    memcpy(root.revoked[1].id, keys[2].public.id, MINISIGN_ID_BYTES);
    root.revoked_count = 2;
    assert_int_equal(root_counts_until(&root, keys[0].public.id, list), INT64_MAX);
    assert_int_equal(root_counts_until(&root, keys[1].public.id, list), 41);
    assert_int_equal(root_counts_until(&root, keys[1].public.id, other), INT64_MAX);
    assert_int_equal(root_counts_until(&root, keys[2].public.id, other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_root_is_read_and_written_the_same),
        cmocka_unit_test(a_wrong_root_is_refused_with_its_line),
        cmocka_unit_test(a_root_longer_than_its_limit_is_not_read),
        cmocka_unit_test(the_first_root_is_signed_by_the_pinned_key),
        cmocka_unit_test(a_rotation_is_signed_by_old_and_new),
        cmocka_unit_test(who_was_away_follows_when_the_key_she_trusts_signed),
        cmocka_unit_test(two_of_three_keys_are_two_different_keys),
        cmocka_unit_test(a_root_that_is_no_successor_is_refused),
        cmocka_unit_test(a_key_signs_only_in_its_role),
        cmocka_unit_test(a_signature_for_another_file_is_refused),
        cmocka_unit_test(a_revoked_key_counts_up_to_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
