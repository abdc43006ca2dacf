#include "review/attend.h"

#include "common/base/limits.h"
#include "common/store/store_item.h"
#include "common/store/store_log.h"
#include "review/digest.h"
#include "review/flood_notice.h"
#include "review/notice.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include "review/schedule.h"
#include <string.h>

#define MEMBERS_BYTES (64 * MIB)
#define MEMBER_BYTES (64 * MIB)

static int count_items(const struct review *review, struct arena *arena,
                       struct schedule_facts *facts, int64_t member_id, struct error *err)
{
    struct store_item *items;
    size_t count;
    const struct store_item_filter waiting = {
        .member_id = member_id,
        .states = 1U << STORE_ITEM_HELD | 1U << STORE_ITEM_REFUSED,
        .without_split = true,
    };
    if (store_item_list(review->store, &waiting, arena, &items, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        facts->held_count++;
        if (items[i].digest_count == 0)
            facts->untold_count++;
        if (items[i].digest_count < SCHEDULE_TELLINGS)
            facts->told_once_count++;
    }
    return 0;
}

static int attend_digest(const struct review *review, const struct member *member,
                         struct arena *arena, struct attend_counts *counts, struct error *err)
{
    struct schedule_facts facts = {
        .wishes = &member->wishes,
        .consented_at = member->row.consented_at,
        .last_digest_at = member->row.last_digest_at,
        .now = review->now,
    };
    if (member->wishes.digest == WISH_RHYTHM_NONE)
        return 0;
    if (count_items(review, arena, &facts, member->row.id, err) != 0)
        return -1;
    if (schedule_digest(&facts) == SCHEDULE_NOTHING)
        return 0;
    int waiting = outbox_has_digest(review->store, member->row.id, err);
    if (waiting != 0)
        return waiting < 0 ? -1 : 0;
    if (digest_send(review, member, err) != 0)
        return -1;
    counts->digests++;
    return 0;
}

/* A shield that has ended is taken down in the same transaction as the note that says so: she is
 * told once. */
static int end_shield(const struct review *review, struct member *member, struct error *err)
{
    const char *text =
        phrase(member->wishes.language,
               "Your shield has ended, as you had chosen. Mail from people you have not written to "
               "arrives again. What was held still waits for you.\n\nTo raise it again, answer for "
               "example: shield 3 days");
    const struct store_log_line line = {.member_id = member->row.id,
                                        .at = review->now,
                                        .actor = slice_of("zaguan"),
                                        .action = slice_of("shield ended")};
    if (store_begin(review->store, err) != 0)
        return -1;
    if (member_set(review->store, member, slice_of("shield"), slice_of("off"), err) != 0 ||
        notice_queue(review, member, 0, text, err) != 0 ||
        store_log_add(review->store, &line, err) != 0 || store_commit(review->store, err) != 0) {
        store_rollback(review->store);
        return -1;
    }
    return 0;
}

static int attend(const struct review *review, int64_t member_id, struct arena *arena,
                  struct attend_counts *counts, struct error *err)
{
    struct member member;
    int found = member_get(review->store, member_id, arena, &member, err);
    if (found != 1 || !member_is_on(&member))
        return found < 0 ? -1 : 0;
    if (member.wishes.shield_until != 0 && member.wishes.shield_until <= review->now) {
        if (end_shield(review, &member, err) != 0)
            return -1;
        counts->shields_ended++;
    }
    if (flood_notice(review, &member, err) < 0)
        return -1;
    return attend_digest(review, &member, arena, counts, err);
}

int attend_members(const struct review *review, struct attend_counts *counts_out, struct error *err)
{
    ARENA_CLEANUP *members_arena = arena_new(MEMBERS_BYTES);
    ARENA_CLEANUP *arena = arena_new(MEMBER_BYTES);
    struct store_member *members;
    size_t count;
    memset(counts_out, 0, sizeof *counts_out);
    if (members_arena == NULL || arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the members");
    if (store_member_list(review->store, members_arena, &members, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        arena_reset(arena);
        if (members[i].state == STORE_MEMBER_ON &&
            attend(review, members[i].id, arena, counts_out, &counts_out->trouble) != 0)
            counts_out->troubles++;
    }
    return 0;
}
