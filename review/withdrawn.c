/* Held mail whose reason was taken back is offered again: the member decides, as always. */
#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "common/store/store_mail.h"
#include "lists/update/update.h"
#include "policy/member.h"
#include "quarantine/find.h"
#include "review/notice.h"
#include "review/phrases.h"
#include "review/updates.h"

#define ITEMS_BYTES (64 * MIB)
#define OFFERED "reason withdrawn"
#define MOST_ANSWERS 500
#define MOST_OFFERED 100 /* in one notice; the rest in the next round */

struct offer {
    int64_t ids[MOST_OFFERED];
    size_t count;
};

/* What was asked in this round: many mails are held for the same entry, and an answer may cost the
 * reading of a long list. */
struct answers {
    struct {
        struct slice publisher, list_id, entry;
        int is_gone;
    } rows[MOST_ANSWERS];
    size_t count;
    struct arena *arena;
};

static int ask(const struct update_tools *tools, struct answers *answers,
               const struct item_reason *reason, struct error *err)
{
    for (size_t i = 0; i < answers->count; i++)
        if (slice_equals(answers->rows[i].entry, reason->entry) &&
            slice_equals(answers->rows[i].list_id, reason->list_id) &&
            slice_equals(answers->rows[i].publisher, reason->publisher))
            return answers->rows[i].is_gone;
    int is_gone =
        update_is_withdrawn(tools, reason->publisher, reason->list_id, reason->entry, err);
    if (is_gone < 0 || answers->count == MOST_ANSWERS)
        return is_gone;
    answers->rows[answers->count].publisher = arena_copy(answers->arena, reason->publisher);
    answers->rows[answers->count].list_id = arena_copy(answers->arena, reason->list_id);
    answers->rows[answers->count].entry = arena_copy(answers->arena, reason->entry);
    answers->rows[answers->count++].is_gone = is_gone;
    return arena_is_exhausted(answers->arena) ? arena_error(answers->arena, err) : is_gone;
}

/* 1: every reason is an entry of a partner that was withdrawn. */
static int is_without_reason(const struct review *review, const struct found_item *found,
                             struct answers *answers, struct error *err)
{
    const struct update_tools tools = {
        .settings = review->settings, .store = review->store, .now = review->now};
    for (size_t i = 0; i < found->reason_count; i++) {
        const struct item_reason *reason = &found->reasons[i];
        if (!slice_is(reason->rule, "list") || slice_is_empty(reason->publisher))
            return 0;
        int is_gone = ask(&tools, answers, reason, err);
        if (is_gone != 1)
            return is_gone;
    }
    return found->reason_count > 0;
}

static bool was_offered(const struct store_log_line *lines, size_t count, int64_t item_id)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i].item_id == item_id && slice_is(lines[i].action, OFFERED))
            return true;
    return false;
}

static int find_offers(const struct review *review, int64_t member_id, struct answers *answers,
                       struct offer *offer, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ITEMS_BYTES);
    const struct store_item_filter waiting = {
        .member_id = member_id, .states = STORE_ITEM_BIT(STORE_ITEM_HELD), .without_split = true};
    struct store_item *items;
    struct store_log_line *lines;
    size_t item_count, line_count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for items");
    if (store_item_list(review->store, &waiting, arena, &items, &item_count, err) != 0 ||
        store_log_list(review->store, member_id, 0, arena, &lines, &line_count, err) != 0)
        return -1;
    for (size_t i = 0; i < item_count && offer->count < MOST_OFFERED; i++) {
        struct found_item found;
        if (was_offered(lines, line_count, items[i].id))
            continue;
        int is_gone = find_item(review->store, review->keys, items[i].id, arena, &found, err);
        if (is_gone == 1)
            is_gone = is_without_reason(review, &found, answers, err);
        if (is_gone < 0)
            return -1;
        if (is_gone == 1)
            offer->ids[offer->count++] = items[i].id;
    }
    return 0;
}

static int tell(const struct review *review, const struct member *member, const struct offer *offer,
                struct error *err)
{
    int64_t digest_id;
    if (store_digest_put(review->store, member->row.id, review->now, offer->ids, offer->count,
                         &digest_id, err) != 0)
        return -1;
    BUFFER_CLEANUP text = buffer_new(16 * KIB);
    buffer_printf(
        &text,
        phrase_count(
            member->wishes.language,
            "The reason for which %zu mail was held was withdrawn by those who published it. The "
            "mail still waits for you, and nothing happens to it by itself.\n\nTo get it, answer: "
            "release all",
            "The reasons for which %zu mails were held were withdrawn by those who published them. "
            "The mails still wait for you, and nothing happens to them by itself.\n\nTo get them, "
            "answer: release all",
            offer->count),
        offer->count);
    for (size_t i = 0; i < offer->count; i++) {
        const struct store_log_line line = {.member_id = member->row.id,
                                            .at = review->now,
                                            .item_id = offer->ids[i],
                                            .actor = SLICE_LITERAL("zaguan"),
                                            .action = SLICE_LITERAL(OFFERED)};
        if (store_log_add(review->store, &line, err) != 0)
            return -1;
    }
    if (buffer_check(&text, "a notice", err) != 0)
        return -1;
    return notice_queue(review, member, digest_id, text.data, err);
}

static int offer_to(const struct review *review, int64_t member_id, struct arena *arena,
                    struct answers *answers, int *offered, struct error *err)
{
    struct offer offer = {.count = 0};
    struct member member;
    int found = member_get(review->store, member_id, arena, &member, err);
    if (found != 1)
        return found;
    if (find_offers(review, member_id, answers, &offer, err) != 0)
        return -1;
    if (offer.count == 0)
        return 0;
    if (store_begin(review->store, err) != 0)
        return -1;
    if (tell(review, &member, &offer, err) != 0 || store_commit(review->store, err) != 0) {
        store_rollback(review->store);
        return -1;
    }
    *offered += (int)offer.count;
    return 0;
}

int withdrawn_offer(const struct review *review, int *offered_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ITEMS_BYTES);
    struct store_member *members;
    size_t count;
    *offered_out = 0;
    struct answers *answers = arena == NULL ? NULL : arena_alloc(arena, sizeof *answers);
    if (answers == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the members");
    answers->count = 0;
    answers->arena = arena;
    if (store_member_list(review->store, arena, &members, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (offer_to(review, members[i].id, arena, answers, offered_out, err) != 0)
            return -1;
    return 0;
}
