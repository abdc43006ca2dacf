/* Files to a matcher: lint and its own tests come before an entry may say anything of mail. */
#include "lists/match/matcher.h"

#include "lists/format/finding.h"
#include "lists/format/parse.h"
#include "lists/match/source.h"

#define SCRATCH_BYTES ((size_t)4 * 1024 * 1024)

struct loading {
    struct matcher *matcher;
    struct list **lists;
    const char *const *paths;
    const bool *are_old; /* taken from the last image: linted and tested then */
    uint32_t **places;   /* of each list's entries in the image; 0: not there */
    size_t count;
    struct arena *scratch;
    uint64_t sources;
    int64_t now;
};

static struct slice publisher_of(const struct list *list)
{
    if (!slice_is_empty(list->partner))
        return list->partner;
    return list->is_local ? SLICE_LITERAL("local") : list->publisher;
}

static bool is_about(const struct disagreement *record, const struct list *list,
                     const struct entry *entry)
{
    return slice_equals(record->publisher, publisher_of(list)) &&
           slice_equals(record->list_id, list->list_id) &&
           slice_equals(record->entry_id, entry->id);
}

static bool disagrees(const struct list *voice, const struct list *list, const struct entry *entry)
{
    for (size_t i = 0; i < voice->disagreement_count; i++)
        if (is_about(&voice->disagreements[i], list, entry))
            return true;
    return false;
}

/* One of ours decides; one of another partner takes a voice away from the quorum. */
static bool is_disagreed(const struct loading *l, const struct list *list, struct entry *entry)
{
    entry->disagreements = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct list *voice = l->lists[i];
        if (voice->is_shadow || voice->disagreement_count == 0 || !disagrees(voice, list, entry))
            continue;
        if (voice->is_local)
            return true;
        entry->disagreements +=
            voice->counts_for_quorum && !slice_equals(voice->partner, list->partner);
    }
    return false;
}

/* What was adopted goes with the entry it was adopted from, also when that one was never here or
 * only waits: a publisher may always take back its own word, and nobody else's. */
static bool is_retracted_at_origin(const struct loading *l, const struct entry *entry)
{
    struct entry_origin origin;
    if (!entry_read_origin(entry, &origin))
        return false;
    for (size_t i = 0; i < l->count; i++) {
        const struct list *list = l->lists[i];
        if (list->retraction_count == 0 || !slice_equals(list->list_id, origin.list_id) ||
            !slice_equals(publisher_of(list), origin.publisher))
            continue;
        for (size_t k = 0; k < list->retraction_count; k++)
            if (slice_equals(list->retractions[k].id, origin.entry_id))
                return true;
    }
    return false;
}

/* What is wrong with the entry by itself parks it. */
static int lint(struct loading *l, const struct list *list, struct entry *entry, bool is_old,
                struct error *err)
{
    struct findings findings = {.arena = l->scratch};
    if (is_disagreed(l, list, entry))
        entry_park(entry, (struct place){entry->line, 1}, "a local list disagrees");
    if (is_retracted_at_origin(l, entry))
        entry_park(entry, (struct place){entry->line, 1}, "it was retracted where it came from");
    if (entry->inactive != NULL || is_old)
        return 0;
    arena_reset(l->scratch);
    lint_entry(list, entry, &findings);
    for (size_t i = 0; i < findings.count; i++)
        if (findings.rows[i].level == FINDING_ERROR)
            entry_park(entry, findings.rows[i].place,
                       arena_copy_text(l->matcher->arena, findings.rows[i].text));
    return arena_is_exhausted(l->scratch) ? arena_error(l->scratch, err) : 0;
}

static int add_entry(struct loading *l, uint32_t index, const struct list *list,
                     struct entry *entry, uint32_t *at_out, struct error *err)
{
    struct error fault = {0};
    *at_out = 0;
    if (entry->inactive != NULL || matcher_add(l->matcher, index, list, entry, at_out, &fault) == 0)
        return 0;
    if (fault.kind != ERROR_INPUT)
        return error_set(err, fault.kind, "%s", fault.text);
    entry_park(entry, entry->value_place, arena_copy_text(l->matcher->arena, fault.text));
    return 0;
}

static int add_all(struct loading *l, struct error *err)
{
    for (size_t i = 0; i < l->count; i++) {
        struct list *list = l->lists[i];
        uint32_t index;
        if (matcher_add_list(l->matcher, list, l->paths[i], &index, err) != 0)
            return -1;
        for (size_t k = 0; k < list->entry_count; k++)
            if (add_entry(l, index, list, &list->entries[k], &l->places[i][k], err) != 0)
                return error_context(err, SLICE_FORMAT ":%d", SLICE_ARGUMENTS(list->name),
                                     list->entries[k].line);
    }
    return matcher_seal(l->matcher, l->sources, l->now, err);
}

