#include "tests/lists/matching.h"

static void text_is_matched_folded_and_on_word_edges(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ phrase \"te voy a matar\"\n  id 0a000001" REST
             "+ re \"romper la.{0,10}(?:cara|jeta)\\b\"\n  id 0a000002" REST
             "  yes \"romper la cara\"\n  yes \"romper la jeta\"\n  no \"nada\"\n  no \"romper\"\n"
             "+ phrase \"solo asunto\"\n  id 0a000003 scope subject" REST
             "+ phrase \"mal archivo\"\n  id 0a000004 scope attachment-name,from-name" REST
             "@end 4\n");
    static const struct {
        enum text_where where;
        const char *text, *ids;
    } rows[] = {
        {TEXT_BODY, "hola: Te voy a MATAR.", "0a000001 "},
        {TEXT_BODY, "te voy\r\n  a matar", "0a000001 "},
        {TEXT_BODY, "t3 v0y a m4t4r", "0a000001 "},
        {TEXT_BODY, "t e  v o y  a  m a t a r", "0a000001 "},
        {TEXT_BODY, "t e v o y a m a t a r", "0a000001 "},
        {TEXT_BODY, "r o m p e r l a c a r a", "0a000002 "},
        {TEXT_BODY, "tevoyamatar", "0a000001 "},
        {TEXT_BODY, "te voy a ma\u200btar", "0a000001 "},
        {TEXT_BODY, "te voy \u0430 m\u0430t\u0430r", "0a000001 "},
        {TEXT_BODY, "te voy a mataaaaar", "0a000001 "},
        {TEXT_BODY, "te voy a matarte", ""},
        {TEXT_BODY, "este voy a matar", ""},
        {TEXT_BODY, "te voy a matar\u00e9", ""},
        {TEXT_BODY, "romper la tu CARA", "0a000002 "},
        {TEXT_BODY, "romper la tu caracol", ""},
        {TEXT_BODY, "romper la 12345678901 cara", ""},
        {TEXT_SUBJECT, "te voy a matar, solo asunto", "0a000001 0a000003 "},
        {TEXT_BODY, "solo asunto", ""},
        {TEXT_ATTACHMENT_NAME, "mal archivo.pdf", "0a000004 "},
        {TEXT_FROM_NAME, "Mal Archivo", "0a000004 "},
        {TEXT_URL, "https://x.example/te voy a matar", ""},
        {TEXT_BODY, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char ids[256];
        ids_in(matcher, rows[i].where, rows[i].text, ids);
        if (strcmp(ids, rows[i].ids) != 0)
            fail_msg("\"%s\": \"%s\", not \"%s\"", rows[i].text, ids, rows[i].ids);
    }
    matcher_free(matcher);
}

static void a_hit_shows_what_a_person_saw(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ re \"sabemos.{0,64}.{0,64}d\u00f3nde vives\"\n  id 0a000001" REST
             "  yes \"sabemos d\u00f3nde vives\"\n  yes \"sabemos, s\u00ed, donde vives\"\n"
             "  no \"nada\"\n  no \"todo\"\n@end 1\n");
    struct arena *arena = arena_new(16 * MIB);
    char text[400] = "xx SABEMOS ";
    for (int i = 0; i < 58; i++)
        strcat(text, "\u00e9\u00e9");
    strcat(text, " D\u00f3nde Vives");
    struct text_piece piece = {TEXT_BODY, slice_of(text), true, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(10000)};
    struct hit_set hits;
    struct error err = {0};
    assert_int_equal(matcher_match(matcher, &input, arena, &hits, &err), 0);
    assert_int_equal(hits.count, 1);
    assert_true(hits.is_complete);
    assert_string_equal(hits.hits[0].where_name, "body");
    assert_true(slice_starts_with(hits.hits[0].text, "SABEMOS \u00e9"));
    assert_int_equal(hits.hits[0].text.size, 120);
    arena_free(arena);
    matcher_free(matcher);
}

