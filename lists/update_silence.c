/* A partner of whom nothing new comes any more: withheld, broken, or given up. Its reach fades by
 * itself (head_freshness()); here the admin is told, once for each step. */
#include "common/base/clock.h"
#include "common/base/files.h"
#include "lists/update_work.h"
#include <stdio.h>

#define SILENCE SLICE_LITERAL("silence")

static int say(struct update_work *work, const struct head *head, enum list_action reach,
               struct error *err)
{
    char when[CLOCK_DATE_BYTES];
    clock_write_timestamp(head->fresh_until, when);
    const char *text = arena_printf(
        work->arena,
        "%s: nothing new came since its head %lld, which was fresh until %s. Its lists reach %s at "
        "most now. Ask %s whether they still publish; somebody may be withholding it from you.\n",
        work->partner.name, (long long)head->sequence, when, list_action_name(reach),
        work->partner.name);
    if (text == NULL)
        return arena_error(work->arena, err);
    return update_say(work, SILENCE, SLICE_LITERAL(""), UPDATE_WAITING, slice_of(text), err);
}

int update_tell_silence(struct update_work *work, struct error *err)
{
    char path[PATH_MAX];
    bool is_clock_wrong;
    struct head *head;
    struct error trouble = {0};
    BUFFER_CLEANUP text = buffer_new(LIMIT_HEAD_BYTES);
    snprintf(path, sizeof path, "%s/head.zh", work->folder);
    if (file_read(path, &text, &trouble) != 0)
        return trouble.kind == ERROR_NOT_FOUND ? 0
                                               : error_set(err, trouble.kind, "%s", trouble.text);
    if (head_parse(buffer_slice(&text), path, work->arena, &head, err) != 0)
        return -1;
    enum list_action reach = head_freshness(head->fresh_until, work->tools->now, &is_clock_wrong);
    if (reach < LIST_ACTION_HOLD)
        return say(work, head, reach, err);
    update_remove(work, "report", SILENCE, "");
    return 0;
}
