#include "lists/trust/partner.h"
#include "lists/trust/words.h"
#include "tests/lists/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_A "RWTQj85++2NW3J/gQmWdkLzbJV6rbmZ5O70aSJ8ecaqyvRyBlEi5yWaC"
#define KEY_B "RWTcXU0dVuBrQWR0QPZrh53syftJiERNKhlnU/OAqN3DtbrHfIlC1CQu"

static int setting(struct partner *partner, const char *name, const char *value)
{
    return option_set(option_find(partner_rows, slice_of(name)), partner, slice_of(value), NULL);
}

static void every_default_can_be_written_and_read(void **state)
{
    (void)state;
    struct partner partner;
    struct error err = {0};
    partner_set_defaults(&partner);
    for (const struct option_row *row = partner_rows; row->name != NULL; row++)
        if (option_set(row, &partner, slice_of(row->fallback), &err) != 0)
            fail_msg("%s", err.text);
    assert_int_equal(partner.ceiling, LIST_ACTION_TAG);
    assert_int_equal(partner.hold_quorum, 2);
    assert_int_equal(partner.review, PARTNER_REVIEW_ADDITIONS);
    assert_true(partner.counts_for_quorum);
}

static void the_ceiling_of_a_category_goes_before_the_general_one(void **state)
{
    (void)state;
    struct partner partner;
    partner_set_defaults(&partner);
    for (int i = 0; i < CATEGORY_COUNT; i++)
        assert_int_equal(partner_ceiling(&partner, (enum category)i, NOW), LIST_ACTION_TAG);
    assert_int_equal(setting(&partner, "ceiling", "hold"), 0);
    assert_int_equal(setting(&partner, "ceiling-hate", "observe"), 0);
    assert_int_equal(setting(&partner, "ceiling-threat", "none"), 0);
    assert_int_equal(partner_ceiling(&partner, CATEGORY_STALKING, NOW), LIST_ACTION_HOLD);
    assert_int_equal(partner_ceiling(&partner, CATEGORY_HATE, NOW), LIST_ACTION_OBSERVE);
    assert_int_equal(partner_ceiling(&partner, CATEGORY_THREAT, NOW), LIST_ACTION_NONE);
}

static void every_category_has_its_ceiling(void **state)
{
    (void)state;
    char name[64];
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        struct partner partner;
        partner_set_defaults(&partner);
        snprintf(name, sizeof name, "ceiling-%s", category_name((enum category)i));
        assert_int_equal(setting(&partner, name, "hold"), 0);
        for (int k = 0; k < CATEGORY_COUNT; k++)
            assert_int_equal(partner_ceiling(&partner, (enum category)k, NOW),
                             k == i ? LIST_ACTION_HOLD : LIST_ACTION_TAG);
    }
}

static void a_new_partner_only_observes(void **state)
{
    (void)state;
    struct partner partner;
    partner_set_defaults(&partner);
    assert_int_equal(setting(&partner, "ceiling", "hold"), 0);
    assert_int_equal(setting(&partner, "ceiling-hate", "none"), 0);
    clock_write_timestamp(NOW + DAY_SECONDS, partner.trial_until);
    assert_int_equal(partner_ceiling(&partner, CATEGORY_THREAT, NOW), LIST_ACTION_OBSERVE);
    assert_int_equal(partner_ceiling(&partner, CATEGORY_HATE, NOW), LIST_ACTION_NONE);
    assert_int_equal(partner_ceiling(&partner, CATEGORY_THREAT, NOW + DAY_SECONDS),
                     LIST_ACTION_HOLD);
}

static void a_wrong_partner_file_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
    } rows[] = {
        {"", "no key is pinned"},
        {"url = x\n", "no key is pinned"},
        {"key = RWS\n", "not a minisign public key"},
        {"key = " KEY_A " " KEY_A "\n", "twice"},
        {"key = " KEY_A "\nceiling = reject\n", "p:2: ceiling"},
        {"key = " KEY_A "\nceiling-hate = discard\n", "p:2: ceiling-hate"},
        {"key = " KEY_A "\nhold-quorum = 0\n", "p:2: hold-quorum"},
        {"key = " KEY_A "\nwhat = 0\n", "there is no setting"},
        {"key = " KEY_A "\nceiling = tag\nceiling = hold\n", "p:3: ceiling stands here twice"},
        {"key = " KEY_A "\nceiling\n", "name = value"},
        {"key = " KEY_A "\ntrial-until = soon\n", "trial-until is no time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct partner partner;
        struct error err = {0};
        struct slice input = exact(slice_of(rows[i].text));
        assert_int_equal(partner_parse(input, "p", &partner, &err), -1);
        drop(input);
        if (strstr(err.text, rows[i].complaint) == NULL)
            fail_msg("row %zu: %s", i, err.text);
    }
}

