/* A partner of whom nothing new comes any more: withheld, broken, or given up. Its reach fades by
 * itself (head_freshness()); here the admin is told, once for each step. */
#include "common/base/clock.h"
#include "common/base/files.h"
#include "lists/update/update_work.h"
#include <stdio.h>

#define SILENCE SLICE_LITERAL("silence")

struct silence {
    const struct head *head;
    enum list_action reach;
};

static int write_silence(struct update_work *work, const void *what, struct buffer *into,
                         struct error *err)
{
    const struct silence *silence = what;
    char when[CLOCK_DATE_BYTES];
    (void)err;
    clock_write_timestamp(silence->head->fresh_until, when);
    buffer_printf(into,
                  update_words(work,
                               "%s: nothing new came since its head %lld, which was fresh until "
                               "%s. Its lists reach %s at most now. Ask %s whether they still "
                               "publish; somebody may be withholding it from you."),
                  work->partner.name, (long long)silence->head->sequence, when,
                  list_action_name(silence->reach), work->partner.name);
    buffer_append_byte(into, '\n');
    return 0;
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
    const struct silence silence = {head, reach};
    if (reach < LIST_ACTION_HOLD)
        return update_say(work, SILENCE, SLICE_LITERAL(""), UPDATE_WAITING, write_silence, &silence,
                          err);
    update_remove(work, "report", SILENCE, "");
    return 0;
}
