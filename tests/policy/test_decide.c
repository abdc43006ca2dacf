#include "policy/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1800000000

/* One case: the facts that differ from "a stranger whose mail hits nothing". */
struct row {
    const char *claim;
    enum store_sender_rule member_rule, server_rule;
    bool is_proven, is_correspondent, is_transactional, is_unscanned, has_shield;
    const char *resembles;
    enum category category; /* of the hit, if has_hit */
    bool has_hit;
    enum list_action entry_most, list_most;
    enum disguise disguise;
    const char *setting, *value; /* one wish */
    enum verdict_action action;
    const char *rule; /* of the first reason; NULL: no reason */
};

#define HOLD LIST_ACTION_HOLD
#define THREAT .has_hit = true, .category = CATEGORY_THREAT, .entry_most = HOLD, .list_most = HOLD
#define HATE .has_hit = true, .category = CATEGORY_HATE, .entry_most = HOLD, .list_most = HOLD
#define OTHER .has_hit = true, .category = CATEGORY_OTHER, .entry_most = HOLD, .list_most = HOLD
#define ALLOW STORE_SENDER_ALLOW
#define BLOCK STORE_SENDER_BLOCK

static const struct row rows[] = {
    {"nothing said: none", .action = VERDICT_NONE},
    {"a threat of a stranger is held by default", THREAT, .action = VERDICT_HOLD, .rule = "list"},
    {"hate is tagged by default", HATE, .action = VERDICT_TAG, .rule = "list"},
    {"a category that is off says nothing", OTHER, .action = VERDICT_NONE},
    {"her wish raises a category", HATE, .setting = "category.hate", .value = "hold",
     .action = VERDICT_HOLD, .rule = "list"},
    {"her wish turns a category off", THREAT, .setting = "category.threat", .value = "off",
     .action = VERDICT_NONE},
    {"an entry's ceiling is not passed", .has_hit = true, .category = CATEGORY_THREAT,
     .entry_most = LIST_ACTION_TAG, .list_most = HOLD, .action = VERDICT_TAG, .rule = "list"},
    {"a list's ceiling is not passed", .has_hit = true, .category = CATEGORY_THREAT,
     .entry_most = HOLD, .list_most = LIST_ACTION_OBSERVE, .action = VERDICT_OBSERVE,
     .rule = "list"},

    {"a hit of someone she wrote to is tagged", THREAT, .is_proven = true, .is_correspondent = true,
     .action = VERDICT_TAG, .rule = "list"},
    {"unless she asked for a hold", THREAT, .is_proven = true, .is_correspondent = true,
     .setting = "known-people", .value = "hold", .action = VERDICT_HOLD, .rule = "list"},
    {"a forged friend is no friend", THREAT, .is_correspondent = true, .action = VERDICT_HOLD,
     .rule = "list"},

    {"her allow ends it before the lists", THREAT, .member_rule = ALLOW, .is_proven = true,
     .action = VERDICT_NONE, .rule = "allowed"},
    {"a forged allowed sender does not profit", THREAT, .member_rule = ALLOW,
     .action = VERDICT_HOLD, .rule = "list"},
    {"the server's allow ends it before the lists", THREAT, .server_rule = ALLOW, .is_proven = true,
     .action = VERDICT_NONE, .rule = "server-allowed"},
    {"the server's allow needs proof too", THREAT, .server_rule = ALLOW, .action = VERDICT_HOLD,
     .rule = "list"},
    {"server allow stands before her block", .server_rule = ALLOW, .member_rule = BLOCK,
     .is_proven = true, .action = VERDICT_NONE, .rule = "server-allowed"},
    {"her allow stands before the server's", .server_rule = ALLOW, .member_rule = ALLOW,
     .is_proven = true, .action = VERDICT_NONE, .rule = "allowed"},
    {"her block holds", .member_rule = BLOCK, .action = VERDICT_HOLD, .rule = "blocked"},
    {"her block holds also the proven and known", .member_rule = BLOCK, .is_proven = true,
     .is_correspondent = true, .action = VERDICT_HOLD, .rule = "blocked"},
    {"her block stands before shield and lists", THREAT, .member_rule = BLOCK, .has_shield = true,
     .action = VERDICT_HOLD, .rule = "blocked"},
    {"a block by the server's table is not a member's", .server_rule = BLOCK,
     .action = VERDICT_NONE},

    {"what resembles one she blocked is tagged", .resembles = "text", .action = VERDICT_TAG,
     .rule = "resembles"},
    {"and held where she wants that", .resembles = "name", .setting = "resembling", .value = "hold",
     .is_proven = true, .action = VERDICT_HOLD, .rule = "resembles"},
    {"and nothing where she wants that", .resembles = "name", .setting = "resembling",
     .value = "off", .action = VERDICT_NONE},
    {"of people she wrote to it is never said", .resembles = "text", .setting = "resembling",
     .value = "hold", .is_proven = true, .is_correspondent = true, .action = VERDICT_NONE},
    {"a forged friend may resemble", .resembles = "text", .is_correspondent = true,
     .action = VERDICT_TAG, .rule = "resembles"},
    {"nor of whom she let through", .resembles = "text", .member_rule = ALLOW, .is_proven = true,
     .action = VERDICT_NONE, .rule = "allowed"},
    {"nor of whom the admin let through", .resembles = "text", .server_rule = ALLOW,
     .is_proven = true, .action = VERDICT_NONE, .rule = "server-allowed"},
    {"a block stands before a likeness", .resembles = "text", .member_rule = BLOCK,
     .action = VERDICT_HOLD, .rule = "blocked"},
    {"a shield holds what a likeness only tags", .resembles = "text", .has_shield = true,
     .action = VERDICT_HOLD, .rule = "shield"},
    {"a threat is told before a likeness", THREAT, .resembles = "text", .setting = "resembling",
     .value = "hold", .action = VERDICT_HOLD, .rule = "list"},

    {"behind a shield a stranger waits", .has_shield = true, .is_proven = true,
     .action = VERDICT_HOLD, .rule = "shield"},
    {"people she wrote to pass the shield", .has_shield = true, .is_proven = true,
     .is_correspondent = true, .action = VERDICT_NONE},
    {"a forged friend waits in a lane of its own", .has_shield = true, .is_correspondent = true,
     .action = VERDICT_HOLD, .rule = "shield-unproven"},
    {"login codes wait in a lane of their own", .has_shield = true, .is_transactional = true,
     .action = VERDICT_HOLD, .rule = "shield-code"},
    {"her allow passes the shield", .has_shield = true, .member_rule = ALLOW, .is_proven = true,
     .action = VERDICT_NONE, .rule = "allowed"},
    {"a threat behind a shield is told as a threat", THREAT, .has_shield = true,
     .action = VERDICT_HOLD, .rule = "list"},
    {"a tag behind a shield is told as the shield", HATE, .has_shield = true,
     .action = VERDICT_HOLD, .rule = "shield"},

    {"who comes in her name is tagged by default", .disguise = DISGUISE_NAME, .action = VERDICT_TAG,
     .rule = "impersonates"},
    {"held if she asked for that", .disguise = DISGUISE_DOMAIN, .setting = "category.impersonation",
     .value = "hold", .action = VERDICT_HOLD, .rule = "impersonates"},
    {"or left alone", .disguise = DISGUISE_DOMAIN, .setting = "category.impersonation",
     .value = "off", .action = VERDICT_NONE},
    {"whom she wrote to is no impostor", .disguise = DISGUISE_NAME, .is_correspondent = true,
     .action = VERDICT_NONE},
    {"proven or not", .disguise = DISGUISE_DOMAIN, .is_correspondent = true, .is_proven = true,
     .action = VERDICT_NONE},
    {"an address she wrote to can be forged", .disguise = DISGUISE_ADDRESS,
     .is_correspondent = true, .action = VERDICT_TAG, .rule = "impersonates"},
    {"her allow ends it before", .disguise = DISGUISE_DOMAIN, .member_rule = ALLOW,
     .is_proven = true, .action = VERDICT_NONE, .rule = "allowed"},
    {"her block is told first", .disguise = DISGUISE_DOMAIN, .member_rule = BLOCK,
     .action = VERDICT_HOLD, .rule = "blocked"},
    {"behind a shield it waits as a stranger's", .disguise = DISGUISE_NAME, .has_shield = true,
     .action = VERDICT_HOLD, .rule = "shield"},
    {"a threat in her name is told as a threat", THREAT, .disguise = DISGUISE_NAME,
     .action = VERDICT_HOLD, .rule = "list"},

    {"what could not be read passes", .is_unscanned = true, .action = VERDICT_NONE},
    {"unless she asked for a hold", .is_unscanned = true, .setting = "unscanned", .value = "hold",
     .action = VERDICT_HOLD, .rule = "unscanned"},
    {"or a tag", .is_unscanned = true, .setting = "unscanned", .value = "tag",
     .action = VERDICT_TAG, .rule = "unscanned"},
    {"of people she knows it is tagged", .is_unscanned = true, .setting = "unscanned",
     .value = "hold", .is_proven = true, .is_correspondent = true, .action = VERDICT_TAG,
     .rule = "unscanned"},
    {"what hits is told before what could not be read", THREAT, .is_unscanned = true,
     .setting = "unscanned", .value = "hold", .action = VERDICT_HOLD, .rule = "list"},
};

