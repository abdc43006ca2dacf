/* What a list says of itself is not believed: form, own texts and benign texts, entry by entry. */
#include "lists/update/update_work.h"

#include "common/base/limits.h"
#include "lists/check/corpus.h"
#include "lists/format/finding.h"
#include "lists/format/parse.h"
#include "lists/match/matcher.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define SCRATCH_BYTES (16 * MIB)
#define CORPUS_BYTES (64 * MIB)
#define EXAMPLES_BYTES (20 * KIB) /* a long mail */

static int park(struct update_decisions *decisions, const struct entry *entry, const char *reason,
                struct error *err)
{
    struct update_parked parked = {.action = LIST_ACTION_NONE};
    if (!slice_to_text(entry->id, parked.entry, sizeof parked.entry))
        return 0; /* without an id it has been refused by the parser's checks */
    snprintf(parked.reason, sizeof parked.reason, "%s", reason);
    return update_decide_entry(decisions, &parked, err);
}

static int check_form(struct update_work *work, const struct list *list, const struct entry *entry,
                      struct update_decisions *decisions, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    struct findings findings = {.arena = scratch};
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for checks");
    if (entry->inactive != NULL)
        return park(decisions, entry, entry->inactive, err);
    if (entry_ends_at(list, entry) <= work->tools->now)
        return park(decisions, entry, "it has expired", err);
    lint_entry(list, entry, &findings);
    if (findings.error_count == 0 && test_entry(list, entry, &findings, err) != 0)
        return -1;
    for (size_t i = 0; i < findings.count; i++)
        if (findings.rows[i].level == FINDING_ERROR)
            return park(decisions, entry, findings.rows[i].text, err);
    return 0;
}

static int check_text(struct matcher *matcher, const struct corpus_text *text, const char *path,
                      int64_t now, struct update_decisions *decisions,
                      struct match_slowest *slowest, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    struct hit_set hits;
    char reason[200];
    const char *slash = slice_of(path).data + slice_find_last_byte(slice_of(path), '/');
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for checks");
    if (text->expected != CORPUS_BENIGN)
        return 0;
    if (corpus_match(matcher, text, now, scratch, &hits, err) != 0)
        return -1;
    matcher_take_slowest(matcher, slowest);
    for (size_t i = 0; i < hits.count; i++) {
        snprintf(reason, sizeof reason, "it matches a benign text of %s", slash + 1);
        if (park(decisions, hits.hits[i].entry, reason, err) != 0)
            return -1;
    }
    return 0;
}

static int check_corpus(struct update_work *work, struct matcher *matcher, const char *path,
                        struct update_decisions *decisions, struct match_slowest *slowest,
                        struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(CORPUS_BYTES);
    struct corpus corpus;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for benign texts");
    if (corpus_read(path, arena, &corpus, err) != 0)
        return -1;
    for (size_t i = 0; i < corpus.count; i++)
        if (check_text(matcher, &corpus.texts[i], path, work->tools->now, decisions, slowest,
                       err) != 0)
            return -1;
    return 0;
}

static int is_corpus(const struct dirent *file)
{
    return file->d_name[0] != '.' && slice_ends_with_nocase(slice_of(file->d_name), ".csv");
}

static int check_benign(struct update_work *work, struct matcher *matcher,
                        struct update_decisions *decisions, struct match_slowest *slowest,
                        struct error *err)
{
    const char *folder = work->tools->settings->benign_folder;
    struct dirent **files = NULL;
    char path[PATH_MAX];
    int count = scandir(folder, &files, is_corpus, alphasort);
    if (count <= 0) { /* a safety net that is not there must not be taken for one that held */
        free(files);
        return error_set(err, ERROR_NOT_FOUND, "benign_folder: %s holds no texts", folder);
    }
    int failed = 0;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        if (failed == 0)
            failed = check_corpus(work, matcher, path, decisions, slowest, err);
        free(files[i]);
    }
    free(files);
    return failed;
}

static int add_sound(struct update_work *work, const struct list *list, struct matcher *matcher,
                     const struct update_decisions *decisions, struct error *err)
{
    uint32_t index, at;
    if (matcher_add_list(matcher, list, "", &index, err) != 0)
        return -1;
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        struct error fault = {0};
        if (entry->inactive != NULL || update_find_decision(decisions, entry->id) != NULL)
            continue;
        if (matcher_add(matcher, index, list, entry, &at, &fault) != 0 && fault.kind != ERROR_INPUT)
            return error_set(err, fault.kind, "%s", fault.text);
    }
    (void)work;
    return matcher_seal(matcher, 0, 0, err);
}

/* All its own examples one behind the other, again and again: a mail full of what the patterns look
 * for. What it hits does not matter, only how long it takes. */
static int match_examples(const struct list *list, struct matcher *matcher, int64_t now,
                          struct match_slowest *slowest, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    BUFFER_CLEANUP text = buffer_new(EXAMPLES_BYTES);
    struct hit_set hits;
    size_t before;
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for checks");
    do {
        before = text.size;
        for (size_t i = 0; i < list->entry_count && !text.has_overflowed; i++)
            for (size_t k = 0; k < list->entries[i].test_count && !text.has_overflowed; k++)
                buffer_printf(&text, SLICE_FORMAT ". ",
                              SLICE_ARGUMENTS(list->entries[i].tests[k].text));
    } while (!text.has_overflowed && text.size > before);
    const struct corpus_text examples = {.text = buffer_slice(&text)};
    if (corpus_match(matcher, &examples, now, scratch, &hits, err) != 0)
        return -1;
    matcher_take_slowest(matcher, slowest);
    return 0;
}

int update_check_entries(struct update_work *work, const struct list *list,
                         struct update_decisions *decisions, struct match_slowest *slowest_out,
                         struct error *err)
{
    *slowest_out = (struct match_slowest){.nanoseconds = 0};
    for (size_t i = 0; i < list->entry_count; i++)
        if (!list->entries[i].is_retracted &&
            check_form(work, list, &list->entries[i], decisions, err) != 0)
            return -1;
    struct matcher *matcher = matcher_make(err);
    if (matcher == NULL)
        return -1;
    int failed = add_sound(work, list, matcher, decisions, err);
    if (failed == 0)
        failed = matcher_measure(matcher, err);
    if (failed == 0)
        failed = match_examples(list, matcher, work->tools->now, slowest_out, err);
    if (failed == 0)
        failed = check_benign(work, matcher, decisions, slowest_out, err);
    matcher_free(matcher);
    return failed;
}
