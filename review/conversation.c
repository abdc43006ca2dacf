#include "review/conversation.h"

#include "common/base/limits.h"
#include "common/store/store_log.h"
#include "review/commands.h"
#include <inttypes.h>

const char *conversation_say(const struct conversation *talk, const char *english)
{
    return phrase(talk->member.wishes.language, english);
}

int conversation_log(struct conversation *talk, int64_t item_id, const char *action,
                     struct error *err)
{
    struct store_log_line line = {.member_id = talk->member.row.id,
                                  .at = talk->now,
                                  .item_id = item_id,
                                  .actor = slice_of("member"),
                                  .action = slice_of(action)};
    return store_log_add(talk->store, &line, err);
}

int conversation_ask(struct conversation *talk, const char *question, int64_t digest_id,
                     int64_t expires_at, struct error *err)
{
    return token_make_question(talk->store, talk->member.row.id, question, digest_id, talk->now,
                               expires_at, talk->receipt->token, err);
}

/* The item of a code: 1 there and hers, 0 not, -1. */
static int find(struct conversation *talk, int64_t code, struct conversation_item *found_out,
                struct error *err)
{
    int64_t item_id;
    int found = store_digest_item(talk->store, talk->token.digest_id, code, &item_id, err);
    if (found != 1)
        return found;
    struct conversation_item item = {.code = code};
    found = store_item_get(talk->store, item_id, talk->arena, &item.item, err);
    if (found != 1)
        return found;
    if (item.item.member_id != talk->member.row.id)
        return 0;
    *found_out = item;
    return 1;
}

struct rounds {
    conversation_act *act;
    struct codes_list done[CONVERSATION_MOST_OUTCOMES];
    struct codes_list missing, damaged;
    size_t outcome_count;
    bool *is_done; /* of codes 1..digest_size: "1 1 1-3" is 1, 2, 3 */
};

static int act_on(struct conversation *talk, const struct conversation_item *item,
                  struct rounds *rounds, struct error *err)
{
    size_t outcome = 0;
    struct error why = {0};
    if (rounds->act(talk, item, &outcome, &why) != 0) {
        /* One item that cannot be opened must not keep her from the others. Opening comes first in
         * every act, so nothing of it was done. */
        if (why.kind == ERROR_INPUT)
            return codes_list_add_once(&rounds->damaged, item->code, talk->arena, err);
        return error_set(err, why.kind, "%s", why.text);
    }
    if (outcome >= rounds->outcome_count)
        return error_set(err, ERROR_BUG, "an outcome without a phrase");
    return codes_list_add_once(&rounds->done[outcome], item->code, talk->arena, err);
}

/* A lane is many mails under one code, those that the digest told of: 1 it is one, 0, -1. */
static int do_lane(struct conversation *talk, int64_t code, struct rounds *rounds,
                   struct error *err)
{
    int64_t *item_ids;
    size_t count;
    if (store_digest_lane(talk->store, talk->token.digest_id, code, talk->arena, &item_ids, &count,
                          err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct conversation_item item = {.code = code};
        int found = store_item_get(talk->store, item_ids[i], talk->arena, &item.item, err);
        if (found < 0)
            return -1;
        if (found == 1 && item.item.member_id == talk->member.row.id &&
            act_on(talk, &item, rounds, err) != 0)
            return -1;
    }
    return count > 0 ? 1 : 0;
}

static int do_one(struct conversation *talk, int64_t code, struct rounds *rounds, struct error *err)
{
    struct conversation_item item;
    if (rounds->is_done[code])
        return 0;
    rounds->is_done[code] = true;
    int is_lane = do_lane(talk, code, rounds, err);
    if (is_lane != 0)
        return is_lane < 0 ? -1 : 0;
    int found = find(talk, code, &item, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return codes_list_add(&rounds->missing, code, talk->arena, err);
    return act_on(talk, &item, rounds, err);
}

static int do_range(struct conversation *talk, struct codes_range range, struct rounds *rounds,
                    struct buffer *beyond, struct error *err)
{
    int64_t first = range.first < 1 ? 1 : range.first;
    for (int64_t code = first; code <= range.last && code <= talk->digest_size; code++)
        if (do_one(talk, code, rounds, err) != 0)
            return -1;
    if (range.first < 1)
        buffer_append_text(beyond, ", 0");
    first = first > talk->digest_size ? first : talk->digest_size + 1;
    if (range.last >= first)
        buffer_printf(beyond, range.last == first ? ", %" PRId64 : ", %" PRId64 "-%" PRId64, first,
                      range.last);
    return 0;
}

static int do_named_lane(struct conversation *talk, struct rounds *rounds, struct buffer *beyond,
                         struct error *err)
{
    int64_t code;
    int found = store_digest_lane_code(talk->store, talk->token.digest_id, &code, err);
    if (found == 1)
        return do_range(talk, (struct codes_range){code, code}, rounds, beyond, err);
    if (found == 0)
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk, "There is no lane in the summary you answered."));
    return found;
}

