/* What a partner that signs well may still not do: every row is signed by its pinned key. */
#include "common/base/files.h"
#include "lists/update/update.h"
#include "tests/lists/signer.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_ID "b7f3c0a9d2e14f60"
#define ISSUED "2026-11-24T00:00:00Z" /* NOW */
#define TOMORROW "2026-11-26T00:00:00Z"

static const char good_entry[] = "+ re \"frase de prueba\"\n"
                                 "  id aaaa0001  cat threat  sev 4  scope subject,body\n"
                                 "  added 2026-11-20  expires 2027-04-02  basis own\n"
                                 "  yes \"frase de prueba uno\"\n  yes \"y frase de prueba\"\n"
                                 "  no  \"otra cosa\"\n  no  \"nada de eso\"\n";

struct site {
    char folder[64], inbox[PATH_MAX];
    struct settings settings;
    struct partner partner;
    struct minisign_secret key;
    struct arena *arena;
    struct update_results results;
};

static void write_file(const char *folder, const char *name, struct slice content)
{
    char path[PATH_MAX];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (file_write(path, content, 0644, &err) != 0)
        fail_msg("%s", err.text);
}

static int open_site(void **state)
{
    struct site *site = calloc(1, sizeof *site);
    char key[MINISIGN_PUBLIC_TEXT_BYTES], path[PATH_MAX];
    struct error err = {0};
    assert_non_null(site);
    strcpy(site->folder, "/tmp/zaguan-update-XXXXXX");
    assert_non_null(mkdtemp(site->folder));
    settings_set_defaults(&site->settings);
    snprintf(site->settings.partner_folder, SETTINGS_PATH_BYTES, "%s/partners", site->folder);
    snprintf(site->settings.benign_folder, SETTINGS_PATH_BYTES, "%s/benign", site->folder);
    snprintf(site->inbox, sizeof site->inbox, "%s/inbox", site->folder);
    const char *const folders[] = {"partners", "benign", "inbox", "inbox/lists"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", site->folder, folders[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    write_file(site->settings.benign_folder, "a.csv",
               SLICE_LITERAL("text,expected\nuna semana tranquila,benign\n"));
    site->key = make_secret();
    minisign_write_public(&site->key.public, key);
    partner_set_defaults(&site->partner);
    strcpy(site->partner.name, "kefir.example");
    snprintf(site->partner.keys, sizeof site->partner.keys, "%s", key);
    assert_int_equal(partner_write(&site->settings, &site->partner, &err), 0);
    site->arena = arena_new(64 * MIB);
    site->results.arena = site->arena;
    *state = site;
    return 0;
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int close_site(void **state)
{
    struct site *site = *state;
    nftw(site->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(site->arena);
    free(site);
    return 0;
}

/* The head names the list as it is, unless `size_bytes` says otherwise. */
static void publish(struct site *site, struct slice list, int64_t sequence, const char *issued,
                    int64_t head_sequence, int64_t size_bytes)
{
    char name[HEAD_FILE_BYTES], file[HEAD_FILE_BYTES + 16], comment[HEAD_COMMENT_BYTES];
    struct head_list row = {.list_id = SLICE_LITERAL(LIST_ID),
                            .name = SLICE_LITERAL("amenazas"),
                            .sequence = sequence,
                            .size_bytes = size_bytes == 0 ? (int64_t)list.size : size_bytes};
    struct head head = {.publisher = SLICE_LITERAL("kefir.example"),
                        .sequence = head_sequence,
                        .issued_at = NOW,
                        .fresh_until = NOW + 90 * DAY_SECONDS,
                        .lists = &row,
                        .list_count = 1};
    struct error err = {0};
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES), signature = buffer_new(LIMIT_MINISIG_BYTES);
    record_make_hash(list, row.hash);
    head_write_list_file(&row, name);
    write_file(site->inbox, name, list);
    snprintf(comment, sizeof comment, "zaguan-list 1 " LIST_ID " %lld %s", (long long)sequence,
             issued);
    sign(&site->key, list, comment, &signature);
    snprintf(file, sizeof file, "%s.minisig", name);
    write_file(site->inbox, file, buffer_slice(&signature));
    buffer_clear(&signature);
    if (head_format(&head, &text, &err) != 0)
        fail_msg("%s", err.text);
    head_write_comment(&head, comment);
    sign(&site->key, buffer_slice(&text), comment, &signature);
    write_file(site->inbox, "head.zh", buffer_slice(&text));
    write_file(site->inbox, "head.zh.minisig", buffer_slice(&signature));
}

static int try_to_take(struct site *site, struct error *err)
{
    const struct update_tools tools = {.settings = &site->settings, .now = NOW};
    site->results.count = 0;
    return update_take_folder(&tools, &site->partner, site->inbox, &site->results, err);
}

static const struct update_result *take(struct site *site)
{
    struct error err = {0};
    if (try_to_take(site, &err) != 0)
        fail_msg("%s", err.text);
    return site->results.count == 0 ? NULL : &site->results.rows[0];
}

static bool has_file(const struct site *site, const char *part)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/partners/kefir.example/%s/" LIST_ID ".zl", site->folder, part);
    return access(path, F_OK) == 0;
}

