/* Was the reason of a held mail taken back? */
#include "common/base/limits.h"
#include "lists/update/update_work.h"

#define PARTNER_BYTES (64 * MIB)

/* 1 with the partner's folder at hand, 0 it is no partner of ours. */
static int begin(struct update_work *work, const struct update_tools *tools, struct slice partner,
                 struct error *err)
{
    char name[PARTNER_NAME_BYTES];
    struct error trouble = {0};
    if (!record_is_publisher(partner) || !slice_to_text(partner, name, sizeof name))
        return 0;
    if (update_work_begin(work, tools, name, NULL, &trouble) == 0)
        return 1;
    return trouble.kind == ERROR_NOT_FOUND || trouble.kind == ERROR_INPUT
               ? 0
               : error_set(err, trouble.kind, "%s", trouble.text);
}

/* The publisher's own word, whether it waits here or acts. */
static int is_retracted(struct update_work *work, struct slice list_id, struct slice entry,
                        struct list *lists_out[2], struct error *err)
{
    static const char *const parts[] = {"coming", "active"};
    for (size_t i = 0; i < 2; i++) {
        int found = update_read(work, parts[i], list_id, &lists_out[i], err);
        if (found < 0)
            return -1;
        if (found == 0)
            lists_out[i] = NULL;
        else if (update_is_retracted(lists_out[i], entry))
            return 1;
    }
    return 0;
}

/* An adopted entry goes with the one it was adopted from. One step: trust is not handed on. */
static int is_retracted_at_origin(const struct update_tools *tools, struct arena *arena,
                                  const struct entry *entry, struct error *err)
{
    struct update_work work = {.arena = arena};
    struct entry_origin origin;
    struct list *lists[2];
    if (entry == NULL || !entry_read_origin(entry, &origin))
        return 0;
    int is_partner = begin(&work, tools, origin.publisher, err);
    return is_partner != 1 ? is_partner
                           : is_retracted(&work, origin.list_id, origin.entry_id, lists, err);
}

int update_is_withdrawn(const struct update_tools *tools, struct slice partner,
                        struct slice list_id, struct slice entry, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    struct update_decisions decisions;
    struct list *lists[2];
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an update");
    int answer = begin(&work, tools, partner, err);
    if (answer != 1)
        return answer;
    answer = is_retracted(&work, list_id, entry, lists, err);
    if (answer != 0)
        return answer;
    if (update_read_decisions(&work, list_id, &decisions, err) != 0)
        return -1;
    const struct update_parked *decision = update_find_decision(&decisions, entry);
    if (decision != NULL && decision->action <= LIST_ACTION_OBSERVE)
        return 1;
    for (size_t i = 0; i < 2; i++) {
        answer = is_retracted_at_origin(tools, arena, update_find_entry(lists[i], entry), err);
        if (answer != 0)
            return answer;
    }
    return 0;
}
