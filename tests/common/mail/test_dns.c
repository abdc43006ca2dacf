/* The resolver over a source of the test's own: cache, merging, deadlines, limits, threads. */
#include "common/base/limits.h"
#include "common/mail/dns_source.h"
#include "common/mail/dns_zone.h"
#include "tests/common/mail/exact.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define ASKED_MOST 64

/* Keeps what is asked until the test answers it. */
struct held_source {
    struct dns_entry *asked[ASKED_MOST];
    size_t count;
};

static void hold_question(void *state, struct dns_entry *entry)
{
    struct held_source *held = state;
    held->asked[held->count++ % ASKED_MOST] = entry;
}

static void close_nothing(void *state)
{
    (void)state;
}

static const struct dns_source held_source = {hold_question, close_nothing};

static struct dns *open_zone(const char *text)
{
    struct dns *dns = NULL;
    struct error err = {0};
    struct slice zone = exact_text(text);
    if (dns_open_zone(zone, &dns, &err) != 0)
        fail_msg("%s", err.text);
    exact_free(zone);
    return dns;
}

static struct dns_answer look_up(struct dns *dns, const char *name, enum dns_type type,
                                 struct arena *arena)
{
    struct dns_answer answer;
    struct slice exact = exact_text(name);
    dns_lookup(dns, exact, type, deadline_in(1000), arena, &answer);
    exact_free(exact);
    return answer;
}

static void statuses_are_kept_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum dns_type type;
        enum dns_status status;
        size_t count;
    } rows[] = {
        {"a.test", DNS_A, DNS_FOUND, 2},
        {"A.Test.", DNS_A, DNS_FOUND, 2},
        {"a.test", DNS_AAAA, DNS_NO_DATA, 0},
        {"test", DNS_A, DNS_NO_DATA, 0},
        {"b.test", DNS_A, DNS_NO_NAME, 0},
        {"x.star.test", DNS_TXT, DNS_FOUND, 1},
        {"x.y.star.test", DNS_TXT, DNS_FOUND, 1},
        {"star.test", DNS_TXT, DNS_NO_DATA, 0},
        {"sick.test", DNS_A, DNS_TEMPORARY, 0},
        {"half.test", DNS_A, DNS_FOUND, 1},
        {"half.test", DNS_TXT, DNS_TEMPORARY, 0},
        {"alias.test", DNS_A, DNS_FOUND, 2},
        {"loop.test", DNS_A, DNS_TEMPORARY, 0},
        {"", DNS_A, DNS_BAD_NAME, 0},
        {".", DNS_A, DNS_BAD_NAME, 0},
        {"a..test", DNS_A, DNS_BAD_NAME, 0},
        {".a.test", DNS_A, DNS_BAD_NAME, 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test", DNS_A,
         DNS_BAD_NAME, 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test", DNS_A, DNS_NO_NAME,
         0},
    };
    struct dns *dns = open_zone("a.test A 192.0.2.1\na.test A 192.0.2.2\n"
                                "*.star.test TXT \"any\"\nsick.test SERVFAIL\n"
                                "half.test A 192.0.2.3\nhalf.test TIMEOUT TXT\n"
                                "alias.test CNAME a.test\nloop.test CNAME loop.test\n");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dns_answer answer = look_up(dns, rows[i].name, rows[i].type, arena);
        if (answer.status != rows[i].status || answer.count != rows[i].count)
            fail_msg("row %zu: status %d with %zu records", i, (int)answer.status, answer.count);
    }
    dns_close(dns);
}

static void mail_exchangers_come_by_preference(void **state)
{
    (void)state;
    struct dns *dns = open_zone("a.test MX 20 two.test\na.test MX 5 one.test\na.test MX 30 .\n");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct dns_answer answer = look_up(dns, "a.test", DNS_MX, arena);
    assert_int_equal(answer.count, 3);
    assert_slice_is(answer.records[0].text, "one.test");
    assert_slice_is(answer.records[1].text, "two.test");
    assert_slice_is(answer.records[2].text, "");
    dns_close(dns);
}

static void texts_are_joined_with_every_byte(void **state)
{
    (void)state;
    struct dns *dns = open_zone("a.test TXT \"one \" two \"\\\"3\\\\\\000\\255\"\n");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct dns_answer answer = look_up(dns, "a.test", DNS_TXT, arena);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.records[0].text.size, 12);
    assert_memory_equal(answer.records[0].text.data, "one two\"3\\\0\377", 12);
    dns_close(dns);
}

