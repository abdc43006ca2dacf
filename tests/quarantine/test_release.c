#include "quarantine/release.h"

#include "common/store/store_log.h"
#include "tests/common/mail/listener.h"
#include "tests/quarantine/stage.h"
#include <signal.h>
#include <sys/resource.h>

static int setup(void **state)
{
    if (stage_open(state) != 0 || listener_open() != 0)
        return -1;
    snprintf(stage.settings.release_server, sizeof stage.settings.release_server, "%s",
             listener.server);
    return 0;
}

static int teardown(void **state)
{
    listener_close();
    return stage_close(state);
}

static enum store_item_state state_of(int64_t item_id)
{
    struct store_item item;
    assert_int_equal(store_item_get(stage.store, item_id, stage.arena, &item, &err), 1);
    return item.state;
}

static struct release_counts run(int64_t now)
{
    struct release_counts counts;
    assert_int_equal(release_run(stage.store, &stage.keys, &stage.settings, now, &counts, &err), 0);
    return counts;
}

static void ask(int64_t item_id, int wanted)
{
    enum store_item_state state;
    assert_int_equal(release_request(stage.store, item_id, STAGE_NOW, &state, &err), wanted);
}

static const char arrival[] = "Authentication-Results: mx.example.org;\r\n\tspf=pass\r\n"
                              "Received: from mail.example.net (mail.example.net [192.0.2.7])\r\n"
                              "\tby mx.example.org (zaguan) with ESMTP id 4ABC123\r\n"
                              "\tfor <ana+tag@example.org>;\r\n"
                              "\tFri, 15 Jan 2027 08:00:00 +0000\r\n";

static void assert_sent(const char *tag)
{
    char wanted[2000];
    int size = snprintf(wanted, sizeof wanted, "%s%s%s", tag, arrival, stage_mail);
    assert_int_equal(listener.size, size);
    assert_memory_equal(listener.message, wanted, (size_t)size);
}

static void what_was_asked_for_is_sent_once_with_its_bytes_and_envelope(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(run(STAGE_NOW).sent, 0);
    ask(id, 1);
    ask(id, 0);
    assert_int_equal(run(STAGE_NOW).sent, 1);
    assert_sent("");
    assert_int_equal(strncmp(listener.mail_line, "MAIL FROM:<x@example.net>", 25), 0);
    assert_string_equal(listener.rcpt_line, "RCPT TO:<ana+tag@example.org>");
    assert_int_equal(state_of(id), STORE_ITEM_RELEASED);
    ask(id, 0);
    assert_int_equal(run(STAGE_NOW + 100000).sent, 0);
    assert_int_equal(listener.accepted, 1);
}

static void a_split_copy_goes_at_once_with_its_field_on_top(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_SPLIT_TAG);
    assert_int_equal(run(STAGE_NOW).sent, 1);
    assert_sent("X-Zaguan: tag; threat;\r\n\tes; e1\r\n");
    assert_int_equal(state_of(id), STORE_ITEM_RELEASED);
}

static void a_copy_delivered_at_expiry_is_tagged_with_its_reason(void **state)
{
    (void)state;
    int64_t id = stage_item(HOLD_FOR_MEMBER);
    assert_int_equal(store_item_deliver_tagged(stage.store, id, STAGE_NOW, &err), 1);
    assert_int_equal(run(STAGE_NOW).sent, 1);
    assert_sent("X-Zaguan: tag; threat; es; e1\r\n");
}

static void a_temporary_answer_is_tried_again_later_and_ever_later(void **state)
{
    (void)state;
    static const int64_t waits[] = {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600};
    int64_t now = STAGE_NOW, id = stage_item(HOLD_FOR_MEMBER);
    listener.script = (struct listener_script){.end = "451 4.3.0 later"};
    ask(id, 1);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct release_counts counts = run(now);
        assert_int_equal(counts.postponed, 1);
        assert_int_equal(counts.trouble.kind, ERROR_TEMPORARY);
        assert_int_equal(run(now + waits[i] - 1).postponed, 0);
        now += waits[i];
    }
    listener.script = (struct listener_script){0};
    assert_int_equal(run(now).sent, 1);
    assert_sent("");
    assert_int_equal(listener.accepted, 1);
}

static void a_refusal_keeps_the_item_and_tells_her(void **state)
{
    (void)state;
    int64_t ids[2] = {stage_item(HOLD_FOR_MEMBER)};
    listener.script = (struct listener_script){.rcpt = "550 5.1.1 no such mailbox"};
    ask(ids[0], 1);
    assert_int_equal(run(STAGE_NOW).refused, 1);
    assert_int_equal(state_of(ids[0]), STORE_ITEM_REFUSED);
    ids[1] = stage_item(HOLD_SPLIT_TAG);
    assert_int_equal(run(STAGE_NOW).refused, 1);
    struct store_item item;
    assert_int_equal(store_item_get(stage.store, ids[1], stage.arena, &item, &err), 1);
    assert_false(item.is_split); /* from now on her digest shows it */
    struct store_log_line *lines;
    size_t count;
    assert_int_equal(store_log_list(stage.store, stage.ana, 0, stage.arena, &lines, &count, &err),
                     0);
    assert_int_equal(count, 2);
    assert_true(slice_is(lines[0].action, "release refused") && lines[0].item_id == ids[0]);
    assert_int_not_equal(slice_find(lines[0].note, slice_of("550")), lines[0].note.size);
    listener.script = (struct listener_script){0};
    assert_int_equal(run(STAGE_NOW + 100000).sent, 0);
    ask(ids[0], 1);
    assert_int_equal(run(STAGE_NOW).sent, 1);
    assert_sent("");
}

