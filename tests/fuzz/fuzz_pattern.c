/*
 * A pattern, a line end, a text. What the subset accepts PCRE2 compiles too, and matching stays
 * within its budget: the text is repeated to 8 KB, so that what grows faster than the text shows.
 */
#include "common/base/limits.h"
#include "lists/format/letter.h"
#include "lists/format/pattern.h"
#include "lists/match/matcher.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES ((size_t)8 * 1024)
#define BUDGET_MILLISECONDS 10
#define ATTEMPTS 5 /* a virtual machine that was stopped for a moment charges it to us */
#define SLACK_MICROSECONDS                                                                         \
    20000 /* a tick of the machine, eight places of one pattern, sanitizers */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool stays_within_budget(const struct matcher *matcher, struct slice text,
                                struct arena *arena, struct hit_set *hits)
{
    struct text_piece piece = {TEXT_BODY, text, false, "fuzz"};
    struct text_set texts = {&piece, 1, NULL, 0};
    struct match_input input = {.texts = &texts, .budget = budget_of(BUDGET_MILLISECONDS)};
    struct error err = {0};
    if (matcher_match(matcher, &input, arena, hits, &err) != 0)
        abort();
    return budget_spent_microseconds(&input.budget) <= input.budget.allowed + SLACK_MICROSECONDS;
}

static void match(const struct matcher *matcher, struct slice text, struct arena *arena)
{
    char *long_text = malloc(TEXT_BYTES);
    size_t used = 0;
    if (long_text == NULL || text.size == 0) {
        free(long_text);
        return;
    }
    for (; used + text.size <= TEXT_BYTES; used += text.size)
        memcpy(long_text + used, text.data, text.size);
    struct hit_set hits;
    int attempts = ATTEMPTS;
    while (attempts > 0 && !stays_within_budget(matcher, slice_new(long_text, used), arena, &hits))
        attempts--;
    if (attempts == 0)
        abort();
    for (size_t i = 0; i < hits.count; i++)
        if (hits.hits[i].text.size > MATCH_TEXT_BYTES || hits.hits[i].text.size == 0)
            abort();
    free(long_text);
}

static bool is_text(struct slice text)
{
    for (size_t at = 0; at < text.size;)
        if (letter_next(text, &at) < 0)
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(256 * MIB);
    struct slice rest = slice_new((const char *)data, size), pattern, text;
    struct error err = {0};
    if (size == 0 || !slice_next(&rest, '\n', &pattern) || !is_text(rest) ||
        pattern_check(pattern, arena, &err) != 0) {
        arena_free(arena);
        return 0;
    }
    text = rest;
    struct list list = {.name = SLICE_LITERAL("fuzz")};
    struct entry entry = {.type = ENTRY_RE,
                          .type_name = SLICE_LITERAL("re"),
                          .value = pattern,
                          .scope = (unsigned)TEXT_BODY,
                          .expires_at = INT64_MAX};
    struct matcher *matcher = matcher_make(&err);
    uint32_t index, at;
    if (matcher == NULL || matcher_add_list(matcher, &list, "fuzz", &index, &err) != 0 ||
        matcher_add(matcher, index, &list, &entry, &at, &err) != 0 ||
        matcher_seal(matcher, 0, 0, &err) != 0)
        abort();
    match(matcher, text, arena);
    matcher_free(matcher);
    arena_free(arena);
    return 0;
}