static void sender_and_network_are_matched_exactly(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ addr malo+x@correo.example\n  id 0a000001 auth dmarc" REST
             "+ addr malo@correo.example\n  id 0a000002" REST
             "+ domain bombas.example sub\n  id 0a000003" REST
             "+ domain solo.example\n  id 0a000004" REST "+ cidr 192.0.2.0/25\n  id 0a000005" REST
             "+ cidr 2001:db8:7::/48\n  id 0a000006" REST "+ cidr 192.0.2.9\n  id 0a000007" REST
             "@end 7\n");
    static const struct {
        const char *sender, *from, *ip;
        enum spf_result spf;
        enum dmarc_result dmarc;
        const char *ids;
    } rows[] = {
        {"", "malo@correo.example", "", SPF_NONE, DMARC_PASS, "0a000001 0a000002 "},
        {"", "malo@correo.example", "", SPF_PASS, DMARC_FAIL, "0a000002 "},
        {"malo@correo.example", "", "", SPF_PASS, DMARC_FAIL, "0a000001 0a000002 "},
        {"malo@correo.example", "", "", SPF_FAIL, DMARC_FAIL, "0a000002 "},
        {"otro@correo.example", "", "", SPF_PASS, DMARC_PASS, ""},
        {"a@bombas.example", "", "", SPF_NONE, DMARC_NONE, "0a000003 "},
        {"", "a@x.y.bombas.example", "", SPF_NONE, DMARC_NONE, "0a000003 "},
        {"a@xbombas.example", "", "", SPF_NONE, DMARC_NONE, ""},
        {"a@solo.example", "", "", SPF_NONE, DMARC_NONE, "0a000004 "},
        {"a@x.solo.example", "", "", SPF_NONE, DMARC_NONE, ""},
        {"", "", "192.0.2.127", SPF_NONE, DMARC_NONE, "0a000005 "},
        {"", "", "192.0.2.128", SPF_NONE, DMARC_NONE, ""},
        {"", "", "::ffff:192.0.2.9", SPF_NONE, DMARC_NONE, "0a000005 0a000007 "},
        {"", "", "2001:db8:7:1::1", SPF_NONE, DMARC_NONE, "0a000006 "},
        {"", "", "2001:db8:8::1", SPF_NONE, DMARC_NONE, ""},
        {"", "", "nonsense", SPF_NONE, DMARC_NONE, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct auth_answer auth = {.has_client = true};
        auth.spf.result = rows[i].spf;
        auth.dmarc.result = rows[i].dmarc;
        struct match_input input = {.sender = slice_of(rows[i].sender),
                                    .from_address = slice_of(rows[i].from),
                                    .client_ip = slice_of(rows[i].ip),
                                    .auth = &auth,
                                    .now = TODAY,
                                    .budget = budget_of(1000)};
        char ids[256];
        ids_of(matcher, &input, ids);
        if (strcmp(ids, rows[i].ids) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, ids, rows[i].ids);
        input.auth = NULL;
        ids_of(matcher, &input, ids);
        assert_null(strstr(ids, "0a000001"));
    }
    matcher_free(matcher);
}

