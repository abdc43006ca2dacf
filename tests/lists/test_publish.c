/*
 * A full disk and a sudden end at every step of publishing: whoever looks at the web space then
 * finds the number before or the new one, whole and signed, and the next publication goes on.
 */
#include "common/base/files.h"
#include "lists/publish/publish.h"
#include "tests/lists/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum fault { FAULT_FULL, FAULT_KILL };

static struct {
    int steps, fails_at; /* 0: never */
    enum fault fault;
} disk;

static bool disk_fails(void)
{
    disk.steps++;
    if (disk.fails_at == 0 || disk.steps < disk.fails_at)
        return false;
    if (disk.fault == FAULT_KILL)
        _exit(3);
    errno = ENOSPC;
    return true; /* and stays full */
}

/* In place of the C library's: what file_write() ends with. Processes end here, not machines, so
 * nothing needs to reach the disk. */
int rename(const char *from, const char *to)
{
    return disk_fails() ? -1 : (int)syscall(SYS_rename, from, to);
}

int fsync(int fd)
{
    (void)fd;
    return disk_fails() ? -1 : 0;
}

struct press {
    char folder[64], web[PATH_MAX], list[PATH_MAX];
    struct settings settings;
    struct minisign_public pinned;
};

static const char text[] = "%zaguan-list 1\n%name amenazas\n%list-id b7f3c0a9d2e14f60\n\n@end 0\n";

static void write_list(const struct press *press, const char *entry)
{
    BUFFER_CLEANUP content = buffer_new(MIB);
    BUFFER_CLEANUP old = buffer_new(MIB);
    struct error err = {0};
    if (entry == NULL) {
        assert_int_equal(file_write(press->list, slice_of(text), 0644, &err), 0);
        return;
    }
    assert_int_equal(file_read(press->list, &old, &err), 0);
    size_t end = slice_find(buffer_slice(&old), SLICE_LITERAL("@end"));
    buffer_append(&content, slice_part(buffer_slice(&old), 0, end));
    buffer_printf(&content,
                  "+ domain %s.example\n  id %s  cat mail-bomb  added 2026-11-20  expires "
                  "2027-01-01  basis own\n@end %c\n",
                  entry, entry, entry[7]);
    assert_int_equal(file_write(press->list, buffer_slice(&content), 0644, &err), 0);
}

static void join(char path[PATH_MAX], const char *folder, const char *name)
{
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
}

