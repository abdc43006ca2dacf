#include "lab.h"

#include <arpa/inet.h>

#define MOST_EDITS 64

/* What a session asked Postfix to change, one line each. */
struct edits {
    char lines[MOST_EDITS][256];
    size_t count;
    bool must_fail;
};

static int note(struct edits *edits, const char *kind, const char *name, const char *value)
{
    assert_true(edits->count < MOST_EDITS);
    snprintf(edits->lines[edits->count++], sizeof edits->lines[0], "%s %s%s%.200s", kind, name,
             value[0] == '\0' ? "" : " ", value);
    return edits->must_fail ? -1 : 0;
}

static int note_removed_field(void *context, const char *name, int place)
{
    char text[16];
    snprintf(text, sizeof text, "%d", place);
    return note(context, "remove", name, text);
}

static int note_inserted_field(void *context, const char *name, const char *value)
{
    return note(context, "insert", name, value);
}

static int note_removed_recipient(void *context, const char *path)
{
    return note(context, "recipient", path, "");
}

static struct session_edits edits_into(struct edits *edits)
{
    return (struct session_edits){.context = edits,
                                  .remove_field = note_removed_field,
                                  .insert_field = note_inserted_field,
                                  .remove_recipient = note_removed_recipient};
}

static bool has_edit(const struct edits *edits, const char *beginning)
{
    for (size_t i = 0; i < edits->count; i++)
        if (strncmp(edits->lines[i], beginning, strlen(beginning)) == 0)
            return true;
    return false;
}

struct mail {
    const char *recipients[4];
    const char *fields[8]; /* name, value, ..., NULL */
    const char *body;
};

static struct session *connect_client(struct lab *lab, const char *ip)
{
    struct session *session = session_new(&lab->service);
    struct sockaddr_in address = {.sin_family = AF_INET};
    assert_non_null(session);
    assert_int_equal(inet_pton(AF_INET, ip, &address.sin_addr), 1);
    session_set_leading_space(session, true);
    session_connect(session, "client.example.com", (struct sockaddr *)&address);
    session_helo(session, "client.example.com");
    return session;
}

enum stage { STAGE_SENDER, STAGE_RECIPIENT, STAGE_FIELD, STAGE_HEADER, STAGE_BODY };

/* Plays a mail up to and with a stage. */
static void play(struct session *session, const struct mail *mail, enum stage last)
{
    char sender[] = "<a@example.com>";
    char *words[] = {sender, NULL};
    session_sender(session, words);
    for (size_t i = 0; last >= STAGE_RECIPIENT && i < 4 && mail->recipients[i] != NULL; i++)
        session_recipient(session, mail->recipients[i]);
    for (size_t i = 0; last >= STAGE_FIELD && i < 8 && mail->fields[i] != NULL; i += 2)
        session_field(session, mail->fields[i], mail->fields[i + 1]);
    if (last >= STAGE_HEADER)
        session_end_of_header(session);
    if (last >= STAGE_BODY && mail->body != NULL)
        session_body(session, slice_of(mail->body));
}

static enum session_answer end(struct session *session, struct edits *edits)
{
    memset(edits, 0, sizeof *edits);
    struct session_edits changes = edits_into(edits);
    return session_end(session, "QUEUEID", &changes);
}

static enum session_answer play_whole(struct session *session, const struct mail *mail,
                                      struct edits *edits)
{
    play(session, mail, STAGE_BODY);
    return end(session, edits);
}

#define HELD_BODY "Una " LAB_HELD_PHRASE ".\r\n"
#define TAGGED_BODY "Una " LAB_TAGGED_PHRASE ".\r\n"
#define FROM "From", " a@example.com"

static const struct mail to_stranger = {{"<luz@example.org>"}, {FROM}, HELD_BODY};
static const struct mail to_member = {{"<ana@example.org>"}, {FROM}, HELD_BODY};
static const struct mail to_both = {{"<ana@example.org>", "<luz@example.org>"}, {FROM}, HELD_BODY};

static void mail_of_who_did_not_say_yes_gets_its_results_alone(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    struct session *session = connect_client(&lab, "192.0.2.1");
    assert_int_equal(play_whole(session, &to_stranger, &edits), SESSION_ACCEPT);
    assert_int_equal(edits.count, 1);
    assert_true(has_edit(&edits, "insert Authentication-Results mx.example.org"));
    assert_non_null(strstr(edits.lines[0], "spf=pass"));
    assert_int_equal(lab_count_items(&lab, 0, false), 0);
    session_free(session);
    lab_close(&lab);
}

static void a_held_copy_is_durable_before_the_message_is_discarded(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_DISCARD);
    assert_int_equal(lab_count_items(&lab, ana, false), 1);
    session_free(session);
    lab_close(&lab);
}

