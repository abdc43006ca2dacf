#include "milter/resemble.h"

/* What is decided without it, or what she does not want. */
static bool is_decided(const struct facts *facts)
{
    return facts->wishes->resembling == WISH_OFF || facts->member_rule == STORE_SENDER_BLOCK ||
           (facts->is_sender_proven &&
            (facts->is_correspondent || facts->member_rule == STORE_SENDER_ALLOW ||
             facts->server_rule == STORE_SENDER_ALLOW));
}

static int read_mail(struct resemble *resemble, const struct facts *facts, struct error *err)
{
    const struct letter *letter = &resemble->result->letter;
    const struct likeness_mail mail = {
        .from_address = letter->from_address,
        .from_name = letter->from_display,
        .reply_address = letter->reply_address,
        .envelope_sender = resemble->envelope->sender,
        .signed_by = auth_signed_by(&resemble->result->auth, resemble->arena),
        .texts = &letter->texts,
        .is_sender_proven = facts->is_sender_proven,
        .is_automatic = facts->is_automatic,
    };
    return likeness_read(&mail, resemble->tools->keys, &resemble->likeness, err);
}

int resemble_ask(struct resemble *resemble, int64_t member_id, struct facts *facts,
                 struct error *err)
{
    const struct message_tools *tools = resemble->tools;
    if (is_decided(facts))
        return 0;
    int has_any = store_likeness_any(tools->store, member_id, err);
    if (has_any <= 0)
        return has_any;
    if (resemble->likeness == NULL && read_mail(resemble, facts, err) != 0)
        return -1;
    return likeness_find(tools->store, tools->keys, member_id, resemble->likeness,
                         &facts->resembles, err);
}

void resemble_end(struct resemble *resemble)
{
    likeness_free(resemble->likeness);
    resemble->likeness = NULL;
}