static void a_partner_is_named_by_a_domain(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", ".", "..", "../etc", "a/b.example", "kefir", "K.example", ".a.example", "a..example"};
    struct settings settings;
    char path[PATH_MAX];
    struct error err = {0};
    settings_set_defaults(&settings);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(partner_write_folder(&settings, wrong[i], path, &err), -1);
    assert_int_equal(partner_write_folder(&settings, "kefir.example", path, &err), 0);
}

static void a_partner_stays_on_disk(void **state)
{
    (void)state;
    struct settings settings;
    struct partner partner, again;
    struct root root;
    struct error err = {0};
    const char *const *names;
    size_t count;
    char folder[] = "/tmp/zaguan-partner-XXXXXX", path[128];
    ARENA_CLEANUP *arena = arena_new(MIB);
    assert_non_null(mkdtemp(folder));
    settings_set_defaults(&settings);
    snprintf(settings.partner_folder, sizeof settings.partner_folder, "%s/partners", folder);
    assert_int_equal(partner_find_all(&settings, arena, &names, &count, &err), 0);
    assert_int_equal(count, 0);
    partner_set_defaults(&partner);
    strcpy(partner.name, "kefir.example");
    assert_int_equal(setting(&partner, "key", KEY_A " " KEY_B), 0);
    assert_int_equal(setting(&partner, "url", "https://kefir.example/listas"), 0);
    assert_int_equal(setting(&partner, "ceiling-doxxing", "hold"), 0);
    if (partner_write(&settings, &partner, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(partner_read(&settings, "kefir.example", &again, &err), 0);
    assert_memory_equal(&partner, &again, sizeof partner);
    assert_int_equal(partner_find_all(&settings, arena, &names, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "kefir.example");
    assert_int_equal(partner_root(&settings, &again, &root, &err), 0);
    assert_int_equal(root.sequence, 0);
    assert_int_equal(root.key_count, 2);
    assert_int_equal(partner_read(&settings, "otra.example", &again, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    snprintf(path, sizeof path, "%s/partners/kefir.example/partner", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/partners/kefir.example", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/partners", folder);
    rmdir(path);
    assert_int_equal(rmdir(folder), 0);
}

static void words_are_short_and_begin_differently(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        assert_true(strlen(words_list[i]) >= 3 && strlen(words_list[i]) <= 8);
        assert_int_equal(strspn(words_list[i], "abcdefghijklmnopqrstuvwxyz"),
                         strlen(words_list[i]));
        for (size_t k = 0; k < i; k++)
            assert_true(strncmp(words_list[i], words_list[k], 4) != 0);
    }
}

static void a_key_has_its_words_and_another_has_others(void **state)
{
    (void)state;
    struct minisign_public public;
    struct error err = {0};
    char words[WORDS_TEXT_BYTES], other[WORDS_TEXT_BYTES];
    assert_int_equal(minisign_read_public(slice_of(KEY_A), "key", &public, &err), 0);
    words_write_key(&public, words);
    size_t blanks = 0;
    for (const char *c = words; *c != '\0'; c++)
        blanks += *c == ' ';
    assert_int_equal(blanks, WORDS_PER_KEY - 1);
    public.id[0] ^= 1; /* the same key under another id is another key */
    words_write_key(&public, other);
    assert_string_not_equal(words, other);
    public.id[0] ^= 1;
    public.key[31] ^= 1;
    words_write_key(&public, other);
    assert_string_not_equal(words, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_can_be_written_and_read),
        cmocka_unit_test(the_ceiling_of_a_category_goes_before_the_general_one),
        cmocka_unit_test(every_category_has_its_ceiling),
        cmocka_unit_test(a_new_partner_only_observes),
        cmocka_unit_test(a_wrong_partner_file_is_refused_with_its_line),
        cmocka_unit_test(a_partner_is_named_by_a_domain),
        cmocka_unit_test(a_partner_stays_on_disk),
        cmocka_unit_test(words_are_short_and_begin_differently),
        cmocka_unit_test(a_key_has_its_words_and_another_has_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
