#include "review/token.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include "policy/member.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)

static char folder[64], path[96];
static struct store *store;
static struct arena *arena;
static struct settings settings;
static struct member member;
static struct error err;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/zaguan-token-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/z.db", folder);
    settings_set_defaults(&settings);
    snprintf(settings.domain, sizeof settings.domain, "example.org");
    arena = arena_new(8 * MIB);
    if (store_open(path, &store, &err) != 0)
        return -1;
    return member_invite(store, &settings, slice_of("ana@example.org"), SETTINGS_LANGUAGE_ES, NOW,
                         &member, arena, &err);
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    store_close(store);
    arena_free(arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void make(char text[TOKEN_TEXT_BYTES])
{
    assert_int_equal(
        token_make(store, member.row.id, STORE_TOKEN_INVITATION, 0, NOW, NOW + 100, text, &err), 0);
}

static void a_token_finds_its_member_until_it_expires(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES];
    struct store_token found = {0};
    make(text);
    assert_int_equal(token_find(store, slice_of(text), NOW + 99, arena, &found, &err), 1);
    assert_int_equal(found.member_id, member.row.id);
    assert_int_equal(found.use, STORE_TOKEN_INVITATION);
    assert_int_equal(token_find(store, slice_of(text), NOW + 100, arena, &found, &err), 0);
}

static void letter_case_does_not_matter_and_every_letter_does(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES], other[TOKEN_TEXT_BYTES];
    struct store_token found;
    make(text);
    for (size_t i = 0; i < TOKEN_LETTERS; i++) {
        memcpy(other, text, sizeof other);
        other[i] = (char)(other[i] >= 'a' ? other[i] - 'a' + 'A' : other[i]);
        assert_int_equal(token_find(store, slice_of(other), NOW, arena, &found, &err), 1);
        other[i] = text[i] == 'q' ? 'r' : 'q';
        assert_int_equal(token_find(store, slice_of(other), NOW, arena, &found, &err), 0);
    }
}

static void what_is_no_token_finds_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "a",
                                        "' OR 1=1 --",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaa1",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct store_token found;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(token_find(store, slice_of(texts[i]), NOW, arena, &found, &err), 0);
}

static void two_tokens_differ_and_use_the_whole_alphabet(void **state)
{
    (void)state;
    char first[TOKEN_TEXT_BYTES], text[TOKEN_TEXT_BYTES];
    bool seen[256] = {false};
    int letters = 0;
    make(first);
    for (int i = 0; i < 60; i++) {
        make(text);
        assert_string_not_equal(first, text);
        assert_int_equal(strlen(text), TOKEN_LETTERS);
        for (size_t k = 0; k < TOKEN_LETTERS; k++) {
            letters += !seen[(unsigned char)text[k]];
            seen[(unsigned char)text[k]] = true;
        }
    }
    assert_int_equal(letters, 32);
}

static void the_database_does_not_hold_the_text(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES], wal[128];
    BUFFER_CLEANUP bytes = buffer_new(32 * MIB);
    make(text);
    snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(file_read(path, &bytes, &err), 0);
    assert_int_equal(file_read(wal, &bytes, &err), 0);
    assert_true(bytes.size > 4096);
    assert_int_equal(slice_find(buffer_slice(&bytes), slice_of(text)), bytes.size);
}

static void a_question_comes_back_with_its_token(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES];
    struct store_token found = {0};
    assert_int_equal(
        token_make_question(store, member.row.id, "forget", 0, NOW, NOW + 9, text, &err), 0);
    assert_int_equal(token_find(store, slice_of(text), NOW, arena, &found, &err), 1);
    assert_int_equal(found.use, STORE_TOKEN_CONFIRM);
    assert_true(slice_is(found.question, "forget"));
}

static void the_token_is_read_from_the_reply_address_alone(void **state)
{
    (void)state;
#define TOKEN "abcdefghijklmnopqrstuvwxyz"
    static const struct {
        const char *address;
        bool holds_one;
    } rows[] = {{"zaguan+" TOKEN "@example.org", true},
                {"<zaguan+" TOKEN "@example.org>", true},
                {"ZAGUAN+" TOKEN "@EXAMPLE.ORG", true},
                {"zaguan+" TOKEN, true},
                {"zaguan-" TOKEN "@example.org", false},
                {"zaguan+" TOKEN "a@example.org", false},
                {"zaguan+" TOKEN "+x@example.org", false},
                {"other+" TOKEN "@example.org", false},
                {"zaguan@example.org", false},
                {"zaguan+@example.org", false},
                {"", false},
                {"@", false},
                {"<", false},
                {"zaguan+abcdefghijklmnopqrstuvwxy1@example.org", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = strlen(rows[i].address);
        char *exact = malloc(size + (size == 0));
        memcpy(exact, rows[i].address, size);
        struct slice token = token_in_address(&settings, slice_new(exact, size));
        if (slice_is_nocase(token, TOKEN) != rows[i].holds_one)
            fail_msg("%s", rows[i].address);
        free(exact);
    }
    char address[TOKEN_ADDRESS_BYTES];
    snprintf(settings.recipient_delimiter, sizeof settings.recipient_delimiter, "-");
    token_write_address(&settings, TOKEN, address);
    assert_string_equal(address, "zaguan-" TOKEN "@example.org");
    assert_true(slice_is(token_in_address(&settings, slice_of(address)), TOKEN));
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_finds_its_member_until_it_expires),
        cmocka_unit_test(letter_case_does_not_matter_and_every_letter_does),
        cmocka_unit_test(what_is_no_token_finds_nothing),
        cmocka_unit_test(two_tokens_differ_and_use_the_whole_alphabet),
        cmocka_unit_test(the_database_does_not_hold_the_text),
        cmocka_unit_test(a_question_comes_back_with_its_token),
        cmocka_unit_test(the_token_is_read_from_the_reply_address_alone),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
