/* One list on its way in: what the head says of it, signature, content, and into the trial. */
#include "lists/update/update_work.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include "lists/format/parse.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AHEAD_SECONDS 86400 /* what clocks may differ */
#define COMMENT_BYTES 200

/* The head binds number, size and hash: no mixing of files, no longer one than was signed. */
static int check_bytes(const struct head_list *named, struct slice text, struct error *err)
{
    unsigned char hash[RECORD_HASH_BYTES];
    if ((int64_t)text.size != named->size_bytes)
        return error_set(err, ERROR_INPUT, "%zu bytes, but the head says %" PRId64, text.size,
                         named->size_bytes);
    record_make_hash(text, hash);
    if (memcmp(hash, named->hash, sizeof hash) != 0)
        return error_set(err, ERROR_INPUT, "not the file that the head names: its hash differs");
    return 0;
}

/* "zaguan-list 1 ID SEQ ISSUED": verified before one byte of the list is parsed, with the time that
 * the signature itself says; that the list says the same is checked behind. */
static int check_signature(const struct update_work *work, const struct head_list *named,
                           struct slice text, struct slice signatures, char comment[COMMENT_BYTES],
                           struct error *err)
{
    struct slice rest = signatures;
    struct minisign_signature first;
    char prefix[COMMENT_BYTES];
    int found = minisign_next_signature(&rest, "minisig", &first, err);
    if (found != 1)
        return found < 0 ? -1 : error_set(err, ERROR_INPUT, "the signature is missing");
    snprintf(prefix, sizeof prefix, "zaguan-list 1 " SLICE_FORMAT " %" PRId64 " ",
             SLICE_ARGUMENTS(named->list_id), named->sequence);
    if (!slice_starts_with(slice_of(first.trusted_comment), prefix) ||
        strlen(first.trusted_comment) >= COMMENT_BYTES)
        return error_set(err, ERROR_INPUT, "the signature is of another list or number");
    snprintf(comment, COMMENT_BYTES, "%s", first.trusted_comment);
    return root_verify(&work->root, ROOT_ROLE_LIST, text, signatures, comment, "minisig", err);
}

static int check_content(const struct update_work *work, const struct head_list *named,
                         const struct list *list, const char *comment, struct error *err)
{
    char issued[CLOCK_DATE_BYTES];
    clock_write_timestamp(list->issued_at, issued);
    if (!slice_equals(list->list_id, named->list_id) || list->sequence != named->sequence)
        return error_set(err, ERROR_INPUT, "%%list-id or %%seq is not what was signed");
    if (!slice_is(list->publisher, work->partner.name))
        return error_set(err, ERROR_INPUT, "%%publisher is not %s", work->partner.name);
    if (list->issued_at > work->tools->now + AHEAD_SECONDS)
        return error_set(err, ERROR_INPUT, "%%issued lies in the future");
    if (!slice_ends_with_nocase(slice_of(comment), issued))
        return error_set(err, ERROR_INPUT, "%%issued is not what was signed");
    for (size_t i = 0; i < list->entry_count; i++)
        if (slice_is_empty(list->entries[i].id))
            return error_set(err, ERROR_INPUT, "line %d: an entry without id",
                             list->entries[i].line);
    return 0;
}

/* What a check said of the last number is said anew of this one. */
static void forget_checks(struct update_decisions *decisions)
{
    size_t kept = 0;
    for (size_t i = 0; i < decisions->count; i++)
        if (decisions->rows[i].is_by_hand)
            decisions->rows[kept++] = decisions->rows[i];
    decisions->count = kept;
}

/* Single retractions act at once, whatever becomes of the rest; many at once wait like any mass
 * change. */
static int retract_now(struct update_work *work, const struct list *active,
                       const struct list *coming, const struct update_change *change,
                       struct error *err)
{
    struct list left = *active;
    struct update_ids retracted;
    size_t count = 0;
    if (change->retracted_count == 0 || change->is_mass_removal)
        return 0;
    left.entries = arena_alloc_array(work->arena, active->entry_count + 1, sizeof *left.entries);
    if (left.entries == NULL)
        return arena_error(work->arena, err);
    if (update_ids_of_retractions(coming, work->arena, &retracted, err) != 0)
        return -1;
    for (size_t i = 0; i < active->entry_count; i++)
        if (update_ids_find(&retracted, active->entries[i].id) == NULL)
            left.entries[count++] = active->entries[i];
    left.entry_count = count;
    left.retractions = coming->retractions; /* copies in other lists follow them */
    left.retraction_count = coming->retraction_count;
    if (update_write_list(work, "active", &left, err) != 0)
        return -1;
    return update_touch(work, err);
}

