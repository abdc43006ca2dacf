/*
 * Hostile text against a fixed set of entries, some as costly as lint allows. The text is repeated,
 * so that what grows faster than the text shows. No text takes more of the processor than its
 * budget and what lies between two looks at it; what was not matched is said. The first byte says
 * how long the text becomes: mostly short, for many inputs a second.
 */
#include "common/base/budget.h"
#include "common/base/limits.h"
#include "lists/format/letter.h"
#include "tests/fuzz/match_lists.h"

#include <string.h>

#define LONGEST_BYTES ((size_t)4 * 1024)
#define BUDGET_MILLISECONDS 2
#define SLACK_MICROSECONDS 15000 /* a tick of the machine is 4 to 10 ms */
#define ATTEMPTS 5 /* a virtual machine that was stopped for a moment charges it to us */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_text(struct slice text)
{
    for (size_t at = 0; at < text.size;)
        if (letter_next(text, &at) < 0)
            return false;
    return true;
}

/* As long as asked for, or the text once. */
static struct slice repeat(struct slice text, size_t wanted)
{
    size_t count = wanted > text.size ? wanted / text.size : 1;
    char *whole = malloc(count * text.size);
    if (whole == NULL)
        abort();
    for (size_t i = 0; i < count; i++)
        memcpy(whole + i * text.size, text.data, text.size);
    return slice_new(whole, count * text.size);
}

/* The longest stretch without a look, as slow as it is in this build and on this machine. */
static int64_t folding_microseconds(struct slice text)
{
    struct arena *arena = arena_new(256 * MIB);
    struct folded views[2];
    struct error err;
    struct budget budget = budget_of(0);
    if (arena == NULL || fold_both(text, arena, views, &err) != 0)
        abort();
    arena_free(arena);
    return budget_spent_microseconds(&budget);
}

static bool stays_within_budget(const struct matcher *matcher, struct slice text,
                                struct arena *arena, struct hit_set *hits)
{
    struct budget budget = budget_of(BUDGET_MILLISECONDS);
    arena_reset(arena);
    match_lists_ask(matcher, text, budget, arena, hits);
    int64_t over = budget_spent_microseconds(&budget) - budget.allowed - SLACK_MICROSECONDS;
    return over <= 0 || over <= 2 * folding_microseconds(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct matcher *matcher;
    struct hit_set hits;
    if (matcher == NULL)
        matcher = match_lists_new();
    if (size < 2 || !is_text(slice_new((const char *)data + 1, size - 1)))
        return 0;
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_new(256 * MIB);
    if (arena == NULL)
        abort();
    struct slice text = repeat(slice_new((const char *)data + 1, size - 1),
                               data[0] == 255 ? LONGEST_BYTES : (size_t)16 << data[0] % 7);
    int attempts = ATTEMPTS;
    while (attempts > 0 && !stays_within_budget(matcher, text, arena, &hits))
        attempts--;
    if (attempts == 0)
        abort();
    if (hits.is_complete != (hits.limit_count == 0))
        abort();
    for (size_t i = 0; i < hits.count; i++)
        if (hits.hits[i].text.size > MATCH_TEXT_BYTES || hits.hits[i].entry->id.size != 8)
            abort();
    free((void *)(uintptr_t)text.data);
    return 0;
}