static void only_the_member_is_taken_out_of_a_shared_message(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    assert_int_equal(play_whole(session, &to_both, &edits), SESSION_ACCEPT);
    assert_true(has_edit(&edits, "recipient <ana@example.org>"));
    assert_false(has_edit(&edits, "recipient <luz@example.org>"));
    assert_false(has_edit(&edits, "insert X-Zaguan"));
    assert_int_equal(edits.count, 2);
    assert_int_equal(lab_count_items(&lab, ana, false), 1);
    session_free(session);
    lab_close(&lab);
}

static void a_tag_in_her_address_and_case_do_not_matter(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail mail = {{"<Ana+shop@Example.ORG>"}, {FROM}, HELD_BODY};
    assert_int_equal(play_whole(session, &mail, &edits), SESSION_DISCARD);
    assert_int_equal(lab_count_items(&lab, ana, false), 1);
    session_free(session);
    lab_close(&lab);
}

static void a_tag_for_all_is_put_on_top_of_everything(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", "category.hate", "tag");
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail mail = {{"<ana@example.org>"}, {FROM}, TAGGED_BODY};
    assert_int_equal(play_whole(session, &mail, &edits), SESSION_ACCEPT);
    assert_int_equal(edits.count, 2);
    assert_string_equal(edits.lines[1], "insert X-Zaguan tag; hate; lab; 00000002");
    session_free(session);
    lab_close(&lab);
}

static void a_tag_for_one_of_several_goes_through_the_hold(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", "category.hate", "tag");
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail mail = {
        {"<ana@example.org>", "<luz@example.org>"}, {FROM}, TAGGED_BODY};
    assert_int_equal(play_whole(session, &mail, &edits), SESSION_ACCEPT);
    assert_true(has_edit(&edits, "recipient <ana@example.org>"));
    assert_false(has_edit(&edits, "insert X-Zaguan"));
    assert_int_equal(lab_count_items(&lab, ana, true), 1);
    assert_int_equal(lab_count_items(&lab, ana, false), 0);
    session_free(session);
    lab_close(&lab);
}

static void forged_results_are_removed_from_the_last_to_the_first(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail mail = {{"<luz@example.org>"},
                                     {"Authentication-Results", " mx.example.org; spf=pass",
                                      "authentication-results", " other.example; spf=pass",
                                      "AUTHENTICATION-RESULTS", " MX.example.org; dkim=pass", FROM},
                                     "x\r\n"};
    assert_int_equal(play_whole(session, &mail, &edits), SESSION_ACCEPT);
    assert_int_equal(edits.count, 3);
    assert_string_equal(edits.lines[0], "remove Authentication-Results 3");
    assert_string_equal(edits.lines[1], "remove Authentication-Results 1");
    assert_true(strncmp(edits.lines[2], "insert", 6) == 0);
    session_free(session);
    lab_close(&lab);
}

/* A copy that others get too must not change for her sake. */
static void a_forged_mark_is_only_removed_from_what_members_alone_get(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    struct mail mail = {
        {"<ana@example.org>", NULL}, {"X-Zaguan", " tag; threat; x; y", FROM}, "hola\r\n"};
    assert_int_equal(play_whole(session, &mail, &edits), SESSION_ACCEPT);
    assert_true(has_edit(&edits, "remove X-Zaguan 1"));
    mail.recipients[1] = "<luz@example.org>";
    assert_int_equal(play_whole(session, &mail, &edits), SESSION_ACCEPT);
    assert_false(has_edit(&edits, "remove X-Zaguan"));
    session_free(session);
    lab_close(&lab);
}

static void a_message_given_up_at_any_stage_leaves_nothing_behind(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail next = {{"<luz@example.org>"}, {FROM}, "x\r\n"};
    for (int stage = STAGE_SENDER; stage <= STAGE_BODY; stage++) {
        play(session, &to_member, (enum stage)stage);
        session_abort(session);
        assert_int_equal(play_whole(session, &next, &edits), SESSION_ACCEPT);
        assert_int_equal(edits.count, 1);
        /* MAIL after a message that was not ended starts anew, too (RFC 5321 section 4.1.4) */
        play(session, &to_member, (enum stage)stage);
        assert_int_equal(play_whole(session, &next, &edits), SESSION_ACCEPT);
        assert_int_equal(edits.count, 1);
    }
    assert_int_equal(lab_count_items(&lab, 0, false), 0);
    play(session, &to_member, STAGE_FIELD);
    session_free(session);
    lab_close(&lab);
}