static int open_press(void **state)
{
    struct press *press = calloc(1, sizeof *press);
    char path[PATH_MAX];
    struct error err = {0};
    assert_non_null(press);
    strcpy(press->folder, "/tmp/zaguan-publish-XXXXXX");
    assert_non_null(mkdtemp(press->folder));
    settings_set_defaults(&press->settings);
    snprintf(press->settings.key_folder, SETTINGS_PATH_BYTES, "%s/keys", press->folder);
    join(press->web, press->folder, "web");
    join(press->list, press->folder, "amenazas.zl");
    join(path, press->folder, "keys");
    assert_int_equal(mkdir(path, 0755), 0);
    PUBLISHER_CLEANUP publisher;
    const struct publisher_wish wish = {.name = "kefir.example", .is_bare = true, .now = NOW};
    if (publisher_make(&press->settings, &wish, NULL, &publisher, &err) != 0)
        fail_msg("%s", err.text);
    press->pinned = publisher.root.keys[0].public;
    write_list(press, NULL);
    *state = press;
    return 0;
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int close_press(void **state)
{
    struct press *press = *state;
    nftw(press->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(press);
    return 0;
}

/* As `zaguan list publish` does it; -1 when it did not end well. */
static int publish(const struct press *press)
{
    ARENA_CLEANUP *arena = arena_new(16 * MIB);
    PUBLISHER_CLEANUP publisher = {.ask = NULL};
    const struct directory directory = {.settings = &press->settings};
    const struct publish_wish wish = {.folder = press->web,
                                      .now = NOW,
                                      .fresh_days = 90,
                                      .directory = &directory,
                                      .scope = "Threats.",
                                      .appeals = "a@kefir.example"};
    struct publish_list row = {.path = press->list};
    struct head *head;
    struct error err = {0};
    if (publisher_read(&press->settings, NULL, &publisher, &err) != 0 ||
        publish_check(&publisher, &wish, &row, arena, &err) != 0 || row.findings.error_count > 0)
        return -1;
    return publish_run(&publisher, &wish, &press->settings, &row, 1, NULL, 0, arena, &head, &err);
}

static void read_file(const char *folder, const char *name, struct buffer *into)
{
    char path[PATH_MAX];
    struct error err = {0};
    join(path, folder, name);
    if (file_read(path, into, &err) != 0)
        fail_msg("%s", err.text);
}

/* What a partner would find: the number of the list in the head; 0 there is no head yet. */
static int64_t look(const struct press *press)
{
    ARENA_CLEANUP *arena = arena_new(16 * MIB);
    char path[PATH_MAX], name[HEAD_FILE_BYTES], signature_name[HEAD_FILE_BYTES + 16];
    char comment[LIST_COMMENT_BYTES];
    struct error err = {0};
    struct root pinned, root;
    struct head *head;
    join(path, press->web, "head.zh");
    if (access(path, F_OK) != 0)
        return 0;
    BUFFER_CLEANUP content = buffer_new(LIMIT_LIST_BYTES), sum = buffer_new(LIMIT_MINISIG_BYTES);
    root_from_pinned("kefir.example", &press->pinned, 1, &pinned);
    read_file(press->web, "root.zr", &content);
    read_file(press->web, "root.zr.minisig", &sum);
    if (root_accept(&pinned, buffer_slice(&content), buffer_slice(&sum), NOW, &root, &err) != 0)
        fail_msg("%s", err.text);
    buffer_clear(&content);
    buffer_clear(&sum);
    read_file(press->web, "head.zh", &content);
    read_file(press->web, "head.zh.minisig", &sum);
    if (head_accept(&root, buffer_slice(&content), buffer_slice(&sum), NOW, arena, &head, &err) !=
        0)
        fail_msg("%s", err.text);
    assert_int_equal(head->list_count, 1);
    const struct head_list *list = &head->lists[0];
    unsigned char hash[RECORD_HASH_BYTES];
    buffer_clear(&content);
    buffer_clear(&sum);
    head_write_list_file(list, name);
    snprintf(signature_name, sizeof signature_name, "%s.minisig", name);
    read_file(press->web, name, &content);
    read_file(press->web, signature_name, &sum);
    record_make_hash(buffer_slice(&content), hash);
    assert_int_equal(content.size, list->size_bytes);
    assert_memory_equal(hash, list->hash, sizeof hash);
    snprintf(comment, sizeof comment, "zaguan-list 1 b7f3c0a9d2e14f60 %lld 2026-11-24T00:00:00Z",
             (long long)list->sequence);
    if (root_verify(&root, ROOT_ROLE_LIST, buffer_slice(&content), buffer_slice(&sum), comment,
                    name, &err) != 0)
        fail_msg("%s", err.text);
    return list->sequence;
}

/* In a process of its own; its exit status. */
static int publish_with_fault(const struct press *press, enum fault fault, int fails_at)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        disk.steps = 0;
        disk.fails_at = fails_at;
        disk.fault = fault;
        _exit(publish(press) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void at_every_step(void **state, enum fault fault)
{
    int failures = 0;
    for (int step = 1; step < 200; step++) {
        assert_int_equal(open_press(state), 0);
        const struct press *press = *state;
        write_list(press, "aaaa0001");
        assert_int_equal(publish(press), 0);
        assert_int_equal(look(press), 1);
        write_list(press, "aaaa0002");
        int status = publish_with_fault(press, fault, step);
        int64_t number = look(press);
        if (number != 1 && number != 2)
            fail_msg("step %d: number %lld", step, (long long)number);
        if (status == 0)
            assert_int_equal(number, 2);
        failures += status != 0;
        /* The disk has room again: what was begun does not stand in the way. */
        assert_int_equal(publish(press), 0);
        assert_true(look(press) >= 2);
        close_press(state);
        if (status == 0)
            break;
    }
    *state = NULL;
    assert_true(failures > 10);
}

static void a_full_disk_leaves_what_partners_see_whole(void **state)
{
    at_every_step(state, FAULT_FULL);
}

static void a_sudden_end_leaves_what_partners_see_whole(void **state)
{
    at_every_step(state, FAULT_KILL);
}

/* Before anything was published there is no head that names what is not there. */
static void the_first_publication_shows_itself_last(void **state)
{
    for (int step = 1; step < 200; step++) {
        assert_int_equal(open_press(state), 0);
        const struct press *press = *state;
        write_list(press, "aaaa0001");
        int status = publish_with_fault(press, FAULT_KILL, step);
        int64_t number = look(press);
        assert_true(number == 0 || number == 1);
        close_press(state);
        if (status == 0)
            break;
    }
    *state = NULL;
}

static void what_a_sudden_end_left_is_swept(void **state)
{
    const struct press *press = *state;
    static const struct {
        const char *name;
        bool is_old, stays;
    } rows[] = {{"head.zh.tmp-1", true, false},      {"root.zr.minisig.tmp-1", true, false},
                {"lists/x.1.zl.tmp-1", true, false}, {"lists/y.1.zl.tmp-1", false, true},
                {"somebody.html.tmp-1", true, true}, {"lists/z.1.zl", true, true}};
    struct timespec old[2] = {{.tv_sec = NOW - 7200}, {.tv_sec = NOW - 7200}};
    struct timespec young[2] = {{.tv_sec = NOW - 60}, {.tv_sec = NOW - 60}};
    char path[PATH_MAX];
    struct error err = {0};
    write_list(press, "aaaa0001");
    assert_int_equal(publish(press), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        join(path, press->web, rows[i].name);
        assert_int_equal(file_write(path, SLICE_LITERAL("x"), 0644, &err), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, rows[i].is_old ? old : young, 0), 0);
    }
    assert_int_equal(publish(press), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        join(path, press->web, rows[i].name);
        if ((access(path, F_OK) == 0) != rows[i].stays)
            fail_msg("%s", rows[i].name);
    }
}

static void what_did_not_change_is_not_written_again(void **state)
{
    const struct press *press = *state;
    struct stat before, after;
    char path[PATH_MAX];
    write_list(press, "aaaa0001");
    assert_int_equal(publish(press), 0);
    join(path, press->web, "root.zr");
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(publish(press), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(look(press), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_leaves_what_partners_see_whole),
        cmocka_unit_test(a_sudden_end_leaves_what_partners_see_whole),
        cmocka_unit_test(the_first_publication_shows_itself_last),
        cmocka_unit_test_setup_teardown(what_a_sudden_end_left_is_swept, open_press, close_press),
        cmocka_unit_test_setup_teardown(what_did_not_change_is_not_written_again, open_press,
                                        close_press),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