static struct slice make_list(const char *publisher, const char *sequence, const char *issued,
                              const char *entries, const char *end, struct buffer *into)
{
    buffer_clear(into);
    buffer_printf(into,
                  "%%zaguan-list 1\n%%name amenazas\n%%list-id " LIST_ID
                  "\n%%publisher %s\n%%seq %s\n%%issued %s\n%%scope Threats.\n%%appeals "
                  "a@kefir.example\n\n%s%s",
                  publisher, sequence, issued, entries, end);
    return buffer_slice(into);
}

static void a_sound_list_is_taken_and_tried(void **state)
{
    struct site *site = *state;
    BUFFER_CLEANUP list = buffer_new(MIB);
    publish(site, make_list("kefir.example", "1", ISSUED, good_entry, "@end 1\n", &list), 1, ISSUED,
            1, 0);
    assert_null(take(site));
    assert_true(has_file(site, "coming"));
    assert_true(has_file(site, "shadow"));
    assert_false(has_file(site, "active"));
}

#define REFUSED(claim, publisher, sequence, issued, entries, end, complaint)                       \
    {                                                                                              \
        claim, publisher, sequence, issued, entries, end, complaint                                \
    }
#define ENTRY(id)                                                                                  \
    "+ phrase \"frase de prueba\"\n  id " id "  cat threat  expires 2027-04-02  basis own\n"
#define US "kefir.example"

static void what_is_signed_well_and_wrong_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *claim, *publisher, *sequence, *issued, *entries, *end, *complaint;
    } rows[] = {
        REFUSED("future-dated", US, "1", TOMORROW, good_entry, "@end 1\n", "lies in the future"),
        REFUSED("of somebody else", "vedetas.example", "1", ISSUED, good_entry, "@end 1\n",
                "%publisher is not kefir.example"),
        REFUSED("another number", US, "2", ISSUED, good_entry, "@end 1\n",
                "%seq is not what was signed"),
        REFUSED("an id twice", US, "1", ISSUED, ENTRY("aaaa0001") ENTRY("aaaa0001"), "@end 2\n",
                "aaaa0001"),
        REFUSED("no id", US, "1", ISSUED,
                "+ phrase \"frase de prueba\"\n  cat threat  expires 2027-04-02  basis own\n",
                "@end 1\n", "without id"),
        REFUSED("not UTF-8", US, "1", ISSUED, "# \xff\n" ENTRY("aaaa0001"), "@end 1\n", "UTF-8"),
        REFUSED("a turned text", US, "1", ISSUED,
                "+ phrase \"frase \xe2\x80\xae de prueba\"\n  id aaaa0001  cat threat\n",
                "@end 1\n", "direction"),
        REFUSED("a turned comment", US, "1", ISSUED,
                "# retracted \xe2\x81\xa6 see below\n" ENTRY("aaaa0001"), "@end 1\n", "direction"),
        REFUSED("invisible letters", US, "1", ISSUED,
                "+ phrase \"frase\xe2\x80\x8b de prueba\"\n  id aaaa0001  cat threat\n", "@end 1\n",
                "invisible"),
        REFUSED("a NUL escape in a header", US, "1\x01", ISSUED, good_entry, "@end 1\n", "control"),
        REFUSED("cut off", US, "1", ISSUED, good_entry, "", "@end"),
        REFUSED("fewer than it says", US, "1", ISSUED, good_entry, "@end 2\n", "@end"),
        REFUSED("something behind", US, "1", ISSUED, good_entry, "@end 1\n+ x\n", "@end"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BUFFER_CLEANUP list = buffer_new(MIB);
        assert_int_equal(open_site(state), 0);
        struct site *site = *state;
        struct slice text = make_list(rows[i].publisher, rows[i].sequence, rows[i].issued,
                                      rows[i].entries, rows[i].end, &list);
        publish(site, text, 1, rows[i].issued, 1, 0);
        const struct update_result *result = take(site);
        if (result == NULL || result->outcome != UPDATE_REFUSED)
            fail_msg("%s: was not refused", rows[i].claim);
        if (strstr(result->text, rows[i].complaint) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].claim, result->text,
                     rows[i].complaint);
        if (has_file(site, "coming") || has_file(site, "shadow") || has_file(site, "active"))
            fail_msg("%s: something of it is kept", rows[i].claim);
        /* Mended under the same number it is taken: what was refused binds nothing. */
        publish(site, make_list(US, "1", ISSUED, good_entry, "@end 1\n", &list), 1, ISSUED, 2, 0);
        if (take(site) != NULL || !has_file(site, "coming"))
            fail_msg("%s: a good number 1 is refused afterwards", rows[i].claim);
        close_site(state);
    }
    *state = NULL;
}

