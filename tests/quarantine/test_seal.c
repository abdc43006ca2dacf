#include "quarantine/seal.h"

#include "quarantine/identity.h"
#include "quarantine/sheet.h"
#include "tests/quarantine/stage.h"
#include <sys/stat.h>

static struct slice exact(struct slice s) /* so that a read beyond it is seen */
{
    char *copy = malloc(s.size == 0 ? 1 : s.size);
    if (s.size > 0)
        memcpy(copy, s.data, s.size);
    return slice_new(copy, s.size);
}

static void free_exact(struct slice s)
{
    char *data;
    memcpy(&data, &s.data, sizeof data);
    free(data);
}

static void a_body_of_any_size_comes_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,
                                   1,
                                   SEAL_CHUNK_BYTES - 1,
                                   SEAL_CHUNK_BYTES,
                                   SEAL_CHUNK_BYTES + 1,
                                   3 * SEAL_CHUNK_BYTES,
                                   3 * SEAL_CHUNK_BYTES + 17};
    char *bytes = malloc(4 * SEAL_CHUNK_BYTES);
    for (size_t i = 0; i < 4 * SEAL_CHUNK_BYTES; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct seal_key key;
        seal_key_make(&key);
        struct slice plain = exact(slice_new(bytes, sizes[i]));
        BUFFER_CLEANUP sealed = buffer_new(seal_body_size(sizes[i]));
        BUFFER_CLEANUP opened = buffer_new(sizes[i]);
        assert_int_equal(seal_body(&key, plain, &sealed, &err), 0);
        assert_int_equal(sealed.size, seal_body_size(sizes[i]));
        struct slice copy = exact(buffer_slice(&sealed));
        assert_int_equal(seal_open_body(&key, copy, &opened, &err), 0);
        assert_true(slice_equals(buffer_slice(&opened), plain));
        free_exact(copy);
        free_exact(plain);
    }
    free(bytes);
}

/* Cut, lengthened, changed, its chunks swapped: never a wrong message, always an error. */
static void a_changed_body_does_not_open(void **state)
{
    (void)state;
    struct seal_key key, other;
    seal_key_make(&key);
    seal_key_make(&other);
    size_t chunk = SEAL_CHUNK_BYTES + 17, size = 3 * SEAL_CHUNK_BYTES;
    char *bytes = calloc(1, size);
    BUFFER_CLEANUP sealed = buffer_new(2 * size);
    BUFFER_CLEANUP opened = buffer_new(2 * size);
    assert_int_equal(seal_body(&key, slice_new(bytes, size), &sealed, &err), 0);
    const size_t cuts[] = {0, 1, 24, 40, 41, 24 + chunk, 24 + 2 * chunk, sealed.size - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct slice cut = exact(slice_part(buffer_slice(&sealed), 0, cuts[i]));
        assert_int_equal(seal_open_body(&key, cut, &opened, &err), -1);
        assert_int_equal(err.kind, ERROR_INPUT);
        free_exact(cut);
    }
    assert_int_equal(seal_open_body(&other, buffer_slice(&sealed), &opened, &err), -1);
    for (size_t at = 0; at < sealed.size; at += 9973) {
        sealed.data[at] ^= 1;
        assert_int_equal(seal_open_body(&key, buffer_slice(&sealed), &opened, &err), -1);
        sealed.data[at] ^= 1;
    }
    buffer_append_byte(&sealed, 'x');
    assert_int_equal(seal_open_body(&key, buffer_slice(&sealed), &opened, &err), -1);
    sealed.size--;
    memcpy(bytes, sealed.data + 24, chunk);
    memmove(sealed.data + 24, sealed.data + 24 + chunk, chunk);
    memcpy(sealed.data + 24 + chunk, bytes, chunk);
    assert_int_equal(seal_open_body(&key, buffer_slice(&sealed), &opened, &err), -1);
    assert_int_equal(opened.size, 0);
    free(bytes);
}

