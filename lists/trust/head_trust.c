/* What a head is worth: its signatures, and its age. */
#include "lists/trust/head.h"

#include "common/base/clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_SECONDS ((int64_t)24 * 60 * 60)
#define GRACE_SECONDS (14 * DAY_SECONDS)
#define SILENT_SECONDS (60 * DAY_SECONDS)

void head_write_comment(const struct head *head, char text[HEAD_COMMENT_BYTES])
{
    char issued[CLOCK_DATE_BYTES];
    clock_write_timestamp(head->issued_at, issued);
    snprintf(text, HEAD_COMMENT_BYTES, "zaguan-head 1 " SLICE_FORMAT " %" PRId64 " %s",
             SLICE_ARGUMENTS(head->publisher), head->sequence, issued);
}

int head_accept(const struct root *trusted, struct slice text, struct slice signatures, int64_t now,
                struct arena *arena, struct head **head_out, struct error *err)
{
    struct head *head;
    char comment[HEAD_COMMENT_BYTES];
    if (head_parse(text, "head.zh", arena, &head, err) != 0)
        return -1;
    head_write_comment(head, comment);
    if (root_verify(trusted, ROOT_ROLE_HEAD, text, signatures, comment, "head.zh.minisig", err) !=
        0)
        return -1;
    if (!slice_is(head->publisher, trusted->publisher))
        return error_set(err, ERROR_INPUT, "head.zh: of " SLICE_FORMAT ", not of %s",
                         SLICE_ARGUMENTS(head->publisher), trusted->publisher);
    if (head->issued_at > now + HEAD_MOST_AHEAD_SECONDS)
        return error_set(err, ERROR_INPUT, "head.zh: issued in the future");
    *head_out = head;
    return 0;
}

/* The compiler takes __DATE__ from SOURCE_DATE_EPOCH where builds are reproducible. */
int64_t head_built_at(void)
{
    struct tm built = {0};
    const char *end = strptime(__DATE__, "%b %d %Y", &built);
    return end == NULL ? 0 : (int64_t)timegm(&built);
}

enum list_action head_freshness(int64_t fresh_until, int64_t now, bool *is_clock_wrong_out)
{
    /* A day of grace: the compiler writes its local date. */
    *is_clock_wrong_out = now < head_built_at() - DAY_SECONDS;
    if (*is_clock_wrong_out || now <= fresh_until + GRACE_SECONDS)
        return LIST_ACTION_HOLD;
    return now <= fresh_until + SILENT_SECONDS ? LIST_ACTION_TAG : LIST_ACTION_OBSERVE;
}