static void messages_of_one_connection_are_judged_each_for_itself(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail harmless = {{"<ana@example.org>"}, {FROM}, "Hola.\r\n"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(play_whole(session, &harmless, &edits), SESSION_ACCEPT);
        assert_int_equal(edits.count, 1);
        assert_int_equal(play_whole(session, &to_member, &edits), SESSION_DISCARD);
    }
    /* the same bytes from the same sender are one item that counts its arrivals */
    assert_int_equal(lab_count_items(&lab, ana, false), 1);
    session_free(session);
    lab_close(&lab);
}

static void a_message_may_lack_body_header_and_recipients(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    static const struct mail rows[] = {
        {{"<ana@example.org>"}, {FROM}, NULL},
        {{"<ana@example.org>"}, {NULL}, NULL},
        {{"<ana@example.org>"}, {NULL}, "x\r\n"},
        {{NULL}, {FROM}, "x\r\n"},
        {{NULL}, {NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(play_whole(session, &rows[i], &edits), SESSION_ACCEPT);
    play(session, &rows[0], STAGE_RECIPIENT);
    assert_int_equal(end(session, &edits), SESSION_ACCEPT);
    session_free(session);
    lab_close(&lab);
}

static void the_null_sender_is_as_good_as_any(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    char null_sender[] = "<>", parameter[] = "SMTPUTF8";
    char *words[] = {null_sender, parameter, NULL};
    session_sender(session, words);
    session_recipient(session, "<ana@example.org>");
    session_field(session, "From", " mailer-daemon@example.com");
    session_end_of_header(session);
    session_body(session, slice_of(HELD_BODY));
    assert_int_equal(end(session, &edits), SESSION_DISCARD);
    session_free(session);
    lab_close(&lab);
}

static void what_cannot_be_changed_is_tried_again(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits = {.must_fail = true};
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    struct session_edits changes = edits_into(&edits);
    play(session, &to_both, STAGE_BODY);
    assert_int_equal(session_end(session, "Q", &changes), SESSION_TEMPFAIL);
    /* the retry brings the same bytes: one item */
    assert_int_equal(play_whole(session, &to_both, &edits), SESSION_ACCEPT);
    assert_int_equal(lab_count_items(&lab, ana, false), 1);
    session_free(session);
    lab_close(&lab);
}

/* Nobody knows then what would be right; when the database is back, mail passes. */
static void without_the_database_mail_has_to_come_again(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    struct session *session = connect_client(&lab, "192.0.2.1");
    char database[SETTINGS_PATH_BYTES];
    strcpy(database, lab.service.settings.database);
    strcpy(lab.service.settings.database, "/nonexistent/zaguan.db");
    /* No connection of before is left over. */
    store_pool_free(lab.service.stores);
    lab.service.stores = store_pool_new(lab.service.settings.database);
    assert_non_null(lab.service.stores);
    assert_int_equal(play_whole(session, &to_stranger, &edits), SESSION_TEMPFAIL);
    assert_int_equal(edits.count, 0);
    strcpy(lab.service.settings.database, database);
    assert_int_equal(play_whole(session, &to_stranger, &edits), SESSION_ACCEPT);
    session_free(session);
    lab_close(&lab);
}

static void a_dead_database_does_not_keep_the_service_from_starting(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    struct error err = {0};
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    service_close(&lab.service);
    char moved[SETTINGS_PATH_BYTES];
    lab_path(&lab, "away.db", moved, sizeof moved);
    assert_int_equal(rename(lab.settings.database, moved), 0);
    assert_int_equal(mkdir(lab.settings.database, 0700), 0);
    assert_int_equal(service_open(&lab.service, &lab.settings, NULL, &err), 0);
    lab_use_zone(&lab);
    struct session *session = connect_client(&lab, "192.0.2.1");
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_TEMPFAIL);
    assert_int_equal(rmdir(lab.settings.database), 0);
    assert_int_equal(rename(moved, lab.settings.database), 0);
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_DISCARD);
    session_free(session);
    lab_close(&lab);
}

static void trusted_clients_pass_without_a_look(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    struct error err = {0};
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    assert_int_equal(trusted_read(slice_of("198.51.100.0/24"), &lab.service.trusted, &err), 0);
    struct session *session = connect_client(&lab, "198.51.100.7");
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_ACCEPT);
    assert_int_equal(edits.count, 0);
    session_free(session);
    lab_close(&lab);
}

/* A typing error in a list must not switch off what members rely on. */
static void a_broken_list_keeps_the_lists_that_were_good(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    lab_add_list(&lab, "broken.zl", "%zaguan-list 1\nnonsense\n");
    service_look_at_lists(&lab.service, false);
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_DISCARD);
    session_free(session);
    lab_close(&lab);
}