/* What is new or changed, and was not parked, is counted on live mail. */
static int begin_trial(struct update_work *work, const struct list *coming,
                       const struct update_change *change, const struct update_decisions *decisions,
                       const struct match_slowest *slowest, struct error *err)
{
    struct update_trial trial = {.since = work->tools->now, .slowest = *slowest};
    struct update_counts counts;
    struct list tried = *coming;
    size_t count = 0;
    tried.entries = arena_alloc_array(work->arena, change->added_count + change->changed_count + 1,
                                      sizeof *tried.entries);
    if (tried.entries == NULL)
        return arena_error(work->arena, err);
    for (size_t i = 0; i < change->added_count + change->changed_count; i++) {
        const struct entry *entry =
            i < change->added_count ? change->added[i] : change->changed[i - change->added_count];
        const struct update_parked *decision = update_find_decision(decisions, entry->id);
        if (decision == NULL || decision->action != LIST_ACTION_NONE)
            tried.entries[count++] = *entry;
    }
    tried.entry_count = count;
    tried.disagreement_count = 0;
    if (change->is_mass_removal)
        tried.retraction_count = 0;
    if (update_forget_hits(work, coming->list_id, err) != 0 ||
        update_count_hits(work, coming, &counts, err) != 0 ||
        update_write_list(work, "shadow", &tried, err) != 0)
        return -1;
    trial.messages = counts.messages;
    return update_write_trial(work, coming->list_id, &trial, err) != 0 ? -1
                                                                       : update_touch(work, err);
}

/* Everything about it is on disk before the floor says that it was taken. */
static int keep(struct update_work *work, const struct list *list, struct slice text,
                struct slice signatures, struct error *err)
{
    struct update_decisions decisions;
    struct update_change change;
    struct match_slowest slowest;
    struct list *active = NULL, *previous = NULL;
    if (update_read_decisions(work, list->list_id, &decisions, err) != 0 ||
        update_read(work, "active", list->list_id, &active, err) < 0 ||
        update_read(work, "previous", list->list_id, &previous, err) < 0)
        return -1;
    const struct list *const known[UPDATE_KNOWN] = {active, previous};
    forget_checks(&decisions);
    if (update_check_entries(work, list, &decisions, &slowest, err) != 0 ||
        update_doubt_revoked(work, list, known, signatures, &decisions, err) != 0 ||
        update_compare(active, list, work->arena, &change, err) != 0 ||
        update_park_known(work, &change, &decisions, err) != 0 ||
        update_write_decisions(work, list->list_id, &decisions, err) != 0)
        return -1;
    update_remove(work, "coming", list->list_id, ".shadow");
    if (update_write(work, "coming", list->list_id, ".zl.minisig", signatures, err) != 0 ||
        update_write(work, "coming", list->list_id, ".zl", text, err) != 0 ||
        (active != NULL && retract_now(work, active, list, &change, err) != 0))
        return -1;
    return begin_trial(work, list, &change, &decisions, &slowest, err);
}

int update_take(struct update_work *work, const struct head_list *named, struct slice text,
                struct slice signatures, struct error *err)
{
    unsigned char hash[RECORD_HASH_BYTES];
    char comment[COMMENT_BYTES];
    struct list *list;
    if (check_bytes(named, text, err) != 0 ||
        check_signature(work, named, text, signatures, comment, err) != 0 ||
        list_parse(text, "list", work->arena, &list, err) != 0 ||
        check_content(work, named, list, comment, err) != 0)
        return -1;
    record_make_hash(text, hash);
    if (floors_check(&work->floors, list->list_id, list->sequence, hash, err) != 0 ||
        keep(work, list, text, signatures, err) != 0 ||
        floors_raise(&work->floors, list->list_id, list->sequence, hash, err) != 0)
        return -1;
    return floors_write(work->folder, &work->floors, err);
}