static void only_signatures_that_passed_name_a_signer(void **state)
{
    (void)state;
    struct matcher *matcher =
        matcher_of(HEAD "+ dkim d=malo.example\n  id 0a000001" REST
                        "+ dkim d=malo.example s=s1\n  id 0a000002" REST "@end 2\n");
    static const struct {
        enum dkim_result result;
        const char *domain, *selector, *ids;
    } rows[] = {{DKIM_PASS, "Malo.example", "S1", "0a000001 0a000002 "},
                {DKIM_PASS, "malo.example", "s2", "0a000001 "},
                {DKIM_PASS, "x.malo.example", "s1", ""},
                {DKIM_FAIL, "malo.example", "s1", ""},
                {DKIM_POLICY, "malo.example", "s1", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dkim_signature signature = {.result = rows[i].result,
                                           .domain = slice_of(rows[i].domain),
                                           .selector = slice_of(rows[i].selector)};
        struct auth_answer auth = {.dkim = {&signature, 1}};
        struct match_input input = {.auth = &auth, .now = TODAY, .budget = budget_of(1000)};
        char ids[256];
        ids_of(matcher, &input, ids);
        assert_string_equal(ids, rows[i].ids);
    }
    matcher_free(matcher);
}

static void links_are_matched_by_host_and_path(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ url malo.example/pagos\n  id 0a000001" REST "+ url todo.example\n  id 0a000002" REST
             "+ url xn--espaa-rta.example/\n  id 0a000003" REST "@end 3\n");
    static const struct {
        enum text_where where;
        const char *text, *ids;
    } rows[] = {
        {TEXT_URL, "https://malo.example/pagos/1?x=2", "0a000001 "},
        {TEXT_URL, "https://user:pw@MALO.example:8443/pagos", "0a000001 "},
        {TEXT_URL, "https://malo.example@bueno.example/pagos", ""},
        {TEXT_URL, "https://malo.example/otra", ""},
        {TEXT_URL, "https://xmalo.example/pagos", ""},
        {TEXT_BODY, "mira (https://malo.example/pagos).", "0a000001 "},
        {TEXT_BODY, "mira malo.example/pagos!", "0a000001 "},
        {TEXT_SUBJECT, "www.todo.example", "0a000002 "},
        {TEXT_BODY, "todo.example.", "0a000002 "},
        {TEXT_BODY, "notodo.example", ""},
        {TEXT_URL, "http://todo.example?x", "0a000002 "},
        {TEXT_URL, "https://espa\u00f1a.example/", "0a000003 "},
        {TEXT_ATTACHMENT_NAME, "todo.example", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char ids[256];
        ids_in(matcher, rows[i].where, rows[i].text, ids);
        if (strcmp(ids, rows[i].ids) != 0)
            fail_msg("\"%s\": \"%s\", not \"%s\"", rows[i].text, ids, rows[i].ids);
    }
    matcher_free(matcher);
}

static void expired_retracted_and_parked_entries_never_match(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ phrase \"primera frase\"\n  id 0a000001 cat threat added 2026-11-01 expires "
             "2026-11-24\n"
             "+ phrase \"segunda frase\"\n  id 0a000002" REST
             "+ phrase \"tercera frase\"\n  id 0a000003 colour red" REST
             "+ phrase \"cuarta frase\"\n  id 0a000004" REST "  yes \"otra cosa\"\n"
             "+ phrase \"quinta frase\"\n  id 0a000005 cat threat added 2020-01-01 expires "
             "2099-01-01\n"
             "+ phrase \"sexta frase\"\n  id 0a000006 cat threat added 2026-11-01 expires "
             "2026-11-25\n"
             "- id 0a000002  retracted 2026-11-20\n"
             "+ phrase \"septima frase\"\n  id 0a000007" REST
             "~ local/0123456789abcdef/0a000007  opinion disagree\n"
             "@end 9\n");
    char ids[256];
    ids_in(matcher, TEXT_BODY,
           "primera frase segunda frase tercera frase cuarta frase quinta frase sexta frase "
           "septima frase",
           ids);
    assert_string_equal(ids, "0a000006 ");
    matcher_free(matcher);
}

static void hits_are_ordered_by_severity_then_id(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ phrase \"una frase\"\n  id 0a000003 cat threat sev 2 expires 2027-01-01\n"
             "+ phrase \"una frase mas\"\n  id 0a000002 cat threat sev 5 expires 2027-01-01\n"
             "+ phrase \"frase mas\"\n  id 0a000001 cat hate sev 2 expires 2027-01-01\n@end 3\n");
    char ids[256];
    ids_in(matcher, TEXT_BODY, "una frase mas, una frase mas", ids);
    assert_string_equal(ids, "0a000002 0a000001 0a000003 ");
    matcher_free(matcher);
}

struct worker {
    const struct matcher *matcher;
    int wrong;
};

