/* The vectors were made by minisign 0.11 of Debian 12; tests/run-cases-minisign asks it live. */
#include "common/base/limits.h"
#include "lists/trust/minisign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC_KEY "RWTQj85++2NW3J/gQmWdkLzbJV6rbmZ5O70aSJ8ecaqyvRyBlEi5yWaC"
#define OTHER_KEY "RWTcXU0dVuBrQWR0QPZrh53syftJiERNKhlnU/OAqN3DtbrHfIlC1CQu"
#define COMMENT "zaguan-list 1 b7f3c0a9d2e14f60 1 2026-11-20T09:00:00Z"
#define UNTRUSTED_LINE "untrusted comment: signature from minisign secret key\n"
#define SIGNATURE_LINE                                                                             \
    "RUTQj85++2NW3HLQaMIM7n+pRO0owAhhqo7Xt6zUP7zAvl50R2WD0cZ9z7aVy7aihYE4rQyxdumEef0wXHTeCrYZN5ce" \
    "4MyPTQg=\n"
#define LEGACY_LINE                                                                                \
    "RWTQj85++2NW3Ez/d/bN/eoxdVF0gefgxeu3f33f1jzIAbT9TGjlIJSbsNe/hytOoJdf1S3Uzg7vm8KAIyf5Nwybn3xk" \
    "gTtrjQo=\n"
#define GLOBAL_LINE                                                                                \
    "Im/dy5zKamdlm8G1KmYOe+FMk1IMy92GAnTYy7/R0++xbw0ZkDqaT0zbCqjTW3MxWP/j+keGMn6t4aOWyke1AQ==\n"
#define SIGNATURE UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: " COMMENT "\n" GLOBAL_LINE
#define PLAIN_SECRET                                                                               \
    "untrusted comment: minisign encrypted secret key\n"                                           \
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0I/OfvtjVtwecgdup/5e" \
    "tBtzWwNo9NoAgmWvNQRbdlj78VozsttuaJ/gQmWdkLzbJV6rbmZ5O70aSJ8ecaqyvRyBlEi5yWaCAAAAAAAAAAAAAAAA" \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

/* A copy of the exact size, so that reading beyond it is seen. */
static struct slice exact(const char *text)
{
    size_t size = strlen(text);
    char *copy = test_malloc(size == 0 ? 1 : size);
    memcpy(copy, text, size);
    return slice_new(copy, size);
}

static void drop(struct slice s)
{
    void *pointer;
    memcpy(&pointer, &s.data, sizeof pointer);
    test_free(pointer);
}

static int read_first(const char *text, struct minisign_signature *signature, struct error *err)
{
    struct slice input = exact(text), rest = input;
    int answer = minisign_next_signature(&rest, "f.minisig", signature, err);
    drop(input);
    return answer;
}

static struct minisign_public key(const char *text)
{
    struct minisign_public public;
    struct error err = {0};
    struct slice input = exact(text);
    if (minisign_read_public(input, "key", &public, &err) != 0)
        fail_msg("%s", err.text);
    drop(input);
    return public;
}

static void a_signature_of_minisign_is_verified(void **state)
{
    (void)state;
    struct minisign_signature signature;
    struct minisign_public public = key(PUBLIC_KEY);
    struct error err = {0};
    assert_int_equal(read_first(SIGNATURE, &signature, &err), 1);
    assert_string_equal(signature.trusted_comment, COMMENT);
    assert_int_equal(minisign_verify(&public, SLICE_LITERAL("hola\n"), &signature, &err), 0);
}

static void what_was_changed_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *signature, *content, *key, *complaint;
    } rows[] = {
        {SIGNATURE, "hola\n\n", PUBLIC_KEY, "does not fit the file"},
        {SIGNATURE, "hola", PUBLIC_KEY, "does not fit the file"},
        {SIGNATURE, "", PUBLIC_KEY, "does not fit the file"},
        {SIGNATURE, "hola\n", OTHER_KEY, "DC5663FB7ECE8FD0, not with 416BE0561D4D5DDC"},
        {UNTRUSTED_LINE SIGNATURE_LINE
         "trusted comment: zaguan-list 1 b7f3c0a9d2e14f60 2 2026-11-20T09:00:00Z\n" GLOBAL_LINE,
         "hola\n", PUBLIC_KEY, "the trusted comment was changed"},
        {UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: \n" GLOBAL_LINE, "hola\n", PUBLIC_KEY,
         "the trusted comment was changed"},
        {UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: " COMMENT " \n" GLOBAL_LINE, "hola\n",
         PUBLIC_KEY, "the trusted comment was changed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct minisign_signature signature;
        struct minisign_public public = key(rows[i].key);
        struct error err = {0};
        assert_int_equal(read_first(rows[i].signature, &signature, &err), 1);
        struct slice content = exact(rows[i].content);
        assert_int_equal(minisign_verify(&public, content, &signature, &err), -1);
        drop(content);
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, rows[i].complaint));
    }
}

