/*
 * Nothing lost, nothing twice: holds on a disk that fails at every place, loses its power, is full
 * or read-only, and in a process that is killed. `test_hold_faults long` tries every place and 200
 * kills; without it fewer.
 */
#include "tests/fault/faulty_disk.h"

#include "quarantine/find.h"
#include "quarantine/hold.h"
#include "tests/quarantine/stage.h"
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static bool is_long;

/* Mail number k; its size differs, so that pages, pieces and chunks end in different places. */
static size_t write_mail(int number, char *mail, size_t room)
{
    size_t size = 40 + (room / 2 + (size_t)number * 7919) % (room - 40);
    memset(mail, 'a' + number % 26, size);
    int head = snprintf(mail, room, "Subject: number %08d\r\n\r\n", number);
    mail[head] = 'x';
    return size;
}

/* Every item opens, is the mail it says it is, and no mail is there twice. Marks the numbers. */
static void check_all(bool *seen, int most, size_t room)
{
    struct store_item *items;
    char *mail = malloc(room);
    size_t count = stage_items(0, &items);
    memset(seen, 0, (size_t)most * sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        BUFFER_CLEANUP bytes = buffer_new(room);
        int number = -1;
        assert_int_equal(find_message(stage.store, &stage.keys, items[i].message_id, &bytes, &err),
                         0);
        assert_int_equal(sscanf(bytes.data, "Subject: number %d", &number), 1);
        assert_in_range(number, 0, most - 1);
        assert_false(seen[number]);
        seen[number] = true;
        assert_int_equal(bytes.size, write_mail(number, mail, room));
        assert_memory_equal(bytes.data, mail, bytes.size);
    }
    free(mail);
}

static int hold_number(struct hold_desk *desk, int number, size_t room)
{
    char *mail = malloc(room);
    size_t size = write_mail(number, mail, room);
    int failed = stage_hold(desk, slice_new(mail, size), "", stage.ana, HOLD_FOR_MEMBER);
    free(mail);
    return failed;
}

/* The n-th operation of a hold fails: the hold says so and nothing of it is there, or it succeeds
 * and is there. Afterwards the database works. True when the fault was reached. */
static bool try_fault(enum fault fault, long fails_at, bool stays, size_t room)
{
    struct hold_desk *desk;
    bool seen[3];
    assert_int_equal(stage_open(NULL), 0);
    assert_int_equal(hold_open(&stage.settings, &stage.keys, &desk, &err), 0);
    assert_int_equal(hold_number(desk, 0, room), 0);
    disk_arm(fault, fails_at, stays);
    int failed = hold_number(desk, 1, room);
    bool was_reached = disk.has_failed;
    disk_mend();
    if (failed != 0)
        assert_int_equal(err.kind, ERROR_SYSTEM);
    else if (stays)
        assert_false(was_reached && disk.operations < 3);
    check_all(seen, 3, room);
    assert_true(seen[0]);
    assert_int_equal(seen[1], failed == 0);
    assert_int_equal(hold_number(desk, 2, room), 0);
    check_all(seen, 3, room);
    assert_true(seen[0] && seen[2]);
    assert_int_equal(seen[1], failed == 0);
    /* As after a restart. */
    hold_close(desk);
    store_close(stage.store);
    assert_int_equal(store_open(stage.settings.database, &stage.store, &err), 0);
    check_all(seen, 3, room);
    assert_true(seen[0] && seen[2]);
    assert_int_equal(seen[1], failed == 0);
    assert_int_equal(store_check(stage.store, &err), 0);
    assert_int_equal(stage_close(NULL), 0);
    return was_reached;
}

static void every_failing_write_is_said_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        enum fault fault;
        bool stays;
        size_t room;
        long step; /* of the short version */
    } rows[] = {
        {FAULT_FULL, false, 9000, 1},       {FAULT_FULL, true, 9000, 1},
        {FAULT_IO_ERROR, false, 9000, 1},   {FAULT_IO_ERROR, true, 9000, 1},
        {FAULT_TORN_WRITE, false, 9000, 1}, {FAULT_TORN_WRITE, false, 6000000, 331},
        {FAULT_FULL, true, 6000000, 389},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        long step = is_long ? (rows[i].step + 9) / 10 : rows[i].step, places = 0;
        for (long n = 1; try_fault(rows[i].fault, n, rows[i].stays, rows[i].room); n += step)
            places++;
        assert_true(places > 2);
    }
}

/* In a child: holds until the power goes; what was promised is written to `promises`. */
static void hold_until_dark(int promises, long fails_at)
{
    struct hold_desk *desk;
    if (hold_open(&stage.settings, &stage.keys, &desk, &err) != 0)
        _exit(1);
    disk_arm(FAULT_POWER_CUT, fails_at, false);
    for (int number = 0; number < 400; number++)
        if (hold_number(desk, number, 30000) == 0 &&
            write(promises, &number, sizeof number) != sizeof number)
            _exit(1);
    _exit(0);
}

static int read_promises(int fd, bool *promised, int most)
{
    int number, count = 0;
    memset(promised, 0, (size_t)most * sizeof *promised);
    while (read(fd, &number, sizeof number) == sizeof number) {
        promised[number] = true;
        count++;
    }
    return count;
}

static pid_t start_child(int promises[2])
{
    /* The child opens the database by itself: locks do not survive a fork. */
    store_close(stage.store);
    stage.store = NULL;
    assert_int_equal(pipe(promises), 0);
    return fork();
}

