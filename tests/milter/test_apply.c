#include "milter/apply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define MOST 4
#define NOW 1000000
#define KEEP_DAYS 30
#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static struct item_reason list_reasons[] = {{.rule = TEXT("list"),
                                             .category = TEXT("threat"),
                                             .list = TEXT("es"),
                                             .entry = TEXT("0123abcd")}};
static struct item_reason other_reasons[] = {{.rule = TEXT("list"),
                                              .category = TEXT("hate"),
                                              .list = TEXT("en"),
                                              .entry = TEXT("ffff0000")}};

/*
 * One letter per recipient: . not a member, n none, o observe, t tag, u the other tag, h hold,
 * ? none and unscanned, H hold and unscanned.
 */
static struct message_recipient recipient_of(char letter, size_t place)
{
    static const char *const paths[MOST] = {"<a@example.org>", "<b@example.org>", "<c@example.org>",
                                            "<d@example.org>"};
    struct message_recipient r = {.path = slice_of(paths[place]), .is_member_on = letter != '.'};
    r.member.row.id = (int64_t)place + 1;
    r.member.wishes.keep_days = KEEP_DAYS;
    struct verdict *v = &r.verdict;
    v->is_unscanned = letter == '?' || letter == 'H';
    if (letter == 'h' || letter == 'H')
        v->action = VERDICT_HOLD;
    else if (letter == 't' || letter == 'u')
        v->action = VERDICT_TAG;
    else if (letter == 'o')
        v->action = VERDICT_OBSERVE;
    if (v->action == VERDICT_NONE || v->action == VERDICT_OBSERVE)
        return r;
    v->category = slice_of(letter == 'u' ? "hate" : "threat");
    v->reasons = letter == 'u' ? other_reasons : list_reasons;
    v->reason_count = 1;
    v->severity = 3;
    return r;
}

struct row {
    const char *recipients;
    enum plan_answer answer;
    const char *copies;  /* by recipient: h held, s split, - none */
    const char *mark;    /* on the copy that remains */
    bool removes_claims; /* of X-Zaguan */
};

static const struct row rows[] = {
    {".", PLAN_ACCEPT, "-", "", false},
    {"..", PLAN_ACCEPT, "--", "", false},
    {"n", PLAN_ACCEPT, "-", "", true},
    {"o", PLAN_ACCEPT, "-", "", true},
    {"no", PLAN_ACCEPT, "--", "", true},
    {"h", PLAN_DISCARD, "h", "", true},
    {"hh", PLAN_DISCARD, "hh", "", true},
    {"h.", PLAN_ACCEPT, "h-", "", false},
    {".h.", PLAN_ACCEPT, "-h-", "", false},
    {"hn", PLAN_ACCEPT, "h-", "", true},
    {"t", PLAN_ACCEPT, "-", "tag; threat; es; 0123abcd", true},
    {"tt", PLAN_ACCEPT, "--", "tag; threat; es; 0123abcd", true},
    {"th", PLAN_ACCEPT, "-h", "tag; threat; es; 0123abcd", true},
    {"t.", PLAN_ACCEPT, "s-", "", false},
    {"tn", PLAN_ACCEPT, "s-", "", true},
    {"to", PLAN_ACCEPT, "s-", "", true},
    {"tu", PLAN_DISCARD, "ss", "", true},
    {"tuh", PLAN_DISCARD, "ssh", "", true},
    {"tu.", PLAN_ACCEPT, "ss-", "", false},
    {"tth.", PLAN_ACCEPT, "ssh-", "", false},
    {"?", PLAN_ACCEPT, "-", "unscanned", true},
    {"??", PLAN_ACCEPT, "--", "unscanned", true},
    {"?.", PLAN_ACCEPT, "s-", "", false},
    {"?t", PLAN_DISCARD, "ss", "", true},
    {"H", PLAN_DISCARD, "h", "", true},
};

static const struct hold_copy *copy_of(const struct plan *plan, size_t place)
{
    for (size_t i = 0; i < plan->copy_count; i++)
        if (plan->copies[i].member_id == (int64_t)place + 1)
            return &plan->copies[i];
    return NULL;
}

static bool is_removed(const struct plan *plan, size_t place)
{
    for (size_t i = 0; i < plan->removed_count; i++)
        if (plan->removed[i] == place)
            return true;
    return false;
}

static void make_plan(const char *letters, bool is_whole, struct arena *arena, struct plan *plan)
{
    struct message_recipient recipients[MOST];
    struct message_result result = {
        .recipients = recipients, .recipient_count = strlen(letters), .is_whole = is_whole};
    for (size_t i = 0; i < result.recipient_count; i++) {
        recipients[i] = recipient_of(letters[i], i);
        result.is_looked_at = result.is_looked_at || recipients[i].is_member_on;
    }
    struct error err = {0};
    assert_int_equal(apply_plan(&result, NOW, arena, plan, &err), 0);
}

static void check_row(const struct row *row)
{
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct plan plan;
    make_plan(row->recipients, true, arena, &plan);
    if (plan.answer != row->answer || !slice_is(plan.mark, row->mark))
        fail_msg("%s: answer %d, mark \"" SLICE_FORMAT "\"", row->recipients, (int)plan.answer,
                 SLICE_ARGUMENTS(plan.mark));
    assert_int_equal(plan.should_remove_claims, row->removes_claims);
    for (size_t i = 0; i < strlen(row->recipients); i++) {
        const struct hold_copy *copy = copy_of(&plan, i);
        char is = copy == NULL ? '-' : copy->purpose == HOLD_FOR_MEMBER ? 'h' : 's';
        if (is != row->copies[i] || is_removed(&plan, i) != (is != '-'))
            fail_msg("%s: recipient %zu is %c", row->recipients, i, is);
    }
}