static void trouble_with_one_item_does_not_stop_the_others(void **state)
{
    (void)state;
    struct keys others;
    struct hold_desk *desk;
    int64_t id = stage_item(HOLD_SPLIT_TAG);
    memcpy(&others, &stage.keys, sizeof others);
    memset(others.review_public, 9, sizeof others.review_public);
    assert_int_equal(hold_open(&stage.settings, &others, &desk, &err), 0);
    assert_int_equal(
        stage_hold(desk, slice_of("foreign"), "x@example.net", stage.ana, HOLD_SPLIT_TAG), 0);
    hold_close(desk);
    struct release_counts counts = run(STAGE_NOW);
    assert_int_equal(counts.sent, 1);
    assert_int_equal(counts.postponed, 1);
    assert_int_equal(counts.trouble.kind, ERROR_INPUT);
    assert_int_equal(state_of(id), STORE_ITEM_RELEASED);
}

struct answer {
    int asked;
};

static void *ask_in_thread(void *context)
{
    struct answer *answer = context;
    struct store *own;
    struct error local;
    enum store_item_state state;
    if (store_open(stage.settings.database, &own, &local) != 0)
        return NULL;
    answer->asked = release_request(own, 1, STAGE_NOW, &state, &local);
    struct release_counts counts;
    if (release_run(own, &stage.keys, &stage.settings, STAGE_NOW, &counts, &local) != 0)
        answer->asked = -1;
    store_close(own);
    return NULL;
}

static void many_answers_at_once_release_one_copy(void **state)
{
    (void)state;
    enum { THREADS = 12 };
    pthread_t threads[THREADS];
    struct answer answers[THREADS];
    int asked = 0;
    assert_int_equal(stage_item(HOLD_FOR_MEMBER), 1);
    for (int i = 0; i < THREADS; i++) {
        answers[i].asked = -1;
        assert_int_equal(pthread_create(&threads[i], NULL, ask_in_thread, &answers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(answers[i].asked >= 0);
        asked += answers[i].asked;
    }
    assert_int_equal(asked, 1);
    run(STAGE_NOW);
    assert_int_equal(listener.accepted, 1);
    assert_int_equal(state_of(1), STORE_ITEM_RELEASED);
}

/* No file may grow: what cannot be written down as sent must not be sent. */
static void nothing_is_sent_when_the_store_cannot_be_written(void **state)
{
    (void)state;
    struct release_counts counts;
    int64_t id = stage_item(HOLD_SPLIT_TAG);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            release_run(stage.store, &stage.keys, &stage.settings, STAGE_NOW + i, &counts, &err),
            -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err.kind, ERROR_SYSTEM);
    assert_int_equal(listener.sessions, 0);
    assert_int_equal(state_of(id), STORE_ITEM_RELEASING);
    assert_int_equal(run(STAGE_NOW).sent, 1);
}

static void strange_names_stay_within_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *helo, *client_name, *client_ip, *recipient, *auth_results;
        bool is_smtputf8;
        const char *wanted;
    } rows[] = {
        {"a\r\nX: y", "b) (c", "192.0.2.7", "ana@example.org", "", false,
         "Received: from a??X:?y (b???c [192.0.2.7])\r\n"},
        {"", "", "2001:db8::1", "ana@example.org", "", false,
         "Received: from unknown (unknown [IPv6:2001:db8::1])\r\n"},
        {"[192.0.2.7]", "unknown", "192.0.2.7", "a\xc3\xb1o@example.org", "", true,
         "\tby mx.example.org (zaguan) with UTF8SMTP id 4ABC123\r\n"
         "\tfor <a\xc3\xb1o@example.org>;\r\n"},
        {"h", "n", "192.0.2.7", "a\xc3\xb1o@example.org", "", false, " id 4ABC123;\r\n\tFri"},
        {"h", "n", "192.0.2.7", "a>\r\nX: y", "", false, " id 4ABC123;\r\n\tFri"},
        {"h", "n", "192.0.2.7", "ana@example.org", "mx;\nspf=x\r\n\r\nBcc: z\n", false,
         "Authentication-Results: mx;\r\n\tspf=x\r\n\tBcc: z\r\nReceived: from h (n "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BUFFER_CLEANUP trace = buffer_new(10000);
        struct found_item found = {.sheet = stage_sheet(), .arrived_at = STAGE_NOW};
        found.sheet.helo = slice_of(rows[i].helo);
        found.sheet.client_name = slice_of(rows[i].client_name);
        found.sheet.client_ip = slice_of(rows[i].client_ip);
        found.sheet.auth_results = slice_of(rows[i].auth_results);
        found.sheet.is_smtputf8 = rows[i].is_smtputf8;
        found.recipient = slice_of(rows[i].recipient);
        assert_int_equal(release_write_trace(&found, &stage.settings, &trace, &err), 0);
        assert_non_null(strstr(trace.data, rows[i].wanted));
        assert_null(strstr(trace.data, "\r\nX: y"));
        assert_null(strstr(trace.data, "\r\n\r\n"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_asked_for_is_sent_once_with_its_bytes_and_envelope),
        TEST(a_split_copy_goes_at_once_with_its_field_on_top),
        TEST(a_copy_delivered_at_expiry_is_tagged_with_its_reason),
        TEST(a_temporary_answer_is_tried_again_later_and_ever_later),
        TEST(a_refusal_keeps_the_item_and_tells_her),
        TEST(trouble_with_one_item_does_not_stop_the_others),
        TEST(many_answers_at_once_release_one_copy),
        TEST(nothing_is_sent_when_the_store_cannot_be_written),
        TEST(strange_names_stay_within_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