/* Its own texts, asked of the image as mail will be. */
static int test_all(struct loading *l, size_t *parked_out, struct error *err)
{
    *parked_out = 0;
    l->matcher->has_jit = false;
    for (size_t i = 0; i < l->count; i++)
        for (size_t k = 0; k < l->lists[i]->entry_count; k++) {
            struct entry *entry = &l->lists[i]->entries[k];
            struct findings findings = {.arena = l->scratch};
            if (entry->inactive != NULL || entry->test_count == 0 || l->places[i][k] == 0)
                continue;
            arena_reset(l->scratch);
            if (test_entry_at(l->matcher, l->places[i][k], entry, &findings, err) != 0)
                return -1;
            if (findings.count == 0)
                continue;
            entry_park(entry, findings.rows[0].place,
                       arena_copy_text(l->matcher->arena, findings.rows[0].text));
            (*parked_out)++;
        }
    l->matcher->has_jit = true;
    return 0;
}

static int load_all(struct loading *l, struct error *err)
{
    size_t parked;
    for (size_t i = 0; i < l->count; i++) {
        l->places[i] =
            arena_alloc_array(l->matcher->arena, l->lists[i]->entry_count, sizeof *l->places[i]);
        if (l->places[i] == NULL)
            return arena_error(l->matcher->arena, err);
        for (size_t k = 0; k < l->lists[i]->entry_count; k++)
            if (lint(l, l->lists[i], &l->lists[i]->entries[k], l->are_old[i], err) != 0)
                return -1;
    }
    if (add_all(l, err) != 0 || test_all(l, &parked, err) != 0)
        return -1;
    if (parked == 0)
        return 0;
    return matcher_unseal(l->matcher, err) != 0 ? -1 : add_all(l, err);
}

int matcher_load(struct matcher *matcher, struct list **lists, const char *const *paths,
                 const bool *are_old, size_t count, uint64_t sources, int64_t now,
                 struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    struct loading l = {matcher, lists, paths, are_old, NULL, count, scratch, sources, now};
    l.places = arena_alloc_array(matcher->arena, count, sizeof *l.places);
    if (scratch == NULL || l.places == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    matcher->parsed = lists;
    matcher->parsed_count = count;
    return load_all(&l, err);
}

/* An empty list is left where a file could not be read and nobody insists. */
static int read_source(struct matcher *matcher, const struct list_source *source,
                       const struct matcher_reading *reading, struct list **list_out,
                       bool *is_old_out, struct error *err)
{
    struct list_source kept = *source;
    struct error trouble = {0};
    *is_old_out = list_read(source->path, matcher->arena, list_out, &trouble) != 0;
    if (*is_old_out) {
        if (reading->is_strict && (source->is_local || trouble.kind == ERROR_SYSTEM))
            return error_set(err, trouble.kind, "%s", trouble.text);
        bool is_kept = false;
        if (matcher_read_last(reading->last, source->path, matcher->arena, list_out, &is_kept,
                              err) != 0)
            return -1;
        if (reading->tell != NULL)
            reading->tell(reading->context, source->path, trouble.text, is_kept);
    }
    kept.publisher = arena_copy_text(matcher->arena, source->publisher);
    if (kept.publisher == NULL)
        return arena_error(matcher->arena, err);
    if (!source->is_local)
        list_set_source(*list_out, &kept);
    return 0;
}

int matcher_read(const struct list_source *sources, size_t count,
                 const struct matcher_reading *reading, struct matcher **matcher_out,
                 struct error *err)
{
    struct matcher *matcher = matcher_make(err);
    if (matcher == NULL)
        return -1;
    struct list **lists = arena_alloc_array(matcher->arena, count, sizeof *lists);
    const char **paths = arena_alloc_array(matcher->arena, count, sizeof *paths);
    bool *are_old = arena_alloc_array(matcher->arena, count, sizeof *are_old);
    int failed =
        lists == NULL || paths == NULL || are_old == NULL ? arena_error(matcher->arena, err) : 0;
    for (size_t i = 0; i < count && failed == 0; i++) {
        paths[i] = sources[i].path;
        failed = read_source(matcher, &sources[i], reading, &lists[i], &are_old[i], err);
    }
    if (failed != 0 || matcher_load(matcher, lists, paths, are_old, count, reading->sources,
                                    reading->now, err) != 0) {
        matcher_free(matcher);
        return -1;
    }
    *matcher_out = matcher;
    return 0;
}

int matcher_new_from_sources(const struct list_source *sources, size_t count,
                             struct matcher **matcher_out, struct error *err)
{
    struct matcher_reading reading = {.is_strict = true};
    return matcher_read(sources, count, &reading, matcher_out, err);
}

int matcher_new(const char *const *paths, size_t path_count, struct matcher **matcher_out,
                struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    struct list_source *sources =
        scratch == NULL ? NULL : arena_alloc_array(scratch, path_count + 1, sizeof *sources);
    if (sources == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    for (size_t i = 0; i < path_count; i++)
        sources[i] = (struct list_source){.path = paths[i], .is_local = true, .publisher = ""};
    return matcher_new_from_sources(sources, path_count, matcher_out, err);
}

int matcher_new_from_folder(const char *folder, struct matcher **matcher_out, struct error *err)
{
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    const char *const *paths;
    size_t count;
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    if (list_find_files(folder, scratch, &paths, &count, err) != 0)
        return -1;
    return matcher_new(paths, count, matcher_out, err);
}
