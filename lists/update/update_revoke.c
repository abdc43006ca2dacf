/* A stolen key is revoked "since number N", or another is pinned by hand: what nobody vouches for
 * any more only observes. */
#include "common/base/files.h"
#include "common/base/limits.h"
#include "lists/format/parse.h"
#include "lists/update/update_work.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PARTNER_BYTES (512 * MIB)

/* --- revoked since a number ------------------------------------------------------------------- */

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

static bool is_known(const struct update_ids known[UPDATE_KNOWN], struct slice id)
{
    for (size_t i = 0; i < UPDATE_KNOWN; i++)
        if (update_ids_find(&known[i], id) != NULL)
            return true;
    return false;
}

static int doubt(const struct entry *entry, const char *reason, struct update_decisions *decisions,
                 struct error *err)
{
    struct update_parked parked = {.action = LIST_ACTION_OBSERVE};
    const struct update_parked *before = update_find_decision(decisions, entry->id);
    if ((before != NULL && before->action <= LIST_ACTION_OBSERVE) ||
        !slice_to_text(entry->id, parked.entry, sizeof parked.entry))
        return 0;
    snprintf(parked.reason, sizeof parked.reason, "%s", reason);
    /* Too many to be told apart: better too little than what a thief signed. */
    if (before == NULL && decisions->count >= UPDATE_MOST_PARKED)
        snprintf(parked.entry, sizeof parked.entry, "%s", UPDATE_ALL_OTHERS);
    /* A person's limit is not loosened when the checks of this number are forgotten. */
    parked.is_by_hand = before != NULL && before->is_by_hand;
    return update_decide_entry(decisions, &parked, err);
}

int update_doubt_revoked(struct update_work *work, const struct list *list,
                         const struct list *const known[UPDATE_KNOWN], struct slice signatures,
                         struct update_decisions *decisions, struct error *err)
{
    int64_t until;
    struct update_ids ids[UPDATE_KNOWN];
    char reason[100];
    if (read_until(&work->root, signatures, list->list_id, &until, err) != 0)
        return -1;
    for (size_t i = 0; i < UPDATE_KNOWN; i++) {
        bool counts = known[i] != NULL && known[i]->sequence <= until;
        if (update_ids_of_entries(counts ? known[i] : NULL, work->arena, &ids[i], err) != 0)
            return -1;
    }
    snprintf(reason, sizeof reason, "the key that vouched for it was revoked since number %" PRId64,
             until);
    for (size_t i = 0; list->sequence > until && i < list->entry_count; i++)
        if (!is_known(ids, list->entries[i].id) &&
            doubt(&list->entries[i], reason, decisions, err) != 0)
            return -1;
    return 0;
}

static int read_signatures(const struct update_work *work, const char *part, struct slice id,
                           struct buffer *into, struct error *err)
{
    char path[PATH_MAX];
    struct error trouble = {0};
    update_path(work, part, id, ".zl.minisig", path);
    if (file_read(path, into, &trouble) == 0)
        return 0;
    buffer_clear(into); /* nobody vouches for it */
    return trouble.kind == ERROR_NOT_FOUND ? 0 : error_set(err, trouble.kind, "%s", trouble.text);
}

/* --- what stands in the partner's folder ------------------------------------------------------ */

struct doubted {
    struct slice id;
    struct list *active, *previous, *coming; /* NULL: none */
    struct update_decisions decisions;
    size_t before; /* decisions that stood there */
};

static int begin(struct update_work *work, struct slice id, struct doubted *list, struct error *err)
{
    *list = (struct doubted){.id = id};
    if (update_read(work, "active", id, &list->active, err) < 0 ||
        update_read(work, "previous", id, &list->previous, err) < 0 ||
        update_read(work, "coming", id, &list->coming, err) < 0 ||
        update_read_decisions(work, id, &list->decisions, err) != 0)
        return -1;
    list->before = list->decisions.count;
    return 0;
}

/* What acts does what was decided from now on. */
static int finish(struct update_work *work, const struct doubted *list, struct error *err)
{
    struct list *selected;
    if (update_write_decisions(work, list->id, &list->decisions, err) != 0)
        return -1;
    if (list->active == NULL)
        return 0;
    return update_select(list->active, &list->decisions, work->arena, &selected, err) != 0
               ? -1
               : update_write_list(work, "active", selected, err);
}

struct doubt_told {
    const char *name, *reason;
    size_t count;
};

static int write_doubt(struct update_work *work, const void *what, struct buffer *into,
                       struct error *err)
{
    const struct doubt_told *told = what;
    (void)err;
    buffer_printf(into, update_words(work, "%s/%s: %zu entries only observe from now on: %s."),
                  work->partner.name, told->name, told->count, told->reason);
    buffer_printf(into, "\n%s\n",
                  update_words(work, "Mail that was held for nothing else is offered to its "
                                     "members."));
    return 0;
}

