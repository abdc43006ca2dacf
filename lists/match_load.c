/* Files to a matcher: lint and its own tests come before an entry may say anything of mail. */
#include "lists/matcher.h"

#include "lists/finding.h"
#include "lists/parse.h"
#include "lists/source.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define SCRATCH_BYTES ((size_t)4 * 1024 * 1024)

static bool is_about(const struct disagreement *record, const struct list *list,
                     const struct entry *entry)
{
    struct slice publisher = list->publisher;
    if (!slice_is_empty(list->partner))
        publisher = list->partner;
    else if (list->is_local)
        publisher = SLICE_LITERAL("local");
    return slice_equals(record->publisher, publisher) &&
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
static bool is_disagreed(const struct matcher *matcher, const struct list *list,
                         struct entry *entry)
{
    for (size_t i = 0; i < matcher->list_count; i++) {
        const struct list *voice = matcher->lists[i];
        if (voice->is_shadow || voice->disagreement_count == 0 || !disagrees(voice, list, entry))
            continue;
        if (voice->is_local)
            return true;
        entry->disagreements +=
            voice->counts_for_quorum && !slice_equals(voice->partner, list->partner);
    }
    return false;
}

static int activate(struct matcher *matcher, const struct list *list, struct entry *entry,
                    struct error *err)
{
    if (is_disagreed(matcher, list, entry))
        entry_park(entry, (struct place){entry->line, 1}, "a local list disagrees");
    if (entry->inactive != NULL)
        return 0;
    ARENA_CLEANUP *scratch = arena_new(SCRATCH_BYTES);
    struct findings findings = {.arena = scratch};
    if (scratch == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for lists");
    lint_entry(list, entry, &findings);
    if (findings.error_count == 0 && test_entry(list, entry, &findings, err) != 0)
        return -1;
    for (size_t i = 0; i < findings.count; i++)
        if (findings.rows[i].level == FINDING_ERROR)
            entry_park(entry, findings.rows[i].place,
                       arena_copy_text(matcher->arena, findings.rows[i].text));
    struct error fault = {0};
    if (entry->inactive != NULL || matcher_add(matcher, list, entry, &fault) == 0)
        return 0;
    if (fault.kind != ERROR_INPUT)
        return error_set(err, fault.kind, "%s", fault.text);
    entry_park(entry, entry->value_place, arena_copy_text(matcher->arena, fault.text));
    return 0;
}

static int activate_all(struct matcher *matcher, struct error *err)
{
    for (size_t i = 0; i < matcher->list_count; i++) {
        struct list *list = matcher->lists[i];
        for (size_t k = 0; k < list->entry_count; k++)
            if (activate(matcher, list, &list->entries[k], err) != 0)
                return error_context(err, SLICE_FORMAT ":%d", SLICE_ARGUMENTS(list->name),
                                     list->entries[k].line);
    }
    return matcher_seal(matcher, err);
}

/* A file of a partner that cannot be read keeps nothing from the other lists. */
static int read_source(struct matcher *matcher, const struct list_source *source, struct error *err)
{
    struct list *list;
    struct error trouble = {0};
    if (list_read(source->path, matcher->arena, &list, &trouble) != 0)
        return source->is_local || trouble.kind == ERROR_SYSTEM
                   ? error_set(err, trouble.kind, "%s", trouble.text)
                   : 0;
    struct list_source kept = *source;
    kept.publisher = arena_copy_text(matcher->arena, source->publisher);
    if (kept.publisher == NULL)
        return arena_error(matcher->arena, err);
    if (!source->is_local)
        list_set_source(list, &kept);
    matcher->lists[matcher->list_count++] = list;
    return 0;
}

int matcher_new_from_sources(const struct list_source *sources, size_t count,
                             struct matcher **matcher_out, struct error *err)
{
    struct matcher *matcher = matcher_make(err);
    if (matcher == NULL)
        return -1;
    matcher->lists = arena_alloc_array(matcher->arena, count, sizeof *matcher->lists);
    int failed = matcher->lists == NULL ? arena_error(matcher->arena, err) : 0;
    for (size_t i = 0; i < count && failed == 0; i++)
        failed = read_source(matcher, &sources[i], err);
    if (failed != 0 || activate_all(matcher, err) != 0) {
        matcher_free(matcher);
        return -1;
    }
    *matcher_out = matcher;
    return 0;
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

static int is_list_file(const struct dirent *file)
{
    struct slice name = slice_of(file->d_name);
    return name.size > 3 && name.data[0] != '.' && slice_ends_with_nocase(name, ".zl");
}

int list_find_files(const char *folder, struct arena *arena, const char *const **paths_out,
                    size_t *count_out, struct error *err)
{
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_list_file, alphasort);
    if (count < 0) {
        bool is_missing = errno == ENOENT;
        error_system(err, "%s: cannot be read", folder);
        if (is_missing && err != NULL)
            err->kind = ERROR_NOT_FOUND;
        return -1;
    }
    const char **paths = arena_alloc_array(arena, (size_t)count, sizeof *paths);
    for (int i = 0; i < count; i++) {
        if (paths != NULL)
            paths[i] = arena_printf(arena, "%s/%s", folder, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *paths_out = paths;
    *count_out = (size_t)count;
    return 0;
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