static void a_text_opens_only_where_it_belongs(void **state)
{
    (void)state;
    struct seal_key key;
    seal_key_make(&key);
    BUFFER_CLEANUP sealed = buffer_new(1000);
    BUFFER_CLEANUP opened = buffer_new(1000);
    assert_int_equal(seal_text(&key, slice_of("note 1"), slice_of("why"), &sealed, &err), 0);
    assert_int_equal(seal_open_text(&key, slice_of("note 2"), buffer_slice(&sealed), &opened, &err),
                     -1);
    for (size_t size = 0; size < sealed.size; size++) {
        struct slice cut = exact(slice_part(buffer_slice(&sealed), 0, size));
        assert_int_equal(seal_open_text(&key, slice_of("note 1"), cut, &opened, &err), -1);
        free_exact(cut);
    }
    assert_int_equal(seal_open_text(&key, slice_of("note 1"), buffer_slice(&sealed), &opened, &err),
                     0);
    assert_true(slice_is(buffer_slice(&opened), "why"));
}

static void a_sheet_comes_back_and_every_cut_is_seen(void **state)
{
    (void)state;
    struct item_sheet sheet = stage_sheet(), read;
    unsigned char digest[SHEET_DIGEST_BYTES] = {1, 2, 3}, read_digest[SHEET_DIGEST_BYTES];
    sheet.is_smtputf8 = true;
    sheet.signed_by = slice_of("example.net example.org");
    BUFFER_CLEANUP text = buffer_new(SHEET_LIMIT_BYTES);
    assert_int_equal(sheet_write(&sheet, digest, &text, &err), 0);
    struct slice copy = exact(buffer_slice(&text));
    assert_int_equal(sheet_read(copy, &read, read_digest, &err), 0);
    assert_memory_equal(digest, read_digest, sizeof digest);
    assert_true(read.is_smtputf8 && slice_equals(read.subject, sheet.subject));
    assert_true(slice_equals(read.envelope_sender, sheet.envelope_sender));
    assert_true(slice_equals(read.proven_domain, sheet.proven_domain));
    assert_true(slice_equals(read.signed_by, sheet.signed_by));
    free_exact(copy);
    for (size_t size = 0; size < text.size; size++) {
        struct slice cut = exact(slice_part(buffer_slice(&text), 0, size));
        /* Whole fields that are missing at the end are empty; a field cut in two is an error. */
        if (sheet_read(cut, &read, read_digest, &err) == 0)
            assert_true(read.signed_by.size == 0);
        free_exact(cut);
    }
    struct hold_copy held = stage_copy(1, "ana@example.org");
    struct item_note note = {held.recipient, slice_of("X-Zaguan: tag"), held.reasons, 1}, noted;
    buffer_clear(&text);
    assert_int_equal(sheet_write_note(&note, &text, &err), 0);
    assert_int_equal(sheet_read_note(buffer_slice(&text), stage.arena, &noted, &err), 0);
    assert_int_equal(noted.reason_count, 1);
    assert_true(slice_is(noted.reasons[0].where, "body") && noted.reasons[0].severity == 3);
    assert_true(slice_equals(noted.recipient, held.recipient));
    assert_int_equal(
        sheet_read_note(slice_part(buffer_slice(&text), 0, 20), stage.arena, &noted, &err), -1);
}

/* FIPS 180-4: what evidence is checked against with sha256sum. */
static void the_digest_at_arrival_is_sha_256(void **state)
{
    (void)state;
    static const struct {
        const char *message, *digest;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char digest[SHEET_DIGEST_BYTES];
        char hex[2 * SHEET_DIGEST_BYTES + 1];
        identity_digest(slice_of(rows[i].message), digest);
        for (size_t j = 0; j < sizeof digest; j++)
            snprintf(hex + 2 * j, 3, "%02x", digest[j]);
        assert_string_equal(hex, rows[i].digest);
    }
}

