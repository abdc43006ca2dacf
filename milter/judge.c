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

/* A login is a person of ours, and so is a program of this machine. */
static bool is_inside(const struct envelope *envelope)
{
    return !slice_is_empty(envelope->login) || slice_is(envelope->client_ip, "::1") ||
           slice_starts_with(envelope->client_ip, "127.");
}

static void find_disguise(const struct message_tools *tools, const struct envelope *envelope,
                          const struct message_result *result, struct arena *arena,
                          struct disguise_found *found)
{
    const struct letter *letter = &result->letter;
    struct disguise_mail mail = {
        .display = letter->from_display,
        .from_address = letter->from_canonical,
        .auth = &result->auth,
        .is_automatic = letter->is_automatic,
        .is_list = letter->is_list,
        .is_inside = is_inside(envelope),
    };
    for (size_t i = 0; i < letter->more_author_count && i < DISGUISE_MOST_AUTHORS; i++)
        mail.more_authors[mail.more_author_count++] = letter->more_authors[i];
    for (size_t i = 0; i < letter->reply_count && i < DISGUISE_MOST_REPLIES; i++)
        mail.reply_domains[mail.reply_count++] = letter->replies[i].address.domain;
    *found = (struct disguise_found){.kind = DISGUISE_NONE};
    if (tools->household != NULL)
        disguise_find(tools->household, &mail, arena, found);
}

/* A proven address that spells the name above it is a private one of hers where she would know: in
 * her own mail, and wherever she has written to it. 1 yes, 0 no, -1. */
static int is_private_address(const struct message_tools *tools, const struct disguise_found *found,
                              const struct facts *facts, int64_t member_id, struct error *err)
{
    int is_known = 0;
    if (found->kind != DISGUISE_NAME || !found->is_spelled)
        return 0;
    for (size_t i = 0; i < found->bearer_count && is_known == 0; i++)
        if (found->bearers[i] == member_id)
            is_known = 1;
        else if (tools->store != NULL)
            is_known = contact_is_known(tools->store, tools->keys, found->bearers[i],
                                        facts->from_address, err);
    return is_known;
}

/* Why this recipient knows better: 1, 0 or -1. Her word is not for who writes our own addresses. */
static int is_no_disguise(const struct message_tools *tools, const struct disguise_found *found,
                          const struct facts *facts, int64_t member_id, struct error *err)
{
    if (found->kind == DISGUISE_NONE || found->kind == DISGUISE_ADDRESS)
        return 0;
    int is_known = is_private_address(tools, found, facts, member_id, err);
    if (is_known != 0 || tools->store == NULL)
        return is_known;
    return likeness_is_excused(tools->store, tools->keys, member_id, facts->from_address,
                               facts->is_sender_proven, err);
}

/* Whom she knows or let through is no part of a burst, and explain counts nothing. */
static int find_lane(const struct message_tools *tools, int64_t member_id, struct facts *facts,
                     struct error *err)
{
    bool is_asked = tools->lanes != NULL && tools->store != NULL;
    if ((!is_asked && !tools->is_burst) || facts->wishes->lane == WISH_LANE_OFF ||
        (facts->is_sender_proven &&
         (facts->is_correspondent || facts->member_rule == STORE_SENDER_ALLOW ||
          facts->server_rule == STORE_SENDER_ALLOW)))
        return 0;
    const struct lane_mail mail = {
        .member_id = member_id,
        .from_address = facts->from_address,
        .is_login_code = facts->is_login_code,
        .is_automatic = facts->is_automatic || facts->is_confirmation,
        .now = facts->now,
    };
    if (tools->is_burst) {
        facts->lane = lane_in_burst(&mail);
        return 0;
    }
    return lanes_ask(tools->lanes, tools->store, tools->keys, &mail, &facts->lane, err);
}

static int find_relation(const struct message_tools *tools, int64_t member_id, struct facts *facts,
                         struct error *err)
{
    if (tools->store == NULL)
        return 0;
    if (sender_find_rule(tools->store, tools->keys, member_id, facts->from_address, facts->sender,
                         &facts->member_rule, err) < 0)
        return -1;
    struct slice known = facts->from_address.size > 0 ? facts->from_address : facts->sender;
    int is_known =
        known.size == 0 ? 0 : contact_is_known(tools->store, tools->keys, member_id, known, err);
    facts->is_correspondent = is_known == 1;
    return is_known < 0 ? -1 : 0;
}

/* What is the same for every recipient and weighed for each. */
struct looks {
    const struct disguise_found *found;
    struct resemble *resemble;
};

static int facts_of(const struct message_tools *tools, const struct message_recipient *recipient,
                    const struct looks *looks, struct facts *facts, struct error *err)
{
    int64_t member_id = recipient->member.row.id;
    facts->wishes = &recipient->member.wishes;
    if (find_relation(tools, member_id, facts, err) != 0 ||
        find_lane(tools, member_id, facts, err) != 0)
        return -1;
    int is_none = is_no_disguise(tools, looks->found, facts, member_id, err);
    facts->disguise = is_none == 1 ? DISGUISE_NONE : looks->found->kind;
    if (is_none < 0 || tools->store == NULL)
        return is_none < 0 ? -1 : 0;
    return resemble_ask(looks->resemble, member_id, facts, err);
}

static int judge_each(const struct message_tools *tools, const struct facts *facts,
                      const struct looks *looks, struct arena *arena, struct message_result *result,
                      struct error *err)
{
    for (size_t i = 0; i < result->recipient_count; i++) {
        struct message_recipient *recipient = &result->recipients[i];
        if (!recipient->is_member_on)
            continue;
        struct facts hers = *facts;
        if (facts_of(tools, recipient, looks, &hers, err) != 0)
            return error_context(err, "facts");
        result->is_from_known |= hers.is_correspondent && hers.is_sender_proven;
        if (decide(&hers, arena, &recipient->verdict, err) != 0)
            return error_context(err, "decide");
    }
    return 0;
}

int judge_recipients(const struct message_tools *tools, const struct envelope *envelope,
                     struct arena *arena, struct message_result *result, struct error *err)
{
    struct facts facts;
    struct disguise_found found;
    if (common_facts(tools, envelope, result, arena, &facts, err) != 0)
        return error_context(err, "facts");
    find_disguise(tools, envelope, result, arena, &found);
    struct resemble resemble = {tools, envelope, result, arena, NULL};
    const struct looks looks = {&found, &resemble};
    int failed = judge_each(tools, &facts, &looks, arena, result, err);
    resemble_end(&resemble);
    return failed;
}
