/* Values that stand in a list as digests under a group key: found in mail by whoever has the key.
 */
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/keyed_entry.h"
#include "lists/match/matcher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TODAY ((int64_t)1795478400) /* 2026-11-24 */
#define REST " cat doxxing sev 3 added 2026-11-01 expires 2027-02-01\n"

struct desk {
    char folder[64];
    struct settings settings;
    struct group_key key;
    struct arena *arena;
    struct buffer text;
    int entries;
    struct matcher *matcher;
    char told[400];
};

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL || sodium_init() < 0)
        return -1;
    snprintf(desk->folder, sizeof desk->folder, "/tmp/zaguan-test.XXXXXX");
    if (mkdtemp(desk->folder) == NULL)
        return -1;
    settings_set_defaults(&desk->settings);
    snprintf(desk->settings.key_folder, sizeof desk->settings.key_folder, "%s", desk->folder);
    desk->arena = arena_new(16 * MIB);
    desk->text = buffer_new(MIB);
    buffer_append_text(&desk->text, "%zaguan-list 1\n%name claves\n%list-id 0123456789abcdef\n"
                                    "%digest-key k3 norm 1\n");
    *state = desk;
    return group_key_make(&desk->settings, "k3", NULL) != 0 ||
           group_key_read(&desk->settings, slice_of("k3"), &desk->key, NULL) != 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    matcher_free(desk->matcher);
    buffer_free(&desk->text);
    arena_free(desk->arena);
    int failed = nftw(desk->folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
    free(desk);
    return failed;
}

/* Entry 0a000001, 0a000002, ... with the digest of the value. */
static void add(struct desk *desk, const char *type, const char *value, const char *attributes)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct slice normal;
    size_t words;
    assert_int_equal(
        keyed_entry_normalise(slice_of(type), slice_of(value), desk->arena, &normal, &words, NULL),
        0);
    keyed_entry_digest(&desk->key, slice_of(type), normal, digest);
    struct slice text = keyed_entry_write(&desk->key, digest, desk->arena);
    buffer_printf(&desk->text, "+ %s " SLICE_FORMAT "\n  id 0a%06d" REST "  %s", type,
                  SLICE_ARGUMENTS(text), ++desk->entries, attributes);
    if (words > 0)
        buffer_printf(&desk->text, " n %zu", words);
    buffer_append_text(&desk->text, "\n");
}

static void tell(void *context, struct slice list, const char *fault)
{
    struct desk *desk = context;
    snprintf(desk->told, sizeof desk->told, SLICE_FORMAT ": %s", SLICE_ARGUMENTS(list), fault);
}

