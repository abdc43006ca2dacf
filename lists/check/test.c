/*
 * The texts that an entry brings along, through the same fold and matcher as mail. A text of an
 * address, a domain, a network or a signer is such a value, taken as proven.
 */
#include "lists/format/finding.h"

#include "lists/match/matcher.h"
#include <stdlib.h>

#define MATCH_BYTES ((size_t)4 * 1024 * 1024)
#define TEST_MILLISECONDS 2000 /* generous: a busy machine must not park an entry */

/* What a mail would have to be so that this text can hit this entry. */
static void input_of(const struct entry *entry, const struct entry_test *test,
                     struct match_input *input, struct text_piece *piece, struct auth_answer *auth,
                     struct dkim_signature *signature)
{
    unsigned first = entry->scope & (~entry->scope + 1);
    if ((entry->scope & (unsigned)TEXT_BODY) != 0)
        first = (unsigned)TEXT_BODY;
    piece->where = (enum text_where)first;
    piece->text = test->text;
    piece->source = "test";
    auth->dmarc.result = DMARC_PASS;
    auth->spf.result = SPF_PASS;
    input->auth = auth;
    if (entry->type == ENTRY_ADDR)
        input->from_address = test->text;
    if (entry->type == ENTRY_CIDR)
        input->client_ip = test->text;
    struct slice rest = test->text;
    if (entry->type == ENTRY_DKIM && slice_next_word(&rest, &signature->domain)) {
        signature->result = DKIM_PASS;
        (void)slice_next_word(&rest, &signature->selector);
        auth->dkim = (struct dkim_answer){signature, 1};
    }
}

static int run_test(const struct matcher *matcher, uint32_t at, const struct entry *entry,
                    const struct entry_test *test, struct arena *arena, bool *is_hit_out,
                    bool *is_complete_out, struct error *err)
{
    struct text_piece piece = {.is_hidden = false};
    struct text_set texts = {.pieces = &piece, .count = 1};
    struct auth_answer auth = {.has_client = true};
    struct dkim_signature signature = {.result = DKIM_NONE};
    struct match_input input = {
        .texts = &texts, .now = INT64_MIN, .budget = budget_of(TEST_MILLISECONDS)};
    struct hit_set hits;
    input_of(entry, test, &input, &piece, &auth, &signature);
    if (entry->type == ENTRY_DOMAIN) {
        const char *from = arena_printf(arena, "a@" SLICE_FORMAT, SLICE_ARGUMENTS(test->text));
        input.from_address = slice_of(from);
    }
    if (matcher_match_only(matcher, &input, at, arena, &hits, err) != 0)
        return -1;
    *is_hit_out = hits.count > 0;
    *is_complete_out = hits.is_complete;
    return 0;
}

int test_entry_at(const struct matcher *matcher, uint32_t at, const struct entry *entry,
                  struct findings *findings, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(MATCH_BYTES);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for tests");
    for (size_t i = 0; i < entry->test_count; i++) {
        const struct entry_test *test = &entry->tests[i];
        bool is_hit, is_complete;
        if (run_test(matcher, at, entry, test, arena, &is_hit, &is_complete, err) != 0)
            return -1;
        if (!is_complete)
            finding_add(findings, FINDING_ERROR, entry, test->place,
                        "this text takes the entry too long");
        else if (is_hit != test->should_match)
            finding_add(findings, FINDING_ERROR, entry, test->place,
                        is_hit ? "this no text matches the entry, but should not"
                               : "this yes text does not match the entry, but should");
        arena_reset(arena);
    }
    return 0;
}

int test_entry(const struct list *list, const struct entry *entry, struct findings *findings,
               struct error *err)
{
    struct error fault = {0};
    if (entry->test_count == 0)
        return 0;
    struct matcher *matcher = matcher_make(err);
    if (matcher == NULL)
        return -1;
    uint32_t index = 0, at = 0;
    int failed = matcher_add_list(matcher, list, "", &index, &fault);
    if (failed == 0)
        failed = matcher_add(matcher, index, list, entry, &at, &fault);
    if (failed != 0 && fault.kind == ERROR_INPUT) {
        finding_add(findings, FINDING_ERROR, entry, entry->value_place, "%s", fault.text);
        failed = 0;
    } else if (failed != 0) {
        error_set(err, fault.kind, "%s", fault.text);
    } else {
        matcher->has_jit = false;
        failed = matcher_seal(matcher, 0, 0, err);
        if (failed == 0)
            failed = test_entry_at(matcher, at, entry, findings, err);
    }
    matcher_free(matcher);
    return failed;
}

int test_list(const struct list *list, struct findings *findings, struct error *err)
{
    for (size_t i = 0; i < list->entry_count; i++)
        if (list->entries[i].inactive == NULL &&
            test_entry(list, &list->entries[i], findings, err) != 0)
            return -1;
    return arena_is_exhausted(findings->arena) ? arena_error(findings->arena, err) : 0;
}