static void *match_many_times(void *context)
{
    struct worker *worker = context;
    struct arena *arena = arena_new(16 * MIB);
    struct text_piece piece = {TEXT_BODY, slice_of("romper aaaa la cara"), false, "test"};
    struct text_set texts = {&piece, 1, NULL, 0};
    for (int i = 0; i < 300; i++) {
        struct match_input input = {.texts = &texts, .now = TODAY, .budget = budget_of(10000)};
        struct hit_set hits;
        struct error err = {0};
        worker->wrong +=
            matcher_match(worker->matcher, &input, arena, &hits, &err) != 0 || hits.count != 1;
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

static void threads_share_a_matcher(void **state)
{
    (void)state;
    struct matcher *matcher = matcher_of(
        HEAD "+ re \"romper.{0,10}(?:cara|jeta)\"\n  id 0a000001" REST
             "  yes \"romper la cara\"\n  yes \"romper la jeta\"\n  no \"x\"\n  no \"y\"\n"
             "@end 1\n");
    struct worker workers[4];
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        workers[i] = (struct worker){matcher, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, match_many_times, &workers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
    matcher_free(matcher);
}

/* --- the literals in front of PCRE2 never lose a match -----------------------------------------
 */

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

/* No single letters, never three alike or two spaces in a row: both views are the text itself. */
static void write_random_text(unsigned *seed, char *text, size_t size)
{
    static const char *const parts[] = {"abcd", "abc", "ab", "bcda", "cd", "dc", " ", "cdab"};
    text[0] = '\0';
    while (strlen(text) + 8 < size) {
        const char *part = parts[next_random(seed) % 8];
        size_t used = strlen(text);
        if (part[0] != ' ' || (used > 0 && text[used - 1] != ' '))
            strcat(text, part);
    }
}

static void write_random_pattern(unsigned *seed, char *pattern)
{
    static const char *const parts[] = {
        "abcd",      "b?",  ".{0,5}",         "[ab]{1,3}", "(?:cdab|abcd)",
        "(?:ab|c)?", "\\b", "(?:abcda|abcd)", "c{0,2}",    "(?:a(?:bcd|cd) |bcdab)",
        "cdab",      " ?"};
    pattern[0] = '\0';
    int gaps = 0;
    for (unsigned count = 2 + next_random(seed) % 4; count > 0; count--) {
        const char *part = parts[next_random(seed) % 12];
        gaps += strchr(part, '{') != NULL;
        if (gaps <= 2)
            strcat(pattern, part);
    }
}

/* Texts in which both views differ, with letters that fold to several bytes and back. */
static void write_wild_text(unsigned *seed, char *text, size_t size)
{
    static const char *const parts[] = {
        "abcd",    "ABCD",      "ab cd",      "a b c d", "4bcd", "a.b.c.d",
        "abccccd", "\u00e1bcd", "cd\u200bab", "cdab",    " ",    "  ",
        "\n",      "abcda",     "\u0430bcd",  "\u4e00",  "aab",  "!"};
    text[0] = '\0';
    while (strlen(text) + 12 < size)
        strcat(text, parts[next_random(seed) % (sizeof parts / sizeof parts[0])]);
}

#define PATTERNS_AT_ONCE 50

struct crowd {
    char patterns[PATTERNS_AT_ONCE][200];
    char ids[PATTERNS_AT_ONCE][12];
    pcre2_code *plain[PATTERNS_AT_ONCE]; /* of the source for the plain view */
    pcre2_code *tight[PATTERNS_AT_ONCE];
    pcre2_code *joined[PATTERNS_AT_ONCE]; /* for letters one by one: may be hit, need not */
    struct matcher *matcher;
};

static pcre2_code *plain_code(const char *pattern, enum fold_view view, bool is_joined,
                              struct arena *arena)
{
    struct pattern *parsed;
    struct pattern_form form;
    struct error err = {0};
    pcre2_code *code = NULL;
    assert_int_equal(pattern_parse(slice_of(pattern), arena, &parsed, &err), 0);
    assert_int_equal(pattern_fold(parsed, view, is_joined, arena, &form, &err), 0);
    if (view == FOLD_TIGHT && form.literal_count == 0)
        return NULL;
    assert_int_equal(pattern_compile(form.source, &code, &err), 0);
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

/* Straight into a matcher: an entry's own tests are not the question here. */
static void gather_crowd(unsigned *seed, struct crowd *crowd)
{
    struct list list = {.name = SLICE_LITERAL("probe")};
    struct error err = {0};
    struct arena *arena = arena_new(64 * MIB);
    uint32_t index, at;
    crowd->matcher = matcher_make(&err);
    assert_non_null(crowd->matcher);
    assert_int_equal(matcher_add_list(crowd->matcher, &list, "probe", &index, &err), 0);
    for (int i = 0; i < PATTERNS_AT_ONCE;) {
        char *pattern = crowd->patterns[i];
        write_random_pattern(seed, pattern);
        if (pattern_check(slice_of(pattern), arena, &err) != 0)
            continue;
        snprintf(crowd->ids[i], sizeof crowd->ids[i], "%08x", i);
        struct entry entry = {.type = ENTRY_RE,
                              .type_name = SLICE_LITERAL("re"),
                              .value = slice_of(pattern),
                              .id = slice_of(crowd->ids[i]),
                              .scope = (unsigned)TEXT_BODY,
                              .expires_at = INT64_MAX};
        assert_int_equal(matcher_add(crowd->matcher, index, &list, &entry, &at, &err), 0);
        crowd->plain[i] = plain_code(pattern, FOLD_PLAIN, false, arena);
        crowd->tight[i] = plain_code(pattern, FOLD_TIGHT, false, arena);
        crowd->joined[i] = plain_code(pattern, FOLD_TIGHT, true, arena);
        i++;
    }
    assert_int_equal(matcher_seal(crowd->matcher, 0, 0, &err), 0);
    arena_free(arena);
}

static void dismiss_crowd(struct crowd *crowd)
{
    for (int i = 0; i < PATTERNS_AT_ONCE; i++) {
        pcre2_code_free(crowd->plain[i]);
        pcre2_code_free(crowd->tight[i]);
        pcre2_code_free(crowd->joined[i]);
    }
    matcher_free(crowd->matcher);
}

static bool finds(const pcre2_code *code, struct slice text, pcre2_match_data *data)
{
    return code != NULL &&
           pcre2_match(code, (PCRE2_SPTR)text.data, text.size, 0, 0, data, NULL) >= 0;
}

/* Every pair: what plain PCRE2 finds in a view is hit; what is hit, it finds there, or without
 * spaces in the tight one. Returns how many were found. */
static int compare_crowd(const struct crowd *crowd, const char *text)
{
    char ids[PATTERNS_AT_ONCE * 12];
    struct folded views[2];
    struct error err = {0};
    struct arena *arena = arena_new(4 * MIB);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int found = 0;
    ids_in(crowd->matcher, TEXT_BODY, text, ids);
    assert_int_equal(fold_text(slice_of(text), FOLD_PLAIN, arena, &views[0], &err), 0);
    assert_int_equal(fold_text(slice_of(text), FOLD_TIGHT, arena, &views[1], &err), 0);
    for (int i = 0; i < PATTERNS_AT_ONCE; i++) {
        bool expected = finds(crowd->plain[i], views[0].text, data) ||
                        finds(crowd->tight[i], views[1].text, data);
        bool is_hit = strstr(ids, crowd->ids[i]) != NULL;
        if (expected && !is_hit)
            fail_msg("%s is lost in \"%s\"", crowd->patterns[i], text);
        if (is_hit && !expected && !finds(crowd->joined[i], views[1].text, data))
            fail_msg("%s is made up in \"%s\"", crowd->patterns[i], text);
        found += expected;
    }
    pcre2_match_data_free(data);
    arena_free(arena);
    return found;
}

/* ZAGUAN_MATCH_PAIRS: how many; `make check-long` asks for more than a million. */
static void no_match_of_pcre2_is_lost(void **state)
{
    (void)state;
    const char *wanted = getenv("ZAGUAN_MATCH_PAIRS");
    long pairs = wanted == NULL ? 25000 : atol(wanted), tried = 0, found = 0;
    unsigned seed = 1;
    while (tried < pairs) {
        struct crowd crowd;
        gather_crowd(&seed, &crowd);
        for (int i = 0; i < 40; i++) {
            char text[120];
            if (i % 2 == 0)
                write_random_text(&seed, text, 80);
            else
                write_wild_text(&seed, text, sizeof text);
            found += compare_crowd(&crowd, text);
            tried += PATTERNS_AT_ONCE;
        }
        dismiss_crowd(&crowd);
    }
    print_message("%ld pairs, %ld found\n", tried, found);
    assert_in_range(found, tried / 20, tried - tried / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_matched_folded_and_on_word_edges),
        cmocka_unit_test(a_hit_shows_what_a_person_saw),
        cmocka_unit_test(sender_and_network_are_matched_exactly),
        cmocka_unit_test(only_signatures_that_passed_name_a_signer),
        cmocka_unit_test(links_are_matched_by_host_and_path),
        cmocka_unit_test(expired_retracted_and_parked_entries_never_match),
        cmocka_unit_test(hits_are_ordered_by_severity_then_id),
        cmocka_unit_test(threads_share_a_matcher),
        cmocka_unit_test(no_match_of_pcre2_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