static void report_damaged(struct conversation *talk, const struct codes_list *damaged)
{
    BUFFER_CLEANUP numbers = buffer_new(KIB);
    codes_list_write(damaged, &numbers);
    if (numbers.size > 0)
        receipt_say(talk->receipt, "%s: %s.",
                    conversation_say(talk,
                                     "It cannot be opened here, it is damaged, and nothing was "
                                     "done for it. Please tell whoever runs your mail server"),
                    numbers.data);
}

static void report(struct conversation *talk, const struct rounds *rounds,
                   const struct outcome *outcomes, struct buffer *beyond)
{
    for (size_t i = 0; i < rounds->outcome_count; i++) {
        BUFFER_CLEANUP numbers = buffer_new(KIB);
        if (rounds->done[i].count == 0)
            continue;
        codes_list_write(&rounds->done[i], &numbers);
        const char *after = outcomes[i].after;
        receipt_say(talk->receipt, "%s: %s.%s%s", conversation_say(talk, outcomes[i].english),
                    numbers.data, after == NULL ? "" : " ",
                    after == NULL ? "" : conversation_say(talk, after));
    }
    report_damaged(talk, &rounds->damaged);
    BUFFER_CLEANUP missing = buffer_new(KIB);
    codes_list_write(&rounds->missing, &missing);
    buffer_append_text(&missing, beyond->data + (missing.size == 0 && beyond->size > 0 ? 2 : 0));
    if (missing.size > 0)
        receipt_say(talk->receipt, "%s: %s.",
                    conversation_say(talk, "There is no mail with this number"), missing.data);
}

int conversation_each_item(struct conversation *talk, const struct command *command,
                           conversation_act *act, const struct outcome *outcomes,
                           size_t outcome_count, struct error *err)
{
    const struct codes *codes = &command->codes;
    struct rounds rounds = {.act = act, .outcome_count = outcome_count};
    BUFFER_CLEANUP beyond = buffer_new(KIB);
    if (talk->token.digest_id == 0) {
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk, "The mail you answered has no numbers. Please answer a "
                                           "summary of held mail."));
        return 0;
    }
    rounds.is_done =
        arena_alloc_array(talk->arena, (size_t)talk->digest_size + 1, sizeof *rounds.is_done);
    if (rounds.is_done == NULL)
        return arena_error(talk->arena, err);
    if (codes->is_all &&
        do_range(talk, (struct codes_range){1, talk->digest_size}, &rounds, &beyond, err) != 0)
        return -1;
    if (codes->is_lane && do_named_lane(talk, &rounds, &beyond, err) != 0)
        return -1;
    for (size_t i = 0; i < codes->count; i++)
        if (do_range(talk, codes->ranges[i], &rounds, &beyond, err) != 0)
            return -1;
    report(talk, &rounds, outcomes, &beyond);
    if (codes->is_cut)
        receipt_say(talk->receipt,
                    conversation_say(talk, "Only the first %d numbers were read. Please send the "
                                           "rest in another answer."),
                    CODES_MOST_RANGES);
    return 0;
}
