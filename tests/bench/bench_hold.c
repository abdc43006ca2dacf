/*
 * bench_hold: durable holds a second, one by one and from 32 threads, beside the floor: an SQLite
 * row of the same size inserted and committed (WAL, synchronous=FULL) on the same disk in the same
 * run. usage: bench_hold [SECONDS] [FOLDER]
 */
#include "common/base/clock.h"
#include "common/base/limits.h"
#include "common/store/store_member.h"
#include "quarantine/hold.h"

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAIL_BYTES ((size_t)25 * 1024)
#define MOST_THREADS 32
#define GROUP 32

static struct {
    struct settings settings;
    struct keys keys;
    struct hold_desk *desk;
    int64_t member_id;
    struct deadline end;
    atomic_long held;
    atomic_int number;
} bench;

static void fail(const char *what, const struct error *err)
{
    fprintf(stderr, "bench_hold: %s: %s\n", what, err->text);
    exit(1);
}

static void *hold_for_a_while(void *unused)
{
    (void)unused;
    char *mail = malloc(MAIL_BYTES);
    memset(mail, 'x', MAIL_BYTES);
    while (!deadline_has_passed(bench.end)) {
        struct error err = {0};
        /* Every mail is another one, or it would only count an arrival. */
        int head =
            snprintf(mail, MAIL_BYTES, "Subject: %d\r\n\r\n", atomic_fetch_add(&bench.number, 1));
        mail[head] = 'x';
        struct item_sheet sheet = {.subject = slice_of("bench")};
        struct hold_copy copy = {.member_id = bench.member_id,
                                 .recipient = slice_of("member@example.org"),
                                 .category = slice_of("threat"),
                                 .expires_at = clock_now() + 1000};
        struct hold_request request = {slice_new(mail, MAIL_BYTES), &sheet, &copy, 1, clock_now()};
        if (hold_message(bench.desk, &request, &err) != 0)
            fail("hold", &err);
        atomic_fetch_add(&bench.held, 1);
    }
    free(mail);
    return NULL;
}

static double holds_per_second(int threads, int seconds)
{
    pthread_t crowd[MOST_THREADS];
    bench.held = 0;
    bench.end = deadline_in(seconds * 1000);
    int64_t started = clock_monotonic_microseconds();
    for (int i = 0; i < threads; i++)
        pthread_create(&crowd[i], NULL, hold_for_a_while, NULL);
    for (int i = 0; i < threads; i++)
        pthread_join(crowd[i], NULL);
    return (double)bench.held * 1e6 / (double)(clock_monotonic_microseconds() - started);
}

/* The floor: `group` rows a commit. */
static double rows_per_second(const char *folder, int group, int seconds)
{
    char path[600];
    sqlite3 *database;
    sqlite3_stmt *insert;
    char *row = malloc(MAIL_BYTES);
    long rows = 0;
    memset(row, 'x', MAIL_BYTES);
    snprintf(path, sizeof path, "%s/floor-%d.db", folder, group);
    sqlite3_open(path, &database);
    sqlite3_exec(database,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                 "CREATE TABLE floor(id INTEGER PRIMARY KEY, body BLOB) STRICT;",
                 NULL, NULL, NULL);
    sqlite3_prepare_v2(database, "INSERT INTO floor(body) VALUES(?)", -1, &insert, NULL);
    struct deadline end = deadline_in(seconds * 1000);
    int64_t started = clock_monotonic_microseconds();
    while (!deadline_has_passed(end)) {
        sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (int i = 0; i < group; i++) {
            sqlite3_bind_blob(insert, 1, row, (int)MAIL_BYTES, SQLITE_STATIC);
            if (sqlite3_step(insert) != SQLITE_DONE)
                exit(1);
            sqlite3_reset(insert);
        }
        if (sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            exit(1);
        rows += group;
    }
    double rate = (double)rows * 1e6 / (double)(clock_monotonic_microseconds() - started);
    sqlite3_finalize(insert);
    sqlite3_close(database);
    free(row);
    return rate;
}

static void open_bench(const char *folder)
{
    struct error err = {0};
    struct store *store;
    settings_set_defaults(&bench.settings);
    snprintf(bench.settings.database, sizeof bench.settings.database, "%s/z.db", folder);
    snprintf(bench.settings.key_folder, sizeof bench.settings.key_folder, "%s/keys", folder);
    if (keys_make(&bench.settings, &err) != 0 ||
        keys_read(&bench.settings, KEYS_PUBLIC, &bench.keys, &err) != 0 ||
        store_open(bench.settings.database, &store, &err) != 0)
        fail("open", &err);
    struct store_member member = {.address = slice_of("member@example.org"),
                                  .state = STORE_MEMBER_ON};
    if (store_member_put(store, &member, &err) != 0 ||
        hold_open(&bench.settings, &bench.keys, &bench.desk, &err) != 0)
        fail("open", &err);
    bench.member_id = member.id;
    store_close(store);
}

int main(int argc, char **argv)
{
    int seconds = argc > 1 ? atoi(argv[1]) : 3;
    char folder[512];
    snprintf(folder, sizeof folder, "%s/zaguan-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    if (seconds < 1 || sodium_init() < 0 || mkdtemp(folder) == NULL)
        return 64;
    open_bench(folder);
    static const int threads[] = {1, MOST_THREADS};
    puts("| durable holds of 25 KB | holds/s | SQLite rows/s beside | ratio |\n|---|---|---|---|");
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        double floor = rows_per_second(folder, threads[i] == 1 ? 1 : GROUP, seconds);
        double holds = holds_per_second(threads[i], seconds);
        printf("| %d thread%s | %.0f | %.0f | %.2f |\n", threads[i], threads[i] == 1 ? "" : "s",
               holds, floor, holds / floor);
    }
    hold_close(bench.desk);
    char command[600];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}