static void without_any_list_mail_passes_marked(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    struct error err = {0};
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", NULL, NULL);
    service_close(&lab.service);
    lab_add_list(&lab, "lab.zl", "nonsense\n");
    /* What was compiled of it before stays. */
    assert_int_equal(service_open(&lab.service, &lab.settings, NULL, &err), 0);
    lab_use_zone(&lab);
    struct session *before = connect_client(&lab, "192.0.2.1");
    assert_int_equal(play_whole(before, &to_member, &edits), SESSION_DISCARD);
    session_free(before);
    service_close(&lab.service);
    char image[SETTINGS_PATH_BYTES];
    lab_path(&lab, "lists.image", image, sizeof image);
    assert_int_equal(unlink(image), 0);
    assert_int_equal(service_open(&lab.service, &lab.settings, NULL, &err), 0);
    lab_use_zone(&lab);
    struct session *session = connect_client(&lab, "192.0.2.1");
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_ACCEPT);
    assert_true(has_edit(&edits, "insert X-Zaguan unscanned"));
    lab_add_list(&lab, "lab.zl", lab_list);
    service_look_at_lists(&lab.service, false);
    assert_int_equal(play_whole(session, &to_member, &edits), SESSION_DISCARD);
    session_free(session);
    lab_close(&lab);
}

static void a_thousand_recipients_each_get_what_they_asked_for(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    lab_open(&lab);
    int64_t ana = lab_member(&lab, "ana@example.org", NULL, NULL);
    struct session *session = connect_client(&lab, "192.0.2.1");
    play(session, &to_both, STAGE_SENDER);
    for (int i = 0; i < 1000; i++) {
        char path[64];
        snprintf(path, sizeof path, i == 777 ? "<ana@example.org>" : "<r%d@example.org>", i);
        session_recipient(session, path);
    }
    session_field(session, "From", " a@example.com");
    session_end_of_header(session);
    session_body(session, slice_of(HELD_BODY));
    assert_int_equal(end(session, &edits), SESSION_ACCEPT);
    assert_int_equal(edits.count, 2);
    assert_true(has_edit(&edits, "recipient <ana@example.org>"));
    assert_int_equal(lab_count_items(&lab, ana, false), 1);
    session_free(session);
    lab_close(&lab);
}

static void what_an_entry_found_is_counted_once_for_each_message(void **state)
{
    (void)state;
    struct lab lab;
    struct edits edits;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct store *store;
    struct store_entry_counts *rows;
    size_t count;
    struct error err = {0};
    lab_open(&lab);
    lab_member(&lab, "ana@example.org", "category.threat", "tag");
    struct session *session = connect_client(&lab, "192.0.2.1");
    for (int i = 0; i < 3; i++)
        assert_int_equal(play_whole(session, &to_member, &edits), SESSION_ACCEPT);
    assert_int_equal(play_whole(session, &to_stranger, &edits), SESSION_ACCEPT);
    assert_int_equal(store_open(lab.settings.database, &store, &err), 0);
    assert_int_equal(store_entry_list(store, arena, &rows, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_true(slice_is(rows[0].list, "lab") && slice_is(rows[0].entry, "00000001"));
    assert_int_equal(rows[0].hits, 3);
    assert_int_equal(rows[0].held, 0);
    store_close(store);
    session_free(session);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_of_who_did_not_say_yes_gets_its_results_alone),
        cmocka_unit_test(a_held_copy_is_durable_before_the_message_is_discarded),
        cmocka_unit_test(only_the_member_is_taken_out_of_a_shared_message),
        cmocka_unit_test(a_tag_in_her_address_and_case_do_not_matter),
        cmocka_unit_test(a_tag_for_all_is_put_on_top_of_everything),
        cmocka_unit_test(a_tag_for_one_of_several_goes_through_the_hold),
        cmocka_unit_test(forged_results_are_removed_from_the_last_to_the_first),
        cmocka_unit_test(a_forged_mark_is_only_removed_from_what_members_alone_get),
        cmocka_unit_test(a_message_given_up_at_any_stage_leaves_nothing_behind),
        cmocka_unit_test(messages_of_one_connection_are_judged_each_for_itself),
        cmocka_unit_test(a_message_may_lack_body_header_and_recipients),
        cmocka_unit_test(the_null_sender_is_as_good_as_any),
        cmocka_unit_test(what_cannot_be_changed_is_tried_again),
        cmocka_unit_test(without_the_database_mail_has_to_come_again),
        cmocka_unit_test(a_dead_database_does_not_keep_the_service_from_starting),
        cmocka_unit_test(trusted_clients_pass_without_a_look),
        cmocka_unit_test(a_broken_list_keeps_the_lists_that_were_good),
        cmocka_unit_test(without_any_list_mail_passes_marked),
        cmocka_unit_test(what_an_entry_found_is_counted_once_for_each_message),
        cmocka_unit_test(a_thousand_recipients_each_get_what_they_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
