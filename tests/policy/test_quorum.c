#include "policy/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1800000000
#define MOST_VOICES 3

/* One hit of a partner's list. */
struct voice {
    const char *partner;
    enum category category;
    bool is_adopted, is_shadow, does_not_count;
    int quorum, disagreements;           /* 0: 2 */
    enum list_action ceiling, freshness; /* NONE: hold */
};

struct row {
    const char *claim;
    struct voice voices[MOST_VOICES];
    enum verdict_action action;
};

#define THREAT CATEGORY_THREAT

static const struct row rows[] = {
    {"one partner alone only tags", {{.partner = "a", .category = THREAT}}, VERDICT_TAG},
    {"two partners hold",
     {{.partner = "a", .category = THREAT}, {.partner = "b", .category = THREAT}},
     VERDICT_HOLD},
    {"two lists of one partner are one voice",
     {{.partner = "a", .category = THREAT}, {.partner = "a", .category = THREAT}},
     VERDICT_TAG},
    {"what was adopted is no second voice",
     {{.partner = "a", .category = THREAT},
      {.partner = "b", .category = THREAT, .is_adopted = true}},
     VERDICT_TAG},
    {"two who adopted are no voice at all",
     {{.partner = "a", .category = THREAT, .is_adopted = true},
      {.partner = "b", .category = THREAT, .is_adopted = true}},
     VERDICT_TAG},
    {"a partner that does not count is no second voice",
     {{.partner = "a", .category = THREAT},
      {.partner = "b", .category = THREAT, .does_not_count = true}},
     VERDICT_TAG},
    {"another category is no second voice",
     {{.partner = "a", .category = THREAT}, {.partner = "b", .category = CATEGORY_DOXXING}},
     VERDICT_TAG},
    {"what is in shadow has no effect",
     {{.partner = "a", .category = THREAT, .is_shadow = true}},
     VERDICT_NONE},
    {"nor is it a second voice",
     {{.partner = "a", .category = THREAT},
      {.partner = "b", .category = THREAT, .is_shadow = true}},
     VERDICT_TAG},
    {"a quorum of one is an explicit choice",
     {{.partner = "a", .category = THREAT, .quorum = 1}},
     VERDICT_HOLD},
    {"a disagreement asks for one voice more",
     {{.partner = "a", .category = THREAT, .disagreements = 1},
      {.partner = "b", .category = THREAT, .disagreements = 1}},
     VERDICT_TAG},
    {"which a third can give",
     {{.partner = "a", .category = THREAT, .disagreements = 1},
      {.partner = "b", .category = THREAT},
      {.partner = "c", .category = THREAT}},
     VERDICT_HOLD},
    {"the partner's ceiling is not passed",
     {{.partner = "a", .category = THREAT, .quorum = 1, .ceiling = LIST_ACTION_OBSERVE}},
     VERDICT_OBSERVE},
    {"a partner that fell silent only tags",
     {{.partner = "a", .category = THREAT, .quorum = 1, .freshness = LIST_ACTION_TAG}},
     VERDICT_TAG},
    {"and is only observed when it is silent for long",
     {{.partner = "a", .category = THREAT, .quorum = 1, .freshness = LIST_ACTION_OBSERVE}},
     VERDICT_OBSERVE},
};

static void make(const struct voice *voice, struct list *list, struct entry *entry)
{
    *list = (struct list){.name = slice_of("list"),
                          .publisher = slice_of(voice->partner),
                          .partner = slice_of(voice->partner),
                          .max_action = LIST_ACTION_HOLD,
                          .freshness = LIST_ACTION_HOLD,
                          .counts_for_quorum = !voice->does_not_count,
                          .is_shadow = voice->is_shadow,
                          .hold_quorum = voice->quorum == 0 ? 2 : voice->quorum};
    if (voice->freshness != LIST_ACTION_NONE)
        list->freshness = voice->freshness;
    for (size_t i = 0; i < CATEGORY_COUNT; i++)
        list->ceilings[i] = voice->ceiling == LIST_ACTION_NONE ? LIST_ACTION_HOLD : voice->ceiling;
    *entry = (struct entry){.id = slice_of("aaaa0001"),
                            .category = voice->category,
                            .severity = 3,
                            .max_action = LIST_ACTION_HOLD,
                            .basis = slice_of(voice->is_adopted ? "adopted" : "own"),
                            .disagreements = voice->disagreements};
}

static enum verdict_action ask(const struct row *row)
{
    struct list lists[MOST_VOICES];
    struct entry entries[MOST_VOICES];
    struct hit hits[MOST_VOICES] = {{0}};
    struct hit_set set = {.hits = hits, .is_complete = true};
    struct wishes wishes;
    struct verdict verdict;
    struct error err = {0};
    struct arena *arena = arena_new(1 << 20);
    assert_non_null(arena);
    wishes_set_defaults(&wishes);
    for (; set.count < MOST_VOICES && row->voices[set.count].partner != NULL; set.count++) {
        make(&row->voices[set.count], &lists[set.count], &entries[set.count]);
        hits[set.count] = (struct hit){
            .list = &lists[set.count], .entry = &entries[set.count], .where_name = "body"};
    }
    const struct facts facts = {.wishes = &wishes, .now = NOW, .hits = &set, .is_scanned = true};
    assert_int_equal(decide(&facts, arena, &verdict, &err), 0);
    arena_free(arena);
    return verdict.action;
}

static void partners_hold_together_or_not_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (ask(&rows[i]) != rows[i].action)
            fail_msg("%s: %s", rows[i].claim, verdict_action_name(ask(&rows[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(partners_hold_together_or_not_at_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