static void a_size_beyond_the_limit_is_refused_before_anything_is_read(void **state)
{
    struct site *site = *state;
    BUFFER_CLEANUP list = buffer_new(MIB);
    publish(site, make_list(US, "1", ISSUED, good_entry, "@end 1\n", &list), 1, ISSUED, 1,
            (int64_t)LIMIT_LIST_BYTES + 1);
    const struct update_result *result = take(site);
    assert_non_null(result);
    assert_non_null(strstr(result->text, "more than 8388608"));
}

static void a_file_longer_than_the_head_says_is_refused(void **state)
{
    struct site *site = *state;
    BUFFER_CLEANUP list = buffer_new(MIB);
    struct slice text = make_list(US, "1", ISSUED, good_entry, "@end 1\n", &list);
    publish(site, text, 1, ISSUED, 1, (int64_t)text.size - 1);
    const struct update_result *result = take(site);
    assert_non_null(result);
    assert_int_equal(result->outcome, UPDATE_REFUSED);
    assert_false(has_file(site, "coming"));
}

/* The time a refused thing is told of is once. */
static void the_same_refusal_is_news_only_once(void **state)
{
    struct site *site = *state;
    BUFFER_CLEANUP list = buffer_new(MIB);
    publish(site, make_list(US, "1", TOMORROW, good_entry, "@end 1\n", &list), 1, TOMORROW, 1, 0);
    assert_true(take(site)->is_news);
    assert_false(take(site)->is_news);
}

static void revoke_the_key_of_the_lists(struct site *site)
{
    struct minisign_secret next = make_secret();
    struct root root = make_root(1, &next, 1);
    const struct minisign_secret both[] = {site->key, next};
    BUFFER_CLEANUP text = buffer_new(LIMIT_ROOT_BYTES);
    BUFFER_CLEANUP signatures = buffer_new(LIMIT_MINISIG_BYTES);
    memcpy(root.revoked[0].id, site->key.public.id, MINISIGN_ID_BYTES);
    root.revoked_count = 1;
    write_signed_root(&root, both, 2, &text, &signatures);
    write_file(site->inbox, "root.zr", buffer_slice(&text));
    write_file(site->inbox, "root.zr.minisig", buffer_slice(&signatures));
}

static void assert_is_parked(const struct site *site, struct slice words)
{
    char path[PATH_MAX];
    struct error err = {0};
    BUFFER_CLEANUP parked = buffer_new(2 * MIB);
    snprintf(path, sizeof path, "%s/partners/kefir.example/parked/" LIST_ID, site->folder);
    if (file_read(path, &parked, &err) != 0)
        fail_msg("%s", err.text);
    if (slice_find(buffer_slice(&parked), words) == parked.size)
        fail_msg("%.*s", (int)parked.size, parked.data);
}

/* A stolen key is revoked in the moment the disk fails: no half of it may stay, or the new root
 * counts and what the thief signed goes on acting. */
static void a_root_counts_only_when_what_it_revokes_was_done(void **state)
{
    struct site *site = *state;
    char path[PATH_MAX];
    struct error err = {0};
    BUFFER_CLEANUP list = buffer_new(MIB);
    publish(site, make_list(US, "1", ISSUED, good_entry, "@end 1\n", &list), 1, ISSUED, 1, 0);
    assert_null(take(site));
    snprintf(path, sizeof path, "%s/partners/kefir.example/parked/" LIST_ID, site->folder);
    unlink(path);
    assert_int_equal(mkdir(path, 0755), 0);
    revoke_the_key_of_the_lists(site);
    assert_int_equal(try_to_take(site, &err), -1);

    assert_int_equal(rmdir(path), 0);
    (void)take(site);
    assert_is_parked(site, SLICE_LITERAL("\naaaa0001 observe check "));
}

static void a_revoked_key_of_a_long_list_is_revoked_too(void **state)
{
    struct site *site = *state;
    BUFFER_CLEANUP list = buffer_new(MIB), entries = buffer_new(MIB);
    for (int i = 0; i < 4200; i++)
        buffer_printf(
            &entries,
            "+ domain d%d.test\n  id aaaa%04x  cat threat  expires 2027-04-02  basis own\n", i, i);
    buffer_append_byte(&entries, '\0');
    publish(site, make_list(US, "1", ISSUED, entries.data, "@end 4200\n", &list), 1, ISSUED, 1, 0);
    assert_null(take(site));
    revoke_the_key_of_the_lists(site);
    (void)take(site);
    assert_is_parked(site, SLICE_LITERAL("\naaaa0000 observe check "));
    assert_is_parked(site, SLICE_LITERAL("\n* observe check "));
}

#define WITH_SITE(test) cmocka_unit_test_setup_teardown(test, open_site, close_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SITE(a_sound_list_is_taken_and_tried),
        cmocka_unit_test(what_is_signed_well_and_wrong_is_refused_with_a_reason),
        WITH_SITE(a_size_beyond_the_limit_is_refused_before_anything_is_read),
        WITH_SITE(a_file_longer_than_the_head_says_is_refused),
        WITH_SITE(the_same_refusal_is_news_only_once),
        WITH_SITE(a_root_counts_only_when_what_it_revokes_was_done),
        WITH_SITE(a_revoked_key_of_a_long_list_is_revoked_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