static void every_combination_of_verdicts_has_its_plan(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}

static void a_held_copy_says_who_why_and_until_when(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct plan plan;
    make_plan("h.", true, arena, &plan);
    assert_int_equal(plan.copy_count, 1);
    assert_true(slice_is(plan.copies[0].recipient, "a@example.org"));
    assert_true(slice_is(plan.copies[0].category, "threat"));
    assert_int_equal(plan.copies[0].severity, 3);
    assert_ptr_equal(plan.copies[0].reasons, list_reasons);
    assert_int_equal(plan.copies[0].expires_at, NOW + KEEP_DAYS * 86400);
    assert_int_equal(plan.copies[0].tag_field.size, 0);
}

static void a_split_copy_carries_the_whole_field(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct plan plan;
    make_plan("t.", true, arena, &plan);
    assert_int_equal(plan.copy_count, 1);
    assert_true(slice_is(plan.copies[0].tag_field, "X-Zaguan: tag; threat; es; 0123abcd"));
    assert_true(slice_is(plan.copies[0].recipient, "a@example.org"));
}

/* An unscanned mark must not turn a message that is too large to keep into a temporary failure. */
static void what_cannot_be_kept_is_not_split_for_a_mark_alone(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct plan plan;
    make_plan("?.", false, arena, &plan);
    assert_int_equal(plan.copy_count, 0);
    assert_int_equal(plan.answer, PLAN_ACCEPT);
    make_plan("?", false, arena, &plan);
    assert_true(slice_is(plan.mark, "unscanned"));
    make_plan("h.", false, arena, &plan);
    assert_int_equal(plan.copy_count, 1);
}

static void two_addresses_of_one_member_are_one_copy(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct message_recipient recipients[] = {recipient_of('h', 0), recipient_of('h', 1)};
    recipients[1].member.row.id = recipients[0].member.row.id;
    struct message_result result = {
        .recipients = recipients, .recipient_count = 2, .is_looked_at = true, .is_whole = true};
    struct plan plan;
    struct error err = {0};
    assert_int_equal(apply_plan(&result, NOW, arena, &plan, &err), 0);
    assert_int_equal(plan.copy_count, 1);
    assert_int_equal(plan.removed_count, 2);
    assert_int_equal(plan.answer, PLAN_DISCARD);
}

static void names_of_lists_cannot_break_out_of_the_field(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct item_reason reasons[] = {{.rule = SLICE_LITERAL("list"),
                                     .list = SLICE_LITERAL("a\r\nX-Evil: 1; b\xc3\xa9"),
                                     .entry = SLICE_LITERAL("1 2")}};
    struct message_recipient recipients[] = {recipient_of('t', 0)};
    recipients[0].verdict.reasons = reasons;
    recipients[0].verdict.category = slice_of("");
    struct message_result result = {
        .recipients = recipients, .recipient_count = 1, .is_looked_at = true, .is_whole = true};
    struct plan plan;
    struct error err = {0};
    assert_int_equal(apply_plan(&result, NOW, arena, &plan, &err), 0);
    assert_true(slice_is(plan.mark, "tag; -; a__X-Evil:_1__b__; 1_2"));
}

static void a_rule_says_on_what_of_the_mail_it_rests(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct item_reason reasons[] = {
        {.rule = SLICE_LITERAL("impersonates"), .where = SLICE_LITERAL("domain")}};
    struct message_recipient recipients[] = {recipient_of('t', 0)};
    recipients[0].verdict.reasons = reasons;
    recipients[0].verdict.category = slice_of("impersonation");
    struct message_result result = {
        .recipients = recipients, .recipient_count = 1, .is_looked_at = true, .is_whole = true};
    struct plan plan;
    assert_int_equal(apply_plan(&result, NOW, arena, &plan, NULL), 0);
    assert_true(slice_is(plan.mark, "tag; impersonation; impersonates; domain"));
    reasons[0].where = slice_of("");
    assert_int_equal(apply_plan(&result, NOW, arena, &plan, NULL), 0);
    assert_true(slice_is(plan.mark, "tag; impersonation; impersonates"));
}

static void without_recipients_nothing_is_discarded(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 20);
    struct plan plan;
    make_plan("", true, arena, &plan);
    assert_int_equal(plan.answer, PLAN_ACCEPT);
    assert_false(plan.should_remove_claims);
}

static void lack_of_room_is_an_error(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(64);
    struct message_recipient recipients[] = {recipient_of('h', 0)};
    struct message_result result = {
        .recipients = recipients, .recipient_count = 1, .is_looked_at = true, .is_whole = true};
    struct plan plan;
    struct error err = {0};
    assert_int_equal(apply_plan(&result, NOW, arena, &plan, &err), -1);
    assert_int_not_equal(err.kind, ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_of_verdicts_has_its_plan),
        cmocka_unit_test(a_held_copy_says_who_why_and_until_when),
        cmocka_unit_test(a_split_copy_carries_the_whole_field),
        cmocka_unit_test(what_cannot_be_kept_is_not_split_for_a_mark_alone),
        cmocka_unit_test(two_addresses_of_one_member_are_one_copy),
        cmocka_unit_test(names_of_lists_cannot_break_out_of_the_field),
        cmocka_unit_test(a_rule_says_on_what_of_the_mail_it_rests),
        cmocka_unit_test(without_recipients_nothing_is_discarded),
        cmocka_unit_test(lack_of_room_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