static void keys_are_made_once_with_their_modes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        mode_t mode;
    } rows[] = {{"review.pub", 0640}, {"review.key", 0600}, {"digest.key", 0640}};
    for (size_t i = 0; i < 3; i++) {
        char path[700];
        struct stat now;
        snprintf(path, sizeof path, "%s/%s", stage.settings.key_folder, rows[i].name);
        assert_int_equal(stat(path, &now), 0);
        assert_int_equal(now.st_mode & 0777, rows[i].mode);
        assert_int_equal(now.st_size, 65);
    }
    struct keys again;
    assert_int_equal(keys_make(&stage.settings, &err), 0);
    assert_int_equal(keys_read(&stage.settings, KEYS_SECRET, &again, &err), 0);
    assert_memory_equal(&again, &stage.keys, sizeof again);
}

static void change_key(const char *command)
{
    char line[700];
    snprintf(line, sizeof line, "cd %s && %s", stage.settings.key_folder, command);
    assert_int_equal(system(line), 0);
}

static void wrong_key_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *change, *undo;
        enum error_kind kind;
        const char *says;
    } rows[] = {
        {"mv review.key x", "mv x review.key", ERROR_NOT_FOUND,
         "review.key: is not there; `zaguan key init`"},
        {"mv review.pub x", "mv x review.pub", ERROR_NOT_FOUND, "review.pub: is not there"},
        {"mv digest.key x", "mv x digest.key", ERROR_NOT_FOUND, "digest.key: is not there"},
        {"cp review.key x; echo zz > review.key", "cp x review.key", ERROR_INPUT, "not a key"},
        {"cp review.key x; tr a-f f-z < x | head -c 64 > review.key", "cp x review.key",
         ERROR_INPUT, "key"},
        {"cp review.pub x; cat digest.key > review.pub", "cp x review.pub", ERROR_INPUT,
         "do not belong together"},
        {"chmod o+r review.key", "chmod o= review.key", ERROR_INPUT, "open to everybody"},
        {"chmod o+r digest.key", "chmod o= digest.key", ERROR_INPUT, "open to everybody"},
        {"head -c 1000 /dev/zero > x; mv review.pub y; mv x review.pub", "mv y review.pub",
         ERROR_LIMIT, "review.pub"},
    };
    struct keys keys;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        change_key(rows[i].change);
        assert_int_equal(keys_read(&stage.settings, KEYS_SECRET, &keys, &err), -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_non_null(strstr(err.text, rows[i].says));
        change_key(rows[i].undo);
        assert_int_equal(keys_read(&stage.settings, KEYS_SECRET, &keys, &err), 0);
    }
    change_key("chmod o+r review.key; rm -f review.key");
    assert_int_equal(keys_read(&stage.settings, KEYS_PUBLIC, &keys, &err), 0);
    assert_false(keys.has_secret);
    assert_int_equal(keys_make(&stage.settings, &err), -1);
    assert_non_null(strstr(err.text, "restore it"));
}

static void what_is_sealed_to_the_review_key_opens_with_it_alone(void **state)
{
    (void)state;
    BUFFER_CLEANUP sealed = buffer_new(1000);
    BUFFER_CLEANUP opened = buffer_new(1000);
    assert_int_equal(keys_seal(&stage.keys, slice_of("text"), &sealed, &err), 0);
    assert_int_equal(sealed.size, 4 + 48);
    assert_int_equal(keys_open(&stage.keys, buffer_slice(&sealed), &opened, &err), 0);
    assert_true(slice_is(buffer_slice(&opened), "text"));
    for (size_t size = 0; size < sealed.size; size++)
        assert_int_equal(
            keys_open(&stage.keys, slice_part(buffer_slice(&sealed), 0, size), &opened, &err), -1);
    struct keys public_only = stage.keys;
    public_only.has_secret = false;
    assert_int_equal(keys_open(&public_only, buffer_slice(&sealed), &opened, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_body_of_any_size_comes_back),
        STAGE_TEST(a_changed_body_does_not_open),
        STAGE_TEST(a_text_opens_only_where_it_belongs),
        STAGE_TEST(a_sheet_comes_back_and_every_cut_is_seen),
        STAGE_TEST(the_digest_at_arrival_is_sha_256),
        STAGE_TEST(keys_are_made_once_with_their_modes),
        STAGE_TEST(wrong_key_files_are_named),
        STAGE_TEST(what_is_sealed_to_the_review_key_opens_with_it_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
