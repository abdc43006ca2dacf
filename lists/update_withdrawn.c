/* Was the reason of a held mail taken back? */
#include "common/base/limits.h"
#include "lists/update_work.h"

#define PARTNER_BYTES (64 * MIB)

int update_is_withdrawn(const struct update_tools *tools, struct slice partner,
                        struct slice list_id, struct slice entry, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(PARTNER_BYTES);
    struct update_work work = {.arena = arena};
    struct update_decisions decisions;
    struct list *coming;
    char name[PARTNER_NAME_BYTES];
    struct error trouble = {0};
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an update");
    if (!slice_to_text(partner, name, sizeof name) || !record_is_publisher(partner))
        return 0;
    if (update_work_begin(&work, tools, name, NULL, &trouble) != 0)
        return trouble.kind == ERROR_NOT_FOUND || trouble.kind == ERROR_INPUT
                   ? 0
                   : error_set(err, trouble.kind, "%s", trouble.text);
    int found = update_read(&work, "coming", list_id, &coming, err);
    if (found != 1)
        return found;
    if (update_is_retracted(coming, entry))
        return 1;
    if (update_read_decisions(&work, list_id, &decisions, err) != 0)
        return -1;
    const struct update_parked *decision = update_find_decision(&decisions, entry);
    return decision != NULL && decision->action == LIST_ACTION_NONE;
}