static int tell(struct update_work *work, const struct doubted *list, struct error *err)
{
    size_t count = 0;
    const struct list *named = list->active != NULL ? list->active : list->coming;
    for (size_t i = list->before; i < list->decisions.count; i++)
        count += list->decisions.rows[i].action == LIST_ACTION_OBSERVE;
    if (count == 0 || named == NULL || work->results == NULL)
        return 0;
    const struct doubt_told told = {arena_copy(work->arena, named->name).data,
                                    list->decisions.rows[list->decisions.count - 1].reason, count};
    if (told.name == NULL)
        return arena_error(work->arena, err);
    return update_say(work, list->id, named->name, UPDATE_WAITING, write_doubt, &told, err);
}

static int revoke_list(struct update_work *work, struct slice id, struct error *err)
{
    struct doubted list;
    BUFFER_CLEANUP active = buffer_new(LIMIT_MINISIG_BYTES);
    BUFFER_CLEANUP coming = buffer_new(LIMIT_MINISIG_BYTES);
    if (begin(work, id, &list, err) != 0 ||
        read_signatures(work, "active", id, &active, err) != 0 ||
        read_signatures(work, "coming", id, &coming, err) != 0)
        return -1;
    const struct list *const known[UPDATE_KNOWN] = {list.active, list.previous};
    if (list.active != NULL && update_doubt_revoked(work, list.active, known, buffer_slice(&active),
                                                    &list.decisions, err) != 0)
        return -1;
    if (list.coming != NULL && update_doubt_revoked(work, list.coming, known, buffer_slice(&coming),
                                                    &list.decisions, err) != 0)
        return -1;
    return finish(work, &list, err) != 0 ? -1 : tell(work, &list, err);
}

/* Every list of which anything stands here, once; for its id. */
static int each_list(struct update_work *work,
                     int (*run)(struct update_work *work, struct slice id, struct error *err),
                     struct error *err)
{
    static const char *const parts[] = {"coming", "active"};
    for (size_t p = 0; p < 2; p++) {
        const char *const *paths;
        size_t count;
        char folder[PATH_MAX], path[PATH_MAX];
        snprintf(folder, sizeof folder, "%s/%s", work->folder, parts[p]);
        if (list_find_files(folder, work->arena, &paths, &count, err) != 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            struct slice name = slice_of(paths[i]);
            name = slice_from(name, slice_find_last_byte(name, '/') + 1);
            struct slice id = slice_part(name, 0, name.size - 3);
            update_path(work, parts[0], id, ".zl", path);
            if (p == 1 && access(path, F_OK) == 0)
                continue;
            if (run(work, id, err) != 0)
                return -1;
        }
    }
    return update_touch(work, err);
}

int update_revoke(struct update_work *work, struct error *err)
{
    return each_list(work, revoke_list, err);
}

/* --- other keys were pinned ------------------------------------------------------------------- */

static int is_vouched(const struct update_work *work, struct slice signatures, struct error *err)
{
    struct minisign_signature signature;
    int more;
    while ((more = minisign_next_signature(&signatures, "minisig", &signature, err)) == 1)
        for (size_t i = 0; i < work->root.key_count; i++)
            if (minisign_id_equals(work->root.keys[i].public.id, signature.id))
                return 1;
    return more;
}

static int begin_list_anew(struct update_work *work, struct slice id, struct error *err)
{
    struct doubted list;
    BUFFER_CLEANUP signatures = buffer_new(LIMIT_MINISIG_BYTES);
    if (read_signatures(work, "active", id, &signatures, err) != 0 || begin(work, id, &list, err))
        return -1;
    int vouched = is_vouched(work, buffer_slice(&signatures), err);
    if (vouched < 0)
        return -1;
    update_remove(work, "coming", id, ".shadow"); /* nothing waits, nothing can be undone */
    update_remove(work, "shadow", id, ".zl");
    update_remove(work, "previous", id, ".zl");
    update_remove(work, "previous", id, ".zl.minisig");
    for (size_t i = 0; vouched == 0 && list.active != NULL && i < list.active->entry_count; i++)
        if (doubt(&list.active->entries[i],
                  "another key was pinned; none that counts now signed it", &list.decisions,
                  err) != 0)
            return -1;
    return finish(work, &list, err);
}

int update_begin_anew(const struct update_tools *tools, const struct partner *partner,
                      struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    struct minisign_public keys[PARTNER_MOST_KEYS];
    size_t count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an update");
    if (update_work_begin(&work, tools, partner->name, NULL, err) != 0 ||
        partner_keys(partner, keys, &count, err) != 0)
        return -1;
    root_from_pinned(partner->name, keys, count, &work.root);
    return each_list(&work, begin_list_anew, err);
}
