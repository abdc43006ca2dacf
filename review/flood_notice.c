#include "review/flood_notice.h"

#include "common/store/store_flood.h"
#include "common/store/store_log.h"
#include "review/notice.h"
#include "review/phrases.h"

static int queue(const struct review *review, const struct member *member, struct error *err)
{
    int language = member->wishes.language;
    if (member->wishes.shield_until > review->now)
        return notice_queue(
            review, member, 0,
            phrase(
                language,
                "Far more people than usual, whom you have never written to, are writing to you. "
                "As you had chosen, your shield is up: their mail is held, and people you have "
                "written to arrive as always. It ends by itself, and you are told.\n\nTo end it "
                "now, answer: shield off"),
            err);
    return notice_queue_question(
        review, member, FLOOD_QUESTION,
        phrase(
            language,
            "Far more people than usual, whom you have never written to, are writing to you. "
            "Nothing of it is lost; some of it may arrive later.\n\nIf you like, your shield can "
            "hold their mail for one day. People you have written to arrive as always. It ends "
            "by itself, and you are told.\n\nTo raise it, answer this mail with one word: "
            "yes\nFor longer, answer for example: shield 3 days\n\nWithout an answer nothing "
            "changes."),
        err);
}

static int tell(const struct review *review, const struct member *member, struct error *err)
{
    const struct store_log_line line = {.member_id = member->row.id,
                                        .at = review->now,
                                        .actor = slice_of("zaguan"),
                                        .action = slice_of("flood noticed")};
    int is_first = store_flood_tell(review->store, member->row.id, review->now, err);
    if (is_first != 1)
        return is_first;
    if (queue(review, member, err) != 0 || store_log_add(review->store, &line, err) != 0)
        return -1;
    return 1;
}

int flood_notice(const struct review *review, const struct member *member, struct error *err)
{
    struct store_flood flood;
    int found = store_flood_get(review->store, member->row.id, &flood, err);
    if (found != 1 || flood.began_at == 0 || flood.told_at != 0 ||
        member->wishes.flood == WISH_FLOOD_OFF)
        return found < 0 ? -1 : 0;
    /* A shield she raised by herself: there is nothing to offer. */
    if (member->wishes.flood == WISH_FLOOD_OFFER && member->wishes.shield_until > review->now)
        return 0;
    if (store_begin(review->store, err) != 0)
        return -1;
    int told = tell(review, member, err);
    if (told < 0 || store_commit(review->store, err) != 0) {
        store_rollback(review->store);
        return -1;
    }
    return told;
}
