/*
 * Hostile text against a fixed set of entries: repeated to 256 KB, so that what grows faster than
 * the text shows; no text takes over the budget by more than a look at the clock, and what was not
 * matched is said.
 */
#include "common/base/limits.h"
#include "lists/letter.h"
#include "tests/fuzz/match_lists.h"

#include <string.h>

#define TEXT_BYTES ((size_t)256 * 1024)
#define SLACK_MILLISECONDS 3000 /* sanitizers, a busy machine, folding before the first look */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_text(struct slice text)
{
    for (size_t at = 0; at < text.size;)
        if (letter_next(text, &at) < 0)
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct matcher *matcher;
    struct slice text = slice_new((const char *)data, size);
    struct hit_set hits;
    size_t used = 0;
    if (matcher == NULL)
        matcher = match_lists_new();
    if (size == 0 || !is_text(text))
        return 0;
    struct arena *arena = arena_new(256 * MIB);
    char *long_text = malloc(TEXT_BYTES);
    if (arena == NULL || long_text == NULL)
        abort();
    for (; used + size <= TEXT_BYTES; used += size)
        memcpy(long_text + used, data, size);
    int64_t begin = clock_monotonic_milliseconds();
    match_lists_ask(matcher, slice_new(long_text, used), LIMIT_SCAN_MILLISECONDS, arena, &hits);
    if (clock_monotonic_milliseconds() - begin > LIMIT_SCAN_MILLISECONDS + SLACK_MILLISECONDS)
        abort();
    if (hits.is_complete != (hits.limit_count == 0))
        abort();
    for (size_t i = 0; i < hits.count; i++)
        if (hits.hits[i].text.size > MATCH_TEXT_BYTES || hits.hits[i].entry->id.size != 8)
            abort();
    free(long_text);
    arena_free(arena);
    return 0;
}
