/* The records that are no entries: retractions and disagreements. */
#include "lists/format/reading.h"

#include "common/base/clock.h"
#include <stddef.h>

static struct comment_set take_pending(struct reading *r)
{
    struct comment_set comments = r->pending;
    r->pending = (struct comment_set){NULL, 0};
    r->pending_room = 0;
    return comments;
}

/* "key value" at the cursor; the rest of the line when `is_rest`. */
static int take_pair(struct reading *r, const char *key, bool is_rest, struct slice *value_out,
                     size_t *at_out, struct error *err)
{
    bool is_missing = cursor_at_end(&r->c);
    size_t begin = r->c.at;
    if (is_missing || !slice_is(cursor_take_word(&r->c), key))
        return cursor_error(&r->c, begin, err, "%s is expected here", key);
    is_missing = cursor_at_end(&r->c);
    *at_out = r->c.at;
    if (is_missing)
        return cursor_error(&r->c, r->c.at, err, "%s has no value", key);
    *value_out = is_rest ? cursor_take_rest(&r->c) : cursor_take_word(&r->c);
    return 0;
}

static int expect_end(struct reading *r, struct comment_set *comments, struct error *err)
{
    if (!cursor_at_end(&r->c))
        return cursor_error(&r->c, r->c.at, err, "nothing more is expected on this line");
    struct slice comment = cursor_take_comment(&r->c);
    if (slice_is_empty(comment))
        return 0;
    size_t room = comments->count;
    return reading_add_comment(r, comments, &room, comment, err);
}

/* "- id 0be77d12  retracted 2026-11-18  why wrong-person" */
int reading_retraction_line(struct reading *r, struct error *err)
{
    struct retraction record = {.line = r->c.number, .comments = take_pending(r)};
    struct slice when;
    size_t at;
    r->c.at = 1;
    if (take_pair(r, "id", false, &record.id, &at, err) != 0)
        return -1;
    if (!is_hex(record.id, 8, 16))
        return cursor_error(&r->c, at, err, "id: 8 to 16 hexadecimal digits are expected");
    if (take_pair(r, "retracted", false, &when, &at, err) != 0)
        return -1;
    if (!clock_read_timestamp(when, &record.retracted_at))
        return cursor_error(&r->c, at, err, "retracted: a day such as 2026-11-23 is expected");
    record.written = when;
    if (!cursor_at_end(&r->c)) {
        if (take_pair(r, "why", false, &record.why, &at, err) != 0)
            return -1;
        if (!slice_is(record.why, "wrong-person") && !slice_is(record.why, "fixed") &&
            !slice_is(record.why, "expired-early") && !slice_is(record.why, "consent-withdrawn") &&
            !slice_is(record.why, "bad-pattern"))
            return cursor_error(&r->c, at, err,
                                "why: wrong-person, fixed, expired-early, consent-withdrawn or "
                                "bad-pattern is expected");
    }
    if (expect_end(r, &record.comments, err) != 0)
        return -1;
    r->list->retractions[r->list->retraction_count++] = record;
    return 0;
}

/* "~ publisher/list-id/entry-id  opinion disagree  why ..." */
int reading_disagreement_line(struct reading *r, struct error *err)
{
    struct disagreement record = {.line = r->c.number, .comments = take_pending(r)};
    struct slice opinion;
    size_t at;
    r->c.at = 1;
    bool is_missing = cursor_at_end(&r->c);
    size_t begin = r->c.at;
    struct slice target = cursor_take_word(&r->c), more = {NULL, 0};
    if (is_missing || !slice_next(&target, '/', &record.publisher) ||
        !slice_next(&target, '/', &record.list_id) || !slice_next(&target, '/', &record.entry_id) ||
        slice_next(&target, '/', &more) || slice_is_empty(record.publisher) ||
        !is_hex(record.list_id, 8, 32) || !is_hex(record.entry_id, 8, 16))
        return cursor_error(&r->c, begin, err,
                            "PUBLISHER/LIST-ID/ENTRY-ID is expected (PUBLISHER is \"local\" for a "
                            "list without one)");
    if (take_pair(r, "opinion", false, &opinion, &at, err) != 0)
        return -1;
    if (!slice_is(opinion, "disagree"))
        return cursor_error(&r->c, at, err, "opinion: only disagree is known");
    if (!cursor_at_end(&r->c) && take_pair(r, "why", true, &record.why, &at, err) != 0)
        return -1;
    if (expect_end(r, &record.comments, err) != 0)
        return -1;
    r->list->disagreements[r->list->disagreement_count++] = record;
    return 0;
}
