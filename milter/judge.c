#include "milter/judge.h"

#include "common/mail/address.h"
#include "milter/resemble.h"
#include "policy/contact.h"
#include "policy/sender.h"

struct slice judge_canonical_sender(const struct envelope *envelope, const char *delimiter,
                                    struct arena *arena)
{
    struct address address;
    struct error ignored = {0};
    if (envelope->sender.size == 0 ||
        address_parse_path(envelope->sender, arena, &address, &ignored) != 0)
        return slice_new(NULL, 0);
    return address_canonical(&address, delimiter, arena);
}

/* What is the same for every recipient. */
static int common_facts(const struct message_tools *tools, const struct envelope *envelope,
                        const struct message_result *result, struct arena *arena,
                        struct facts *facts, struct error *err)
{
    struct slice proven;
    *facts = (struct facts){
        .now = tools->now,
        .hits = &result->hits,
        .is_scanned = result->is_scanned,
        .sender = judge_canonical_sender(envelope, tools->settings->recipient_delimiter, arena),
        .from_address = result->letter.from_canonical,
        .is_sender_proven = auth_proves_sender(&result->auth, &proven),
        .dmarc = result->auth.dmarc.result,
        .spf = result->auth.spf.result,
        .is_transactional = result->letter.is_transactional,
        .is_login_code = result->letter.is_login_code,
        .is_confirmation = result->letter.is_confirmation,
        .is_automatic = result->letter.is_automatic,
    };
    if (tools->store == NULL)
        return 0;
    return sender_find_rule(tools->store, tools->keys, STORE_SERVER, facts->from_address,
                            facts->sender, &facts->server_rule, err) < 0
               ? -1
               : 0;
}

/* Whom she knows or let through is no part of a burst, and explain counts nothing. */
static void find_lane(const struct message_tools *tools, int64_t member_id, struct facts *facts)
{
    if (tools->lanes == NULL || facts->wishes->lane == WISH_LANE_OFF ||
        (facts->is_sender_proven &&
         (facts->is_correspondent || facts->member_rule == STORE_SENDER_ALLOW ||
          facts->server_rule == STORE_SENDER_ALLOW)))
        return;
    const struct lane_mail mail = {
        .member_id = member_id,
        .from_address = facts->from_address,
        .is_login_code = facts->is_login_code,
        .is_automatic = facts->is_automatic || facts->is_confirmation,
        .now = facts->now,
    };
    facts->lane = lanes_ask(tools->lanes, tools->keys, &mail);
}

static int facts_of(const struct message_tools *tools, const struct message_recipient *recipient,
                    struct resemble *resemble, struct facts *facts, struct error *err)
{
    facts->wishes = &recipient->member.wishes;
    if (tools->store == NULL)
        return 0;
    int64_t member_id = recipient->member.row.id;
    if (sender_find_rule(tools->store, tools->keys, member_id, facts->from_address, facts->sender,
                         &facts->member_rule, err) < 0)
        return -1;
    struct slice known = facts->from_address.size > 0 ? facts->from_address : facts->sender;
    int is_known =
        known.size == 0 ? 0 : contact_is_known(tools->store, tools->keys, member_id, known, err);
    facts->is_correspondent = is_known == 1;
    find_lane(tools, member_id, facts);
    return is_known < 0 ? -1 : resemble_ask(resemble, member_id, facts, err);
}

static int judge_each(const struct message_tools *tools, const struct facts *facts,
                      struct resemble *resemble, struct arena *arena, struct message_result *result,
                      struct error *err)
{
    for (size_t i = 0; i < result->recipient_count; i++) {
        struct message_recipient *recipient = &result->recipients[i];
        if (!recipient->is_member_on)
            continue;
        struct facts hers = *facts;
        if (facts_of(tools, recipient, resemble, &hers, err) != 0)
            return error_context(err, "facts");
        if (decide(&hers, arena, &recipient->verdict, err) != 0)
            return error_context(err, "decide");
    }
    return 0;
}

int judge_recipients(const struct message_tools *tools, const struct envelope *envelope,
                     struct arena *arena, struct message_result *result, struct error *err)
{
    struct facts facts;
    if (common_facts(tools, envelope, result, arena, &facts, err) != 0)
        return error_context(err, "facts");
    struct resemble resemble = {tools, envelope, result, arena, NULL};
    int failed = judge_each(tools, &facts, &resemble, arena, result, err);
    resemble_end(&resemble);
    return failed;
}