static void what_is_no_signature_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
    } rows[] = {
        {UNTRUSTED_LINE LEGACY_LINE "trusted comment: " COMMENT "\n" GLOBAL_LINE, "old form"},
        {"hola\n", "untrusted comment"},
        {UNTRUSTED_LINE, "not 74 bytes"},
        {UNTRUSTED_LINE "RUTQ\n", "not 74 bytes"},
        {UNTRUSTED_LINE SIGNATURE_LINE, "trusted comment"},
        {UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: x\n", "not 64 bytes"},
        {UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: x\nAAAA\n", "not 64 bytes"},
        {UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: x\ty\n" GLOBAL_LINE, "control character"},
        {UNTRUSTED_LINE SIGNATURE_LINE "comment: x\n" GLOBAL_LINE, "trusted comment"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct minisign_signature signature;
        struct error err = {0};
        assert_int_equal(read_first(rows[i].text, &signature, &err), -1);
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, rows[i].complaint));
    }
}

static void a_comment_longer_than_its_limit_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct minisign_signature signature;
    BUFFER_CLEANUP text = buffer_new(8 * KIB);
    buffer_append_text(&text, UNTRUSTED_LINE SIGNATURE_LINE "trusted comment: ");
    for (int i = 0; i < MINISIGN_COMMENT_BYTES; i++)
        buffer_append_byte(&text, 'x');
    buffer_append_text(&text, "\n" GLOBAL_LINE);
    assert_int_equal(read_first(text.data, &signature, &err), -1);
    assert_non_null(strstr(err.text, "longer"));
}

static void several_signatures_follow_each_other(void **state)
{
    (void)state;
    struct minisign_signature signature;
    struct error err = {0};
    struct slice rest = slice_of(SIGNATURE SIGNATURE "\n");
    assert_int_equal(minisign_next_signature(&rest, "f", &signature, &err), 1);
    assert_int_equal(minisign_next_signature(&rest, "f", &signature, &err), 1);
    assert_int_equal(minisign_next_signature(&rest, "f", &signature, &err), 0);
}

static void a_public_key_is_read_bare_and_as_a_file(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "RW",
                                        "untrusted comment: x",
                                        "untrusted comment: x\n",
                                        PUBLIC_KEY "A",
                                        "RUTQj85++2NW3J/gQmWdkLzbJV6rbmZ5O70aSJ8ecaqyvRyBlEi5yWaC",
                                        "RWTQj85++2NW3J/gQmWdkLzbJV6rbmZ5O70aSJ8ecaqyvRyBlEi5yWa"};
    struct minisign_public bare = key(PUBLIC_KEY),
                           file = key("untrusted comment: minisign public key\n" PUBLIC_KEY "\n");
    char text[MINISIGN_PUBLIC_TEXT_BYTES], id[MINISIGN_ID_TEXT_BYTES];
    unsigned char back[MINISIGN_ID_BYTES];
    assert_memory_equal(&bare, &file, sizeof bare);
    minisign_write_public(&bare, text);
    assert_string_equal(text, PUBLIC_KEY);
    minisign_write_id(bare.id, id);
    assert_string_equal(id, "DC5663FB7ECE8FD0");
    assert_true(minisign_read_id(slice_of(id), back));
    assert_memory_equal(back, bare.id, sizeof back);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = {0};
        struct slice input = exact(wrong[i]);
        assert_int_equal(minisign_read_public(input, "key", &bare, &err), -1);
        drop(input);
    }
}