static void a_broken_zone_names_its_line(void **state)
{
    (void)state;
    static const char *const rows[] = {"a.test",
                                       "a.test A",
                                       "a.test A 192.0.2",
                                       "a.test AAAA 192.0.2.1",
                                       "a.test MX ten b",
                                       "a.test MX 70000 b",
                                       "a.test TXT \"open",
                                       "a.test WKS x",
                                       "a..test A 1.2.3.4",
                                       "$GENERATE 5-1 a$.test A 192.0.2.1",
                                       "$TTL soon",
                                       "a.test TIMEOUT WKS",
                                       "a.test TXT"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dns *dns = NULL;
        struct error err = {0};
        char text[200];
        snprintf(text, sizeof text, "# comment\n%s\n", rows[i]);
        struct slice zone = exact_text(text);
        assert_int_equal(dns_open_zone(zone, &dns, &err), -1);
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_string_equal(err.text, "zone line 2: not understood");
        exact_free(zone);
    }
}

static void an_answer_is_asked_for_once(void **state)
{
    (void)state;
    struct dns *dns = open_zone("a.test A 192.0.2.1\nsick.test SERVFAIL\n");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    static const char *const names[] = {"a.test", "nothing.test", "sick.test"};
    struct dns_counts counts;
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < 3; i++)
            look_up(dns, names[i], DNS_A, arena);
    dns_count(dns, &counts);
    assert_int_equal(counts.lookups, 9);
    assert_int_equal(counts.queries_sent, 3);
    assert_int_equal(counts.cache_hits, 6);
    assert_int_equal(counts.temporary, 3);
    dns_close(dns);
}

static void an_answer_is_forgotten_when_its_time_is_over(void **state)
{
    (void)state;
    struct dns *dns = open_zone("$TTL 0\na.test A 192.0.2.1\n");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct dns_counts counts;
    look_up(dns, "a.test", DNS_A, arena);
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 50000000}, NULL);
    assert_int_equal(look_up(dns, "a.test", DNS_A, arena).status, DNS_FOUND);
    dns_count(dns, &counts);
    assert_int_equal(counts.queries_sent, 2);
    dns_close(dns);
}

struct asker {
    pthread_t thread;
    struct dns *dns;
    struct dns_answer answer;
    struct arena *arena;
    int64_t wait_milliseconds;
};

static void *ask(void *context)
{
    struct asker *asker = context;
    dns_lookup(asker->dns, slice_of("slow.test"), DNS_TXT, deadline_in(asker->wait_milliseconds),
               asker->arena, &asker->answer);
    return NULL;
}

static void equal_questions_wait_for_one_answer(void **state)
{
    (void)state;
    struct held_source held = {.count = 0};
    struct dns *dns = dns_new();
    dns_set_source(dns, &held_source, &held);
    struct asker askers[8];
    for (size_t i = 0; i < 8; i++) {
        askers[i] =
            (struct asker){.dns = dns, .arena = arena_new(1 * MIB), .wait_milliseconds = 10000};
        pthread_create(&askers[i].thread, NULL, ask, &askers[i]);
    }
    struct dns_counts counts = {0};
    while (counts.lookups < 8) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        dns_count(dns, &counts);
    }
    struct dns_record record = {.text = SLICE_LITERAL("the text")};
    dns_lock(dns);
    assert_int_equal(held.count, 1);
    dns_settle(dns, held.asked[0], DNS_FOUND, &record, 1, 60);
    dns_unlock(dns);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].answer.status, DNS_FOUND);
        assert_slice_is(askers[i].answer.records[0].text, "the text");
        arena_free(askers[i].arena);
    }
    dns_close(dns);
}

static void nobody_waits_beyond_the_deadline(void **state)
{
    (void)state;
    struct held_source held = {.count = 0};
    struct dns *dns = dns_new();
    dns_set_source(dns, &held_source, &held);
    struct asker asker = {.dns = dns, .arena = arena_new(1 * MIB), .wait_milliseconds = 50};
    int64_t begin = clock_monotonic_milliseconds();
    ask(&asker);
    int64_t took = clock_monotonic_milliseconds() - begin;
    assert_int_equal(asker.answer.status, DNS_TEMPORARY);
    assert_true(took >= 49 && took < 1000);
    asker.wait_milliseconds = 0; /* and does not ask again */
    ask(&asker);
    assert_int_equal(asker.answer.status, DNS_TEMPORARY);
    assert_int_equal(held.count, 1);
    dns_lock(dns);
    dns_settle(dns, held.asked[0], DNS_NO_NAME, NULL, 0, 60);
    dns_unlock(dns);
    ask(&asker); /* what came late is known, even without time left */
    assert_int_equal(asker.answer.status, DNS_NO_NAME);
    arena_free(asker.arena);
    dns_close(dns);
}

