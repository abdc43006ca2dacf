/* The lists of partners as sources: active/ and shadow/ of each partner's folder. */
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/parse.h"
#include "lists/match/source_add.h"
#include "lists/trust/head.h"
#include "lists/trust/partner.h"
#include <stdio.h>

#define HEAD_ARENA_BYTES (4 * MIB)

/*
 * The head that was trusted last says until when it is fresh. Without one (lists that only came by
 * hand) the word reaches to a tag: nobody could know that they were taken back.
 */
static enum list_action read_freshness(const char *folder, int64_t now)
{
    char path[PATH_MAX];
    bool is_clock_wrong;
    struct head *head;
    struct error ignored = {0};
    ARENA_CLEANUP *arena = arena_new(HEAD_ARENA_BYTES);
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES);
    snprintf(path, sizeof path, "%s/head.zh", folder);
    if (arena == NULL || file_read(path, &text, &ignored) != 0 ||
        head_parse(buffer_slice(&text), path, arena, &head, &ignored) != 0)
        return LIST_ACTION_TAG;
    return head_freshness(head->fresh_until, now, &is_clock_wrong);
}

static int add_folder(const char *folder, const char *part, struct list_source model,
                      struct source_set *set, struct error *err)
{
    const char *const *paths;
    size_t count;
    struct error trouble = {0};
    const char *path = arena_printf(set->arena, "%s/%s", folder, part);
    if (path == NULL)
        return arena_error(set->arena, err);
    if (list_find_files(path, set->arena, &paths, &count, &trouble) != 0)
        return trouble.kind == ERROR_NOT_FOUND ? 0
                                               : error_set(err, trouble.kind, "%s", trouble.text);
    for (size_t i = 0; i < count; i++) {
        model.path = paths[i];
        source_set_add(set, &model);
    }
    return 0;
}

static int add_partner(const struct settings *settings, const char *name, int64_t now,
                       struct source_set *set, struct error *err)
{
    struct partner partner;
    char folder[PATH_MAX];
    if (partner_read(settings, name, &partner, err) != 0 ||
        partner_write_folder(settings, name, folder, err) != 0)
        return -1;
    struct list_source model = {.publisher = arena_copy_text(set->arena, name),
                                .freshness = read_freshness(folder, now),
                                .counts_for_quorum = partner.counts_for_quorum,
                                .hold_quorum = (int)partner.hold_quorum};
    for (size_t i = 0; i < CATEGORY_COUNT; i++)
        model.ceilings[i] = partner_ceiling(&partner, (enum category)i, now);
    if (add_folder(folder, "active", model, set, err) != 0)
        return -1;
    model.is_shadow = true;
    return add_folder(folder, "shadow", model, set, err);
}

/* A partner whose file cannot be read is left out: its lists have no reach then, and the others
 * keep theirs. `zaguan check` names it. */
int source_set_add_partners(const struct settings *settings, struct source_set *set,
                            struct error *err)
{
    const char *const *names;
    size_t count;
    int64_t now = clock_now();
    if (partner_find_all(settings, set->arena, &names, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct error trouble = {0};
        if (add_partner(settings, names[i], now, set, &trouble) != 0 &&
            trouble.kind == ERROR_SYSTEM)
            return error_set(err, trouble.kind, "%s", trouble.text);
    }
    return arena_is_exhausted(set->arena) ? arena_error(set->arena, err) : 0;
}