static void a_secret_key_of_minisign_without_passphrase_signs(void **state)
{
    (void)state;
    struct minisign_secret secret;
    struct minisign_signature signature;
    struct error err = {0};
    struct slice none = {NULL, 0};
    BUFFER_CLEANUP text = buffer_new(4 * KIB), file = buffer_new(4 * KIB);
    assert_false(minisign_secret_is_encrypted(slice_of(PLAIN_SECRET)));
    assert_int_equal(minisign_read_secret(slice_of(PLAIN_SECRET), "k.key", none, &secret, &err), 0);
    struct minisign_public public = key(PUBLIC_KEY);
    assert_memory_equal(&secret.public, &public, sizeof public);
    assert_int_equal(minisign_sign(&secret, SLICE_LITERAL("hola\n"), COMMENT, &text, &err), 0);
    /* Ed25519 is deterministic: what we sign is what minisign signed. */
    assert_non_null(strstr(text.data, SIGNATURE_LINE));
    assert_non_null(strstr(text.data, GLOBAL_LINE));
    assert_int_equal(read_first(text.data, &signature, &err), 1);
    assert_int_equal(minisign_verify(&public, SLICE_LITERAL("hola\n"), &signature, &err), 0);
    assert_int_equal(minisign_format_secret(&secret, none, &file, &err), 0);
    assert_string_equal(strchr(file.data, '\n'), strchr(PLAIN_SECRET, '\n'));
    minisign_secret_wipe(&secret);
}

static void a_damaged_secret_key_is_refused(void **state)
{
    (void)state;
    struct minisign_secret secret;
    char text[sizeof PLAIN_SECRET] = PLAIN_SECRET;
    struct error err = {0};
    char *where = strstr(text, "/5etBtz");
    where[3] = 'u';
    assert_int_equal(
        minisign_read_secret(slice_of(text), "k.key", (struct slice){NULL, 0}, &secret, &err), -1);
    assert_non_null(strstr(err.text, "damaged"));
    text[strlen(text) - 20] = '\0';
    assert_int_equal(
        minisign_read_secret(slice_of(text), "k.key", (struct slice){NULL, 0}, &secret, &err), -1);
    assert_non_null(strstr(err.text, "not a secret key"));
}

static void a_passphrase_protects_a_secret_key(void **state)
{
    (void)state;
    struct minisign_secret secret, again;
    struct error err = {0};
    BUFFER_CLEANUP file = buffer_new(4 * KIB);
    assert_int_equal(minisign_make(&secret, &err), 0);
    assert_int_equal(minisign_format_secret(&secret, SLICE_LITERAL("abrir la puerta"), &file, &err),
                     0);
    assert_true(minisign_secret_is_encrypted(buffer_slice(&file)));
    assert_int_equal(minisign_read_secret(buffer_slice(&file), "k", SLICE_LITERAL("abrir la puert"),
                                          &again, &err),
                     -1);
    assert_non_null(strstr(err.text, "wrong passphrase"));
    assert_int_equal(minisign_read_secret(buffer_slice(&file), "k",
                                          SLICE_LITERAL("abrir la puerta"), &again, &err),
                     0);
    assert_memory_equal(&secret, &again, sizeof secret);
}

static void a_trusted_comment_is_one_line(void **state)
{
    (void)state;
    struct minisign_secret secret;
    struct error err = {0};
    BUFFER_CLEANUP text = buffer_new(4 * KIB);
    assert_int_equal(minisign_make(&secret, &err), 0);
    assert_int_equal(minisign_sign(&secret, SLICE_LITERAL("x"), "a\nb", &text, &err), -1);
    assert_int_equal(text.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_of_minisign_is_verified),
        cmocka_unit_test(what_was_changed_is_refused),
        cmocka_unit_test(what_is_no_signature_is_refused),
        cmocka_unit_test(a_comment_longer_than_its_limit_is_refused),
        cmocka_unit_test(several_signatures_follow_each_other),
        cmocka_unit_test(a_public_key_is_read_bare_and_as_a_file),
        cmocka_unit_test(a_secret_key_of_minisign_without_passphrase_signs),
        cmocka_unit_test(a_damaged_secret_key_is_refused),
        cmocka_unit_test(a_passphrase_protects_a_secret_key),
        cmocka_unit_test(a_trusted_comment_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