static void the_cache_has_an_end(void **state)
{
    (void)state;
    struct dns *dns = open_zone("*.test TXT \"a text of some length, so that bytes count too\"\n");
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct dns_counts counts;
    char name[64];
    size_t many = LIMIT_DNS_CACHE_ENTRIES + 100;
    for (size_t i = 0; i < many; i++) {
        snprintf(name, sizeof name, "n%zu.test", i);
        assert_int_equal(look_up(dns, name, DNS_TXT, arena).status, DNS_FOUND);
        arena_reset(arena);
    }
    look_up(dns, name, DNS_TXT, arena);      /* the newest is still known */
    look_up(dns, "n0.test", DNS_TXT, arena); /* the oldest is not */
    dns_count(dns, &counts);
    assert_int_equal(counts.cache_hits, 1);
    assert_int_equal(counts.queries_sent, many + 1);
    dns_close(dns);
}

static void too_many_open_questions_are_trouble(void **state)
{
    (void)state;
    struct held_source held = {.count = 0};
    struct dns *dns = dns_new();
    dns_set_source(dns, &held_source, &held);
    ARENA_CLEANUP *arena = arena_new(1 * MIB);
    struct dns_answer answer;
    char name[64];
    for (size_t i = 0; i < LIMIT_DNS_PENDING + 10; i++) {
        snprintf(name, sizeof name, "n%zu.test", i);
        dns_lookup(dns, slice_of(name), DNS_A, deadline_in(1), arena, &answer);
        assert_int_equal(answer.status, DNS_TEMPORARY);
    }
    assert_int_equal(held.count, LIMIT_DNS_PENDING);
    dns_close(dns);
}

static void no_room_in_the_arena_is_trouble(void **state)
{
    (void)state;
    struct dns *dns = open_zone("$GENERATE 1-200 a.test TXT \"number $ of many long texts\"\n");
    ARENA_CLEANUP *arena = arena_new(1024);
    assert_int_equal(look_up(dns, "a.test", DNS_TXT, arena).status, DNS_TEMPORARY);
    dns_close(dns);
}

static void servers_are_named_as_the_manual_says(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int is_good;
    } rows[] = {{"", 1},
                {"192.0.2.1", 1},
                {"127.0.0.1:5353", 1},
                {"::1", 1},
                {"[::1]:5353", 1},
                {"[::1]", 1},
                {"192.0.2.1, [2001:db8::1]:53", 1},
                {"1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8", 1},
                {"1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6,7.7.7.7,8.8.8.8,9.9.9.9", 0},
                {"localhost", 0},
                {"192.0.2.1:", 0},
                {"192.0.2.1:0", 0},
                {"192.0.2.1:65536", 0},
                {"192.0.2.1:53x", 0},
                {"[::1", 0},
                {"[::1]53", 0},
                {"[192.0.2.1", 0},
                {"192.0.2.1,,192.0.2.2", 0},
                {"192.0.2.1 192.0.2.2", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settings settings;
        struct dns *dns = NULL;
        struct error err = {0};
        settings_set_defaults(&settings);
        snprintf(settings.dns_server, sizeof settings.dns_server, "%s", rows[i].text);
        int status = dns_open(&settings, &dns, &err);
        if ((status == 0) != rows[i].is_good)
            fail_msg("\"%s\": %d %s", rows[i].text, status, err.text);
        assert_true(status == 0 || err.kind == ERROR_INPUT);
        dns_close(dns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_kept_apart),
        cmocka_unit_test(mail_exchangers_come_by_preference),
        cmocka_unit_test(texts_are_joined_with_every_byte),
        cmocka_unit_test(a_broken_zone_names_its_line),
        cmocka_unit_test(an_answer_is_asked_for_once),
        cmocka_unit_test(an_answer_is_forgotten_when_its_time_is_over),
        cmocka_unit_test(equal_questions_wait_for_one_answer),
        cmocka_unit_test(nobody_waits_beyond_the_deadline),
        cmocka_unit_test(the_cache_has_an_end),
        cmocka_unit_test(too_many_open_questions_are_trouble),
        cmocka_unit_test(no_room_in_the_arena_is_trouble),
        cmocka_unit_test(servers_are_named_as_the_manual_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