static struct verdict judge(const struct row *row, struct arena *arena)
{
    struct wishes wishes;
    wishes_set_defaults(&wishes);
    if (row->setting != NULL)
        assert_int_equal(wishes_set(&wishes, slice_of(row->setting), slice_of(row->value), NULL),
                         0);
    wishes.shield_until = row->has_shield ? NOW + 1 : NOW; /* an end that is now has ended */

    struct entry entry = {.category = row->category,
                          .max_action = row->entry_most,
                          .severity = 3,
                          .category_name = slice_of("as-written"),
                          .id = slice_of("0011aabb")};
    struct list list = {.name = slice_of("kefir"), .is_local = true, .max_action = row->list_most};
    struct hit hit = {.list = &list, .entry = &entry, .where_name = "body"};
    struct hit_set hits = {.hits = &hit, .count = row->has_hit ? 1 : 0, .is_complete = true};
    struct facts facts = {.wishes = &wishes,
                          .now = NOW,
                          .hits = row->has_hit ? &hits : NULL,
                          .is_scanned = !row->is_unscanned,
                          .is_sender_proven = row->is_proven,
                          .member_rule = row->member_rule,
                          .server_rule = row->server_rule,
                          .is_correspondent = row->is_correspondent,
                          .is_transactional = row->is_transactional,
                          .resembles = row->resembles,
                          .disguise = row->disguise};
    struct verdict verdict;
    assert_int_equal(decide(&facts, arena, &verdict, NULL), 0);
    assert_int_equal(verdict.is_unscanned, row->is_unscanned);
    return verdict;
}