static void check_promises(const bool *promised, int most, size_t room)
{
    bool *seen = calloc((size_t)most, sizeof *seen);
    struct hold_desk *desk;
    struct store_item *items;
    assert_int_equal(store_open(stage.settings.database, &stage.store, &err), 0);
    assert_int_equal(store_check(stage.store, &err), 0);
    check_all(seen, most, room);
    size_t count = stage_items(0, &items);
    assert_int_equal(hold_open(&stage.settings, &stage.keys, &desk, &err), 0);
    for (int i = 0; i < most; i++) {
        if (promised[i])
            assert_true(seen[i]);
        /* A retry of one that is there, promised or not, holds nothing twice. */
        if (seen[i] && (i % 16 == 0 || !promised[i]))
            assert_int_equal(hold_number(desk, i, room), 0);
    }
    hold_close(desk);
    assert_int_equal(stage_items(0, &items), count);
    free(seen);
}

static void what_was_promised_survives_a_power_cut(void **state)
{
    (void)state;
    long step = is_long ? 13 : 211;
    for (long n = 1; n < 2500; n += step) {
        int promises[2];
        bool promised[400];
        assert_int_equal(stage_open(NULL), 0);
        pid_t child = start_child(promises);
        if (child == 0)
            hold_until_dark(promises[1], n);
        close(promises[1]);
        read_promises(promises[0], promised, 400);
        close(promises[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        check_promises(promised, 400, 30000);
        assert_int_equal(stage_close(NULL), 0);
    }
}

enum { KILL_THREADS = 4, KILL_MAILS = 20000, KILL_ROOM = 5000 };

struct crowd {
    struct hold_desk *desk;
    int first, promises;
};

static void *hold_in_crowd(void *context)
{
    struct crowd *crowd = context;
    char mail[KILL_ROOM];
    for (int number = crowd->first; number < KILL_MAILS; number += KILL_THREADS) {
        struct error local;
        struct item_sheet sheet = stage_sheet();
        struct hold_copy copy = stage_copy(stage.ana, "ana@example.org");
        struct slice bytes = {mail, write_mail(number, mail, sizeof mail)};
        struct hold_request request = {bytes, &sheet, &copy, 1, STAGE_NOW};
        sheet.envelope_sender = slice_of("");
        if (hold_message(crowd->desk, &request, &local) == 0 &&
            write(crowd->promises, &number, sizeof number) != sizeof number)
            _exit(1);
    }
    return NULL;
}

static void hold_until_killed(int promises)
{
    pthread_t threads[KILL_THREADS];
    struct crowd crowds[KILL_THREADS];
    struct hold_desk *desk;
    if (hold_open(&stage.settings, &stage.keys, &desk, &err) != 0)
        _exit(1);
    for (int i = 0; i < KILL_THREADS; i++) {
        crowds[i] = (struct crowd){desk, i, promises};
        pthread_create(&threads[i], NULL, hold_in_crowd, &crowds[i]);
    }
    for (int i = 0; i < KILL_THREADS; i++)
        pthread_join(threads[i], NULL);
    _exit(0);
}

/* Killed at random points; the next life goes on with the same database. */
static void what_was_promised_survives_kill_9(void **state)
{
    (void)state;
    static bool promised[KILL_MAILS];
    int kills = is_long ? 200 : 8, total = 0;
    srand(20261123);
    for (int i = 0; i < kills; i++) {
        int promises[2];
        if (i % 8 == 0)
            assert_int_equal(stage_open(NULL), 0);
        pid_t child = start_child(promises);
        if (child == 0)
            hold_until_killed(promises[1]);
        close(promises[1]);
        usleep((useconds_t)(rand() % 60000) + 2000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        total += read_promises(promises[0], promised, KILL_MAILS);
        close(promises[0]);
        check_promises(promised, KILL_MAILS, KILL_ROOM);
        if (i % 8 == 7 || i == kills - 1)
            assert_int_equal(stage_close(NULL), 0);
        else
            arena_reset(stage.arena);
    }
    assert_true(total > kills);
}

/* The disk as the system tells it: no file may grow (as a full one), then it may again. */
static void a_full_disk_refuses_and_works_again(void **state)
{
    (void)state;
    struct hold_desk *desk;
    struct rlimit before;
    struct store_item *items;
    assert_int_equal(stage_open(NULL), 0);
    assert_int_equal(hold_open(&stage.settings, &stage.keys, &desk, &err), 0);
    assert_int_equal(hold_number(desk, 0, 1000), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {.rlim_cur = 300000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int failed = hold_number(desk, 1, 1000000);
    struct error said = err;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(failed, -1);
    assert_int_equal(said.kind, ERROR_SYSTEM);
    assert_int_equal(stage_items(0, &items), 1);
    assert_int_equal(hold_number(desk, 1, 1000000), 0);
    assert_int_equal(stage_items(0, &items), 2);
    hold_close(desk);
    assert_int_equal(stage_close(NULL), 0);
}

int main(int argc, char **argv)
{
    is_long = argc > 1 && strcmp(argv[1], "long") == 0;
    disk_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failing_write_is_said_and_leaves_nothing),
        cmocka_unit_test(what_was_promised_survives_a_power_cut),
        cmocka_unit_test(what_was_promised_survives_kill_9),
        cmocka_unit_test(a_full_disk_refuses_and_works_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
