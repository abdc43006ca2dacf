/* submission: mail of our own people. To whom a member writes is remembered as a keyed digest, off
 * the path of the request; nothing is ever decided about her own mail. */
#include "common/mail/address.h"
#include "policy/policy_rules.h"
#include "policy/porter.h"

/* The login decides who writes: anybody who is logged in can write any envelope sender, and would
 * put names into her address book. Only a listener that knows no logins trusts the sender. */
static int find_writer(struct request_facts *facts, struct person *writer, struct error *err)
{
    const struct request *request = facts->request;
    struct address address = {.local = {NULL, 0}};
    if (slice_is_empty(request->sasl_username))
        return people_find(facts->porter->people, facts->sender, facts->arena, writer, err);
    if (address_parse_path(request->sasl_username, facts->arena, &address, NULL) != 0 ||
        slice_is_empty(address.local))
        return 0;
    if (slice_is_empty(address.domain))
        address.domain = slice_of(facts->porter->settings.domain);
    return people_find(
        facts->porter->people,
        address_canonical(&address, facts->porter->settings.recipient_delimiter, facts->arena),
        facts->arena, writer, err);
}

enum policy_step policy_rule_submission(struct request_facts *facts, struct answer *answer,
                                        struct error *err)
{
    struct person writer;
    (void)answer;
    if (!facts->is_submission)
        return POLICY_GOES_ON;
    int found = find_writer(facts, &writer, err);
    if (found < 0)
        return POLICY_FAILED;
    if (found == 1 && writer.state == STORE_MEMBER_ON && !slice_is_empty(facts->recipient) &&
        writer.wishes.correspondents == WISH_CORRESPONDENTS_ON)
        correspondents_note(facts->porter->correspondents, writer.id, facts->recipient, facts->now);
    return POLICY_ENDS;
}
