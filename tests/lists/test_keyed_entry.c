#include "common/base/limits.h"
#include "common/mail/fold.h"
#include "lists/format/parse.h"
#include "lists/publish/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct group_key counting_key(void)
{
    struct group_key key = {.name = "k3"};
    for (size_t i = 0; i < sizeof key.key; i++)
        key.key[i] = (unsigned char)i;
    return key;
}

/* Made with Python: blake2b(b"zaguan1" + type + value, key=bytes(range(32)), digest_size=24). */
static void digests_are_those_of_the_format(void **state)
{
    (void)state;
    static const struct {
        const char *type, *value, *normal, *digest;
    } rows[] = {
        {"addr", "Ana.Perez+lista@Malo.example", "ana.perez@malo.example",
         "uiUSPdjUfnfUvD9-F02gYruj4fFkT901"},
        {"phone", "+57 (300) 123-4567", "573001234567", "cMMo1soEK07V8GSKx6yr45RdLtpjbtu-"},
        {"kphrase",
         "Calle de las  FLORES, n\xc3\xba"
         "mero 12",
         "calle de las flores numero 12", "ueio5--iJm7Ql3XE8EH9z_TfPQZSOKXU"},
        {"wallet", " bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq ",
         "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "OZ94cJMNm4a-qFcmk90A5oUqheLj0MLc"},
    };
    struct group_key key = counting_key();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice normal, name;
        unsigned char digest[KEYED_DIGEST_BYTES], again[KEYED_DIGEST_BYTES];
        size_t words;
        struct error err = {0};
        char expected[64];
        ARENA_CLEANUP *arena = arena_new(MIB);
        if (keyed_entry_normalise(slice_of(rows[i].type), slice_of(rows[i].value), arena, &normal,
                                  &words, &err) != 0)
            fail_msg("%s", err.text);
        assert_true(slice_is(normal, rows[i].normal));
        assert_int_equal(words, strcmp(rows[i].type, "kphrase") == 0 ? 6 : 0);
        keyed_entry_digest(&key, slice_of(rows[i].type), normal, digest);
        struct slice text = keyed_entry_write(&key, digest, arena);
        snprintf(expected, sizeof expected, "#k3:%s", rows[i].digest);
        if (!slice_is(text, expected))
            fail_msg("row %zu: " SLICE_FORMAT, i, SLICE_ARGUMENTS(text));
        assert_true(keyed_entry_read(text, &name, again));
        assert_true(slice_is(name, "k3"));
        assert_memory_equal(digest, again, sizeof digest);
    }
}

static void what_is_no_such_value_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"addr", "ana"},
        {"addr", "@malo.example"},
        {"addr", "+x@malo.example"},
        {"phone", "123"},
        {"phone", "12345678x"},
        {"phone", "1234567890123456"},
        {"kphrase", "dos palabras"},
        {"kphrase", "a b c d e f g"},
        {"kphrase", ""},
        {"wallet", "two words"},
        {"domain", "malo.example"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice normal;
        size_t words;
        struct error err = {0};
        ARENA_CLEANUP *arena = arena_new(MIB);
        assert_int_equal(keyed_entry_normalise(slice_of(rows[i][0]), slice_of(rows[i][1]), arena,
                                               &normal, &words, &err),
                         -1);
        assert_int_equal(err.kind, ERROR_INPUT);
    }
}

static void what_is_no_digest_is_not_read(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "#",
                                       "#k3",
                                       "#k3:",
                                       "k3:DvVbaGoLrijWeBmorYc8J4XDHCXFM_WF",
                                       "#:DvVbaGoLrijWeBmorYc8J4XDHCXFM_WF",
                                       "#k3:DvVbaGoLrijWeBmorYc8J4XDHCXFM_W",
                                       "#k3:DvVbaGoLrijWeBmorYc8J4XDHCXFM/WF",
                                       "#k3:DvVbaGoLrijWeBmorYc8J4XDHCXFM_WFA"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice name;
        unsigned char digest[KEYED_DIGEST_BYTES];
        assert_false(keyed_entry_read(slice_of(rows[i]), &name, digest));
    }
}

static void windows_of_a_text_are_what_phrases_are_made_of(void **state)
{
    (void)state;
    struct keyed_words words;
    struct folded folded;
    struct error err = {0};
    ARENA_CLEANUP *arena = arena_new(MIB);
    assert_int_equal(fold_text(SLICE_LITERAL("\xc2\xa1Vive en la: Calle de las Flores!"),
                               FOLD_PLAIN, arena, &folded, &err),
                     0);
    assert_int_equal(keyed_words_find(folded.text, arena, &words, &err), 0);
    assert_int_equal(words.count, 7);
    assert_true(slice_is(keyed_words_window(&words, 0, 3), "vive en la"));
    assert_true(slice_is(keyed_words_window(&words, 2, 3), "la calle de"));
    assert_true(slice_is(keyed_words_window(&words, 4, 3), "de las flores"));
    assert_true(slice_starts_with(slice_from(folded.text, words.origins[3]), "calle"));
    assert_int_equal(keyed_words_find(SLICE_LITERAL("  ,; "), arena, &words, &err), 0);
    assert_int_equal(words.count, 0);
}

