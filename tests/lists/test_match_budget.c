/* What one message may take, and that nothing is lost where it takes much. */
#include "tests/lists/matching.h"

#define SLACK_MICROSECONDS 100000

static void time_ends_matching_and_says_so(void **state)
{
    (void)state;
    struct matcher *matcher =
        matcher_of(HEAD "+ phrase \"una frase\"\n  id 0a000003" REST "@end 1\n");
    struct arena *arena = arena_new(16 * MIB);
    struct text_piece piece = {TEXT_BODY, slice_of("una frase"), false, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(0)};
    struct hit_set hits;
    struct error err = {0};
    assert_int_equal(matcher_match(matcher, &input, arena, &hits, &err), 0);
    assert_false(hits.is_complete);
    assert_int_equal(hits.limit_count, 1);
    assert_non_null(strstr(hits.limits[0], "time"));
    arena_free(arena);
    matcher_free(matcher);
}

/* Hostile patterns on hostile text: 250 ms and a little, whatever happens. The little is what has
 * no look at the budget: folding one text (sanitizers make it slow) and eight places of one
 * pattern. */
static void hostile_patterns_stay_within_their_time(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ re \"a{0,64}a{0,64}a{0,64}a{0,64}a{0,64}a{0,64}abcdz\"\n  id 0a000001" REST
             "  yes \"abcdz\"\n  yes \"aabcdz\"\n  no \"x\"\n  no \"y\"\n"
             "+ re \"(?:a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?)aabc.{0,64}[a-z]{0,64}zz\"\n"
             "  id 0a000002" REST
             "  yes \"aabczz\"\n  yes \"aaabcxzz\"\n  no \"x\"\n  no \"y\"\n@end 2\n");
    size_t size = 1 * MIB;
    char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = "aaaaaaaaaaaaaaaaaaaaabcdaabc"[i % 28];
    struct arena *arena = arena_new(256 * MIB);
    struct text_piece piece = {TEXT_BODY, slice_new(text, size), false, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(250)};
    struct hit_set hits;
    struct error err = {0};
    assert_int_equal(matcher_match(matcher, &input, arena, &hits, &err), 0);
    assert_in_range(budget_spent_microseconds(&input.budget), 250000, 250000 + SLACK_MICROSECONDS);
    assert_int_equal(hits.count, 0);
    assert_false(hits.is_complete);
    arena_free(arena);
    free(text);
    matcher_free(matcher);
}

/* Entries whose beginnings all stand in the text and whose ends never do: none is a candidate. */
static void what_never_matches_stays_within_its_time_too(void **state)
{
    (void)state;
    static const char head[] = "una amenaza que empieza siempre de la misma manera y ";
    enum { ENTRIES = 6000, TIMES = 10000 };
    struct list list = {.name = SLICE_LITERAL("probe"), .max_action = LIST_ACTION_HOLD};
    struct matcher *matcher;
    struct error err = {0};
    uint32_t index, at;
    matcher = matcher_make(&err);
    assert_non_null(matcher);
    assert_int_equal(matcher_add_list(matcher, &list, "probe", &index, &err), 0);
    for (int i = 0; i < ENTRIES; i++) {
        char value[100], id[12];
        snprintf(value, sizeof value, "%sdice %d", head, i);
        snprintf(id, sizeof id, "%08x", i);
        struct entry entry = {.type = ENTRY_PHRASE,
                              .type_name = SLICE_LITERAL("phrase"),
                              .value = slice_of(value),
                              .id = slice_of(id),
                              .scope = (unsigned)TEXT_BODY,
                              .expires_at = INT64_MAX};
        assert_int_equal(matcher_add(matcher, index, &list, &entry, &at, &err), 0);
    }
    assert_int_equal(matcher_seal(matcher, 0, 0, &err), 0);
    char *text = malloc(TIMES * (sizeof head - 1));
    assert_non_null(text);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + i * (sizeof head - 1), head, sizeof head - 1);
    struct arena *arena = arena_new(256 * MIB);
    struct text_piece piece = {TEXT_BODY, slice_new(text, TIMES * (sizeof head - 1)), false,
                               "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(60)};
    struct hit_set hits;
    assert_int_equal(matcher_match(matcher, &input, arena, &hits, &err), 0);
    assert_in_range(budget_spent_microseconds(&input.budget), 60000, 60000 + SLACK_MICROSECONDS);
    assert_false(hits.is_complete);
    arena_free(arena);
    free(text);
    matcher_free(matcher);
}

/*
 * Where few steps are not enough PCRE2 is asked a few places at a time. From the first "ae" there
 * are thousands of ways, none of which reaches the end; from the second one there is a match, and
 * from nowhere else, at each distance from where the window begins.
 */
static void what_needs_patience_is_found_too(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ re \"[ab]e[ab]{0,24}a{0,6}b{0,6}a{0,6}.{0,24}a{0,6}b{0,6}cdab\"\n  id 0a000001" REST
             "  yes \"aecdab\"\n  yes \"aeabcdab\"\n  no \"x\"\n  no \"y\"\n@end 1\n");
    for (size_t before = 0; before < 24; before++) {
        char text[200] = "", ids[256];
        for (size_t i = 0; i < before; i++)
            strcat(text, i % 2 == 0 ? "h" : "i");
        strcat(text, "ae");
        for (int i = 0; i < 9; i++)
            strcat(text, "ab");
        for (int i = 0; i < 13; i++)
            strcat(text, "fg");
        strcat(text, "aeba");
        strcat(text, "cdab");
        ids_in(matcher, TEXT_BODY, text, ids);
        if (strcmp(ids, "0a000001 ") != 0)
            fail_msg("\"%s\": \"%s\"", text, ids);
    }
    matcher_free(matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_ends_matching_and_says_so),
        cmocka_unit_test(hostile_patterns_stay_within_their_time),
        cmocka_unit_test(what_never_matches_stays_within_its_time_too),
        cmocka_unit_test(what_needs_patience_is_found_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