static void load(struct desk *desk)
{
    char path[80];
    const char *const paths[] = {path};
    struct error err = {0};
    buffer_printf(&desk->text, "@end %d\n", desk->entries);
    snprintf(path, sizeof path, "%s/claves.zl", desk->folder);
    assert_int_equal(file_write(path, buffer_slice(&desk->text), 0600, &err), 0);
    if (matcher_new(paths, 1, &desk->matcher, &err) != 0 ||
        matcher_use_keys(desk->matcher, &desk->settings, tell, desk, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(matcher_entry_count(desk->matcher), desk->entries);
}

/* The ids that hit, each with a space, and what the last hit shows. */
static const char *hits_of(struct desk *desk, struct match_input *input, struct slice *shown_out)
{
    static char ids[400];
    struct hit_set hits;
    struct arena *arena = arena_new(64 * MIB);
    input->now = TODAY;
    input->budget = budget_of(10000);
    assert_int_equal(matcher_match(desk->matcher, input, arena, &hits, NULL), 0);
    assert_true(hits.is_complete);
    ids[0] = '\0';
    for (size_t i = 0; i < hits.count; i++) {
        size_t used = strlen(ids);
        snprintf(ids + used, sizeof ids - used, SLICE_FORMAT " ",
                 SLICE_ARGUMENTS(hits.hits[i].entry->id));
        if (shown_out != NULL)
            *shown_out = arena_copy(desk->arena, hits.hits[i].text);
    }
    arena_free(arena);
    return ids;
}

static const char *hits_in(struct desk *desk, enum text_where where, const char *text,
                           struct slice *shown_out)
{
    size_t size = strlen(text);
    char *exact = malloc(size + !size);
    assert_non_null(exact);
    memcpy(exact, text, size);
    struct text_piece piece = {where, slice_new(exact, size), false, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts};
    const char *ids = hits_of(desk, &input, shown_out);
    free(exact);
    return ids;
}

static void values_are_found_however_they_are_written(void **state)
{
    struct desk *desk = *state;
    add(desk, "phone", "+54 9 11 5550-1234", "");
    add(desk, "kphrase", "calle de las flores", "");
    add(desk, "kphrase", "vive con su madre en lanus", "");
    add(desk, "wallet", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "");
    load(desk);
    static const struct {
        const char *text, *ids, *shown;
    } rows[] = {
        {"llama al +54 9 11 5550-1234 ya", "0a000001 ", "54 9 11 5550-1234"},
        {"(0054) 9-11-5550.1234", "0a000001 ", NULL},
        {"5491155501234", "0a000001 ", "5491155501234"},
        {"dni 12345678, tel. 54 9 11 5550 1234.", "0a000001 ", NULL},
        {"\xef\xbc\x95\xef\xbc\x94 9 11 55501234", "0a000001 ", NULL}, /* full-width digits */
        {"5491155501235", "", NULL},
        {"154911555012340", "", NULL},
        {"54 9 11 5550     1234", "0a000001 ", NULL}, /* blanks count as one */
        {"54 9 11 5550 ---- 1234", "", NULL},
        {"Ana vive en la CALLE de las  Flores, 12", "0a000002 ", "CALLE de las  Flores"},
        {"c\xc3\xa1lle d\xc3\xa9 las flores", "0a000002 ", NULL},
        {"calle, de: las-flores", "0a000002 ", NULL},
        {"calle de las floress", "", NULL},
        {"las flores de la calle", "", NULL},
        {"ella vive con su madre en Lan\xc3\xbas", "0a000003 ", NULL},
        {"pay bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT?amount=1", "0a000004 ",
         "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"},
        {"1boatslrhtknngkdxeeobr76b53lettpyt", "", NULL},
        {"", "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice shown = {NULL, 0};
        const char *ids = hits_in(desk, TEXT_BODY, rows[i].text, &shown);
        if (strcmp(ids, rows[i].ids) != 0 ||
            (rows[i].shown != NULL && !slice_is(shown, rows[i].shown)))
            fail_msg("row %zu: %s, " SLICE_FORMAT, i, ids, SLICE_ARGUMENTS(shown));
    }
}

static void scope_says_where(void **state)
{
    struct desk *desk = *state;
    add(desk, "kphrase", "calle de las flores", "scope subject");
    load(desk);
    assert_string_equal(hits_in(desk, TEXT_SUBJECT, "calle de las flores", NULL), "0a000001 ");
    assert_string_equal(hits_in(desk, TEXT_BODY, "calle de las flores", NULL), "");
}

static void an_address_counts_when_it_is_proven(void **state)
{
    struct desk *desk = *state;
    struct auth_answer auth = {.has_client = true, .dmarc = {.result = DMARC_FAIL}};
    struct match_input input = {.from_address = slice_of("nn@malo.example"), .auth = &auth};
    add(desk, "addr", "NN+x@Malo.example", "auth dmarc");
    load(desk);
    assert_string_equal(hits_of(desk, &input, NULL), "");
    auth.dmarc.result = DMARC_PASS;
    assert_string_equal(hits_of(desk, &input, NULL), "0a000001 ");
    input.from_address = slice_of("mm@malo.example");
    assert_string_equal(hits_of(desk, &input, NULL), "");
}

static void without_the_key_nothing_is_said_and_the_admin_hears_why(void **state)
{
    struct desk *desk = *state;
    char path[100];
    add(desk, "kphrase", "calle de las flores", "");
    snprintf(path, sizeof path, "%s/group-k3.key", desk->folder);
    assert_int_equal(unlink(path), 0);
    load(desk);
    assert_string_equal(hits_in(desk, TEXT_BODY, "calle de las flores", NULL), "");
    assert_non_null(strstr(desk->told, "claves: "));
    assert_non_null(strstr(desk->told, "group-k3.key"));
}

/* Root makes it, zaguan-milter reads it: through the group of the folder. */
static void the_key_belongs_to_the_group_of_its_folder(void **state)
{
    struct desk *desk = *state;
    char path[100];
    struct stat file, folder;
    if (geteuid() == 0)
        assert_int_equal(chown(desk->folder, 0, 4242), 0);
    assert_int_equal(group_key_make(&desk->settings, "k4", NULL), 0);
    snprintf(path, sizeof path, "%s/group-k4.key", desk->folder);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(stat(desk->folder, &folder), 0);
    assert_int_equal(file.st_gid, folder.st_gid);
    assert_int_equal(file.st_mode & 0777, 0640);
}

static void another_key_makes_other_digests(void **state)
{
    struct desk *desk = *state;
    char path[100];
    add(desk, "kphrase", "calle de las flores", "");
    snprintf(path, sizeof path, "%s/group-k3.key", desk->folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(group_key_make(&desk->settings, "k3", NULL), 0);
    load(desk);
    assert_string_equal(hits_in(desk, TEXT_BODY, "calle de las flores", NULL), "");
    assert_string_equal(desk->told, "");
}

static void a_long_text_stays_within_the_budget(void **state)
{
    struct desk *desk = *state;
    add(desk, "phone", "+54 9 11 5550-1234", "");
    add(desk, "kphrase", "calle de las flores", "");
    add(desk, "kphrase", "vive con su madre en lanus", "");
    load(desk);
    BUFFER_CLEANUP text = buffer_new(2 * MIB);
    while (text.size < MIB - 8)
        buffer_append_text(&text, "1 2 34 ");
    struct text_piece piece = {TEXT_BODY, buffer_slice(&text), false, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(50)};
    struct hit_set hits;
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    assert_int_equal(matcher_match(desk->matcher, &input, arena, &hits, NULL), 0);
    assert_false(hits.is_complete);
    assert_int_equal(hits.limit_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_found_however_they_are_written),
        TEST(scope_says_where),
        TEST(an_address_counts_when_it_is_proven),
        TEST(without_the_key_nothing_is_said_and_the_admin_hears_why),
        TEST(the_key_belongs_to_the_group_of_its_folder),
        TEST(another_key_makes_other_digests),
        TEST(a_long_text_stays_within_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