static size_t lint(const char *entry, const struct directory *directory)
{
    char text[2048];
    struct list *list;
    struct error err = {0};
    ARENA_CLEANUP *arena = arena_new(4 * MIB);
    struct findings findings = {.arena = arena};
    snprintf(text, sizeof text, "%%zaguan-list 1\n%s\n@end 1\n", entry);
    if (list_parse(slice_of(text), "l", arena, &list, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(directory_lint(directory, list, &findings, &err), 0);
    for (size_t i = 0; i < findings.count; i++)
        assert_null(strstr(findings.rows[i].text, "ana"));
    return findings.error_count;
}

#define ENTRY "  id 0a000001 cat threat expires 2027-01-01"

static void a_list_that_names_a_member_does_not_leave(void **state)
{
    (void)state;
    static const struct slice addresses[] = {
        {"ana.perez@casa.example", 22}, {"marisol@casa.example", 20}, {"info@casa.example", 17}};
    struct settings settings;
    settings_set_defaults(&settings);
    strcpy(settings.key_folder, "/nonexistent");
    static const char *const allowed[] = {"marisol"};
    struct directory directory = {
        .addresses = addresses, .address_count = 3, .settings = &settings};
    static const char *const refused[] = {
        "+ phrase \"te voy a encontrar, Ana P\xc3\xa9rez\"\n" ENTRY,
        "+ phrase \"ana perez vive aqui\"\n" ENTRY,
        "+ re \"te mato,? marisol\"\n" ENTRY,
        "+ phrase \"te voy a encontrar\"\n" ENTRY "\n  why dicho a marisol en noviembre",
        "+ phrase \"te voy a encontrar\"\n" ENTRY "\n  yes \"Marisol, te voy a encontrar\"",
        "+ phrase \"escribe a INFO@casa.example\"\n" ENTRY,
        "+ addr ana.perez@casa.example\n" ENTRY,
        "+ addr otra@casa.example\n" ENTRY,
        "+ domain casa.example\n" ENTRY,
        "+ domain mail.casa.example\n" ENTRY,
        "+ dkim d=casa.example s=a\n" ENTRY,
        "+ url casa.example/x\n" ENTRY,
        "+ url malo.example/ana-perez\n" ENTRY,
        "+ addr #k3:DvVbaGoLrijWeBmorYc8J4XDHCXFM_WF\n" ENTRY,
    };
    static const char *const fine[] = {
        "+ phrase \"te voy a encontrar\"\n" ENTRY, "+ phrase \"banana perezosa del monte\"\n" ENTRY,
        "+ phrase \"mas info para ti\"\n" ENTRY,   "+ domain otracasa.example\n" ENTRY,
        "+ addr malo@malo.example\n" ENTRY,        "+ cidr 192.0.2.0/24\n" ENTRY,
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (lint(refused[i], &directory) != 1)
            fail_msg("%s", refused[i]);
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if (lint(fine[i], &directory) != 0)
            fail_msg("%s", fine[i]);
    directory.allowed_words = allowed;
    directory.allowed_count = 1;
    assert_int_equal(lint("+ phrase \"te mato marisol\"\n" ENTRY, &directory), 0);
}

static void a_digest_of_a_member_does_not_leave(void **state)
{
    (void)state;
    static const struct slice addresses[] = {{"ana.perez@casa.example", 22},
                                             {"ana.maria.perez@casa.example", 28}};
    struct settings settings;
    struct group_key key;
    struct error err = {0};
    char folder[] = "/tmp/zaguan-group-XXXXXX", path[64], entry[256];
    static const struct {
        const char *type, *value;
        size_t errors;
    } rows[] = {
        {"addr", "ana.perez+x@casa.example", 1},
        {"addr", "otra@malo.example", 0},
        {"kphrase",
         "Ana Mar\xc3\xad"
         "a P\xc3\xa9rez",
         1},
        {"kphrase", "calle de las flores", 0},
    };
    assert_non_null(mkdtemp(folder));
    settings_set_defaults(&settings);
    strcpy(settings.key_folder, folder);
    struct directory directory = {
        .addresses = addresses, .address_count = 2, .settings = &settings};
    assert_int_equal(group_key_make(&settings, "k3", &err), 0);
    assert_int_equal(group_key_make(&settings, "k3", &err), -1);
    assert_int_equal(group_key_make(&settings, "../k3", &err), -1);
    if (group_key_read(&settings, SLICE_LITERAL("k3"), &key, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice normal;
        unsigned char digest[KEYED_DIGEST_BYTES];
        size_t words;
        ARENA_CLEANUP *arena = arena_new(MIB);
        assert_int_equal(keyed_entry_normalise(slice_of(rows[i].type), slice_of(rows[i].value),
                                               arena, &normal, &words, &err),
                         0);
        keyed_entry_digest(&key, slice_of(rows[i].type), normal, digest);
        snprintf(entry, sizeof entry, "+ %s " SLICE_FORMAT "\n" ENTRY, rows[i].type,
                 SLICE_ARGUMENTS(keyed_entry_write(&key, digest, arena)));
        assert_int_equal(lint(entry, &directory), rows[i].errors);
    }
    snprintf(path, sizeof path, "%s/group-k3.key", folder);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_format),
        cmocka_unit_test(what_is_no_such_value_is_refused),
        cmocka_unit_test(what_is_no_digest_is_not_read),
        cmocka_unit_test(windows_of_a_text_are_what_phrases_are_made_of),
        cmocka_unit_test(a_list_that_names_a_member_does_not_leave),
        cmocka_unit_test(a_digest_of_a_member_does_not_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
