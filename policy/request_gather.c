#include "policy/request_facts.h"

#include "common/mail/address.h"
#include "policy/porter.h"
#include <stdio.h>

/* Empty when it is no address: a rule then has no opinion. */
static int canonical(const struct settings *settings, struct slice path, struct arena *arena,
                     struct slice *address_out, struct error *err)
{
    struct address address;
    struct error why = {0};
    *address_out = (struct slice){NULL, 0};
    if (slice_is_empty(path))
        return 0;
    if (address_parse_path(path, arena, &address, &why) != 0)
        return why.kind == ERROR_INPUT ? 0 : error_set(err, why.kind, "%s", why.text);
    if (slice_is_empty(address.local) || slice_is_empty(address.domain))
        return 0;
    *address_out = address_canonical(&address, settings->recipient_delimiter, arena);
    return slice_is_empty(*address_out) ? arena_error(arena, err) : 0;
}

static struct slice domain_of(struct slice address)
{
    size_t at = slice_find_last_byte(address, '@');
    return slice_from(address, at + 1);
}

static bool is_submission(const struct porter *porter, const struct request *request)
{
    if (!slice_is_empty(request->sasl_username))
        return true;
    for (size_t i = 0; i < porter->submission_port_count; i++)
        if (porter->submission_ports[i] == request->server_port)
            return true;
    return false;
}

static int gather_member(struct request_facts *facts, struct error *err)
{
    struct people *people = facts->porter->people;
    int found = people_find(people, facts->recipient, facts->arena, &facts->member, err);
    if (found < 0)
        return error_context(err, "member");
    facts->is_member_on = found == 1 && facts->member.state == STORE_MEMBER_ON;
    if (!facts->is_member_on)
        return 0;
    if (people_relation(people, &facts->member, facts->sender, facts->arena, &facts->relation,
                        err) != 0)
        return error_context(err, "sender");
    return 0;
}

int request_facts_gather(struct porter *porter, struct visit *visit, const struct request *request,
                         struct arena *arena, int64_t now, struct request_facts *facts_out,
                         struct error *err)
{
    struct request_facts facts = {.request = request,
                                  .porter = porter,
                                  .visit = visit,
                                  .arena = arena,
                                  .now = now,
                                  .is_null_sender = slice_is_empty(request->sender)};
    if (canonical(&porter->settings, request->sender, arena, &facts.sender, err) != 0 ||
        canonical(&porter->settings, request->recipient, arena, &facts.recipient, err) != 0)
        return -1;
    facts.sender_domain = domain_of(facts.sender);
    facts.is_trusted_client = trusted_contains(&porter->trusted, request->client_address);
    facts.is_submission = is_submission(porter, request);
    if (!facts.is_submission && gather_member(&facts, err) != 0)
        return -1;
    *facts_out = facts;
    return 0;
}

/* RFC 7208 section 2.3: an address literal or a name of one label is none that can be checked. */
static struct slice helo_domain(struct request_facts *facts)
{
    char domain[256];
    struct slice helo = facts->request->helo_name, none = {NULL, 0};
    if (slice_find_byte(helo, '.') == helo.size ||
        address_domain_to_ascii(helo, domain, sizeof domain, NULL) != 0)
        return none;
    return arena_copy(facts->arena, slice_of(domain));
}

static void check(struct request_facts *facts, struct slice sender, struct deadline deadline,
                  struct spf_answer *answer)
{
    const struct porter *porter = facts->porter;
    const struct spf_request question = {
        .client_ip = facts->request->client_address,
        .helo = slice_is_empty(facts->helo) ? facts->request->helo_name : facts->helo,
        .sender = sender,
        .receiver = slice_of(porter->settings.hostname),
    };
    spf_check(porter->dns, &question, deadline, facts->arena, answer);
}

void request_facts_spf(struct request_facts *facts)
{
    struct slice none = {NULL, 0};
    struct deadline deadline = deadline_in(facts->porter->settings.dns_timeout_milliseconds);
    if (facts->has_spf)
        return;
    facts->has_spf = true;
    facts->spf_of_helo.result = facts->spf_of_sender.result = SPF_NONE;
    if (facts->is_trusted_client || slice_is_empty(facts->request->client_address))
        return;
    facts->helo = helo_domain(facts);
    if (!slice_is_empty(facts->helo))
        check(facts, none, deadline, &facts->spf_of_helo);
    if (!slice_is_empty(facts->sender))
        check(facts, facts->request->sender, deadline, &facts->spf_of_sender);
}

bool request_facts_proves_sender(struct request_facts *facts)
{
    request_facts_spf(facts);
    return !slice_is_empty(facts->sender) && facts->spf_of_sender.result == SPF_PASS;
}