static void each_row_is_decided_as_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(1 << 16);
        struct verdict verdict = judge(&rows[i], arena);
        if (verdict.action != rows[i].action)
            fail_msg("%s: %s", rows[i].claim, verdict_action_name(verdict.action));
        if (rows[i].rule == NULL
                ? verdict.reason_count != 0
                : verdict.reason_count == 0 || !slice_is(verdict.reasons[0].rule, rows[i].rule))
            fail_msg("%s: another reason comes first", rows[i].claim);
        if (rows[i].rule != NULL)
            assert_true(slice_equals(verdict.category, verdict.reasons[0].category));
    }
}

static void why_an_allow_did_not_count_is_kept(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(1 << 16);
    const struct row row = {"", THREAT, .member_rule = ALLOW};
    struct verdict verdict = judge(&row, arena);
    assert_int_equal(verdict.reason_count, 2);
    assert_true(slice_is(verdict.reasons[1].rule, "allowed-unproven"));
}

static void of_very_many_hits_the_strongest_are_kept(void **state)
{
    (void)state;
    enum { MANY = 500 };
    ARENA_CLEANUP *arena = arena_new(1 << 16);
    static struct hit hits[MANY];
    struct list list = {.name = slice_of("kefir"), .is_local = true, .max_action = HOLD};
    struct entry weak = {.category = CATEGORY_HATE,
                         .max_action = HOLD,
                         .severity = 5,
                         .category_name = slice_of("hate")};
    struct entry strong = {.category = CATEGORY_THREAT,
                           .max_action = HOLD,
                           .severity = 1,
                           .category_name = slice_of("threat")};
    for (int i = 0; i < MANY; i++)
        hits[i] = (struct hit){&list, i == MANY - 1 ? &strong : &weak, 0, "body", {NULL, 0}};
    struct hit_set set = {.hits = hits, .count = MANY, .is_complete = true};
    struct wishes wishes;
    wishes_set_defaults(&wishes);
    struct facts facts = {.wishes = &wishes, .now = NOW, .hits = &set, .is_scanned = true};
    struct verdict verdict;
    assert_int_equal(decide(&facts, arena, &verdict, NULL), 0);
    assert_int_equal(verdict.action, VERDICT_HOLD);
    assert_true(slice_is(verdict.category, "threat"));
    assert_int_equal(verdict.severity, 1);
    assert_in_range(verdict.reason_count, 2, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_decided_as_promised),
        cmocka_unit_test(why_an_allow_did_not_count_is_kept),
        cmocka_unit_test(of_very_many_hits_the_strongest_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
