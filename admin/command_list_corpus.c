/* `zaguan list test --corpus FILE.csv`: recall and false positives, by category of the entries. */
#include "admin/command_list.h"

#include "common/base/clock.h"
#include "lists/check/corpus.h"
#include <stdio.h>
#include <string.h>

#define CORPUS_ARENA_BYTES ((size_t)256 * 1024 * 1024)
#define MATCH_ARENA_BYTES ((size_t)128 * 1024 * 1024)

struct tally {
    size_t entries;
    size_t texts[CORPUS_EXPECTED_COUNT]; /* hit by such an entry */
};

struct measuring {
    const struct matcher *matcher;
    const struct corpus *corpus;
    struct tally by_category[CATEGORY_COUNT], any;
    size_t parked, incomplete;
};

static void count_entries(struct measuring *m)
{
    size_t list_count;
    const struct list *const *lists = matcher_lists(m->matcher, &list_count);
    for (size_t i = 0; i < list_count; i++)
        for (size_t k = 0; k < lists[i]->entry_count; k++) {
            const struct entry *entry = &lists[i]->entries[k];
            m->parked += entry->inactive != NULL;
            m->by_category[entry->category].entries += entry->inactive == NULL;
            m->any.entries += entry->inactive == NULL;
        }
}

static void count_hits(struct measuring *m, enum corpus_expected expected,
                       const struct hit_set *hits)
{
    bool is_hit[CATEGORY_COUNT] = {false};
    for (size_t i = 0; i < hits->count; i++)
        is_hit[hits->hits[i].entry->category] = true;
    for (int category = 0; category < CATEGORY_COUNT; category++)
        m->by_category[category].texts[expected] += is_hit[category];
    m->any.texts[expected] += hits->count > 0;
    m->incomplete += !hits->is_complete;
}

/* {"text":7,"expected":"abuse","entries":["list/7c2f0a91"]}, one line a text of the corpus. */
static int print_text_json(size_t number, enum corpus_expected expected, const struct hit_set *hits,
                           struct error *err)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < hits->count; i++)
        json_array_append_new(entries, json_sprintf(SLICE_FORMAT "/" SLICE_FORMAT,
                                                    SLICE_ARGUMENTS(hits->hits[i].list->name),
                                                    SLICE_ARGUMENTS(hits->hits[i].entry->id)));
    json_t *line = json_pack("{s:I,s:s,s:o,s:b}", "text", (json_int_t)number, "expected",
                             corpus_expected_name(expected), "entries", entries, "complete",
                             hits->is_complete);
    int failed = line == NULL || json_dumpf(line, stdout, JSON_COMPACT) != 0;
    json_decref(line);
    if (failed)
        return error_set(err, ERROR_SYSTEM, "no memory for the answer");
    puts("");
    return 0;
}

static void print_share(size_t part, size_t whole)
{
    char share[64];
    if (whole == 0)
        snprintf(share, sizeof share, "-");
    else
        snprintf(share, sizeof share, "%zu of %zu (%.1f %%)", part, whole,
                 100.0 * (double)part / (double)whole);
    printf("  %-22s", share);
}

static void print_tally(const char *name, const struct tally *tally, const struct corpus *corpus)
{
    printf("%-18s  %7zu", name, tally->entries);
    print_share(tally->texts[CORPUS_ABUSE], corpus->counts[CORPUS_ABUSE]);
    print_share(tally->texts[CORPUS_BENIGN], corpus->counts[CORPUS_BENIGN]);
    puts("");
}

static void print_summary(const struct measuring *m)
{
    printf("%-18s  %7s  %-22s  %s\n", "category", "entries", "recall", "false positives");
    for (int category = 0; category < CATEGORY_COUNT; category++)
        if (m->by_category[category].entries > 0)
            print_tally(category_name((enum category)category), &m->by_category[category],
                        m->corpus);
    print_tally("any", &m->any, m->corpus);
    if (m->parked > 0)
        printf("%zu entries are parked and do not match: see zaguan list lint and test\n",
               m->parked);
    if (m->incomplete > 0)
        printf("%zu texts could not be matched wholly\n", m->incomplete);
}

static int measure(struct measuring *m, bool is_json, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(MATCH_ARENA_BYTES);
    int64_t now = clock_now();
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    for (size_t i = 0; i < m->corpus->count; i++) {
        const struct corpus_text *text = &m->corpus->texts[i];
        struct hit_set hits;
        if (corpus_match(m->matcher, text, now, arena, &hits, err) != 0)
            return error_context(err, "row %zu", i + 1);
        count_hits(m, text->expected, &hits);
        if (is_json && print_text_json(i + 1, text->expected, &hits, err) != 0)
            return -1;
        arena_reset(arena);
    }
    return 0;
}

int list_test_corpus(const struct command_context *context, const struct list_wanted *wanted,
                     struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(CORPUS_ARENA_BYTES);
    const char *const *paths;
    size_t count;
    struct corpus corpus;
    struct matcher *matcher;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (list_files(context, wanted, arena, &paths, &count, err) != 0 ||
        corpus_read(wanted->corpus, arena, &corpus, err) != 0 ||
        matcher_new(paths, count, &matcher, err) != 0)
        return -1;
    struct measuring m = {.matcher = matcher, .corpus = &corpus};
    count_entries(&m);
    int failed = measure(&m, wanted->is_json, err);
    if (failed == 0 && !wanted->is_json)
        print_summary(&m);
    matcher_free(matcher);
    return failed;
}
