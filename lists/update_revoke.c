/* A stolen key is revoked "since number N": what it added later does not act any more. */
#include "common/base/files.h"
#include "lists/parse.h"
#include "lists/update_work.h"
#include <inttypes.h>
#include <stdio.h>

/* The best of the keys that signed: one that is not revoked vouches for all of it. */
static int read_until(const struct root *root, struct slice signatures, struct slice id,
                      int64_t *until_out, struct error *err)
{
    struct minisign_signature signature;
    int more;
    *until_out = 0;
    while ((more = minisign_next_signature(&signatures, "minisig", &signature, err)) == 1) {
        int64_t until = root_counts_until(root, signature.id, id);
        if (until > *until_out)
            *until_out = until;
    }
    return more;
}

int update_park_revoked(struct update_work *work, const struct list *list, const struct list *known,
                        struct slice signatures, struct update_decisions *decisions,
                        struct error *err)
{
    int64_t until;
    if (read_until(&work->root, signatures, list->list_id, &until, err) != 0)
        return -1;
    for (size_t i = 0; list->sequence > until && i < list->entry_count; i++) {
        struct update_parked parked = {.action = LIST_ACTION_NONE};
        bool is_known = known != NULL && known->sequence <= until &&
                        update_find_entry(known, list->entries[i].id) != NULL;
        if (is_known || !slice_to_text(list->entries[i].id, parked.entry, sizeof parked.entry))
            continue;
        snprintf(parked.reason, sizeof parked.reason,
                 "the key that vouched for it was revoked since number %" PRId64, until);
        if (update_decide_entry(decisions, &parked, err) != 0)
            return -1;
    }
    return 0;
}

static int revoke_list(struct update_work *work, const struct list *active, struct error *err)
{
    char path[PATH_MAX];
    struct list *previous = NULL, *selected;
    struct update_decisions decisions;
    struct error ignored = {0};
    BUFFER_CLEANUP signatures = buffer_new(LIMIT_MINISIG_BYTES);
    update_path(work, "coming", active->list_id, ".zl.minisig", path);
    if (file_read(path, &signatures, &ignored) != 0)
        buffer_clear(&signatures); /* nobody vouches for it */
    if (update_read(work, "previous", active->list_id, &previous, err) < 0 ||
        update_read_decisions(work, active->list_id, &decisions, err) != 0 ||
        update_park_revoked(work, active, previous, buffer_slice(&signatures), &decisions, err) !=
            0 ||
        update_write_decisions(work, active->list_id, &decisions, err) != 0 ||
        update_select(active, &decisions, work->arena, &selected, err) != 0)
        return -1;
    return selected->entry_count == active->entry_count
               ? 0
               : update_write_list(work, "active", selected, err);
}

int update_revoke(struct update_work *work, struct error *err)
{
    const char *const *paths;
    size_t count;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/active", work->folder);
    if (list_find_files(folder, work->arena, &paths, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct list *active;
        if (list_read(paths[i], work->arena, &active, err) != 0 ||
            revoke_list(work, active, err) != 0)
            return -1;
    }
    return update_touch(work, err);
}
