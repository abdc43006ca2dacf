#include "common/mail/auth.h"

#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/mail/address.h"
#include "common/mail/dkim_tags.h"
#include "common/mail/header.h"

#include <string.h>

struct auth {
    struct dns *dns;
    struct arena *arena;
    struct auth_client client;
    struct slice receiver;
    int64_t left_milliseconds; /* of waiting for DNS */
    struct dkim_verifier *dkim;
    struct slice from; /* value of the first From field */
    size_t from_fields;
    struct auth_answer answer;
};

struct auth *auth_begin(struct dns *dns, const struct settings *settings,
                        const struct auth_client *client, struct arena *arena)
{
    struct auth *auth = arena_alloc(arena, sizeof *auth);
    if (auth == NULL)
        return NULL;
    auth->dns = dns;
    auth->arena = arena;
    auth->client = (struct auth_client){.ip = arena_copy(arena, client->ip),
                                        .helo = arena_copy(arena, client->helo),
                                        .sender = arena_copy(arena, client->sender),
                                        .is_known = client->is_known};
    auth->receiver = arena_copy(arena, slice_of(settings->hostname));
    auth->left_milliseconds = settings->dns_timeout_milliseconds;
    auth->dkim = dkim_verifier_new(dns, arena);
    return auth->dkim == NULL ? NULL : auth;
}

void auth_free(struct auth *auth)
{
    if (auth != NULL)
        dkim_verifier_free(auth->dkim);
}

void auth_field(struct auth *auth, struct slice field)
{
    size_t colon = slice_find_byte(field, ':');
    if (slice_is_nocase(slice_trim(slice_part(field, 0, colon)), "from") &&
        auth->from_fields++ == 0)
        auth->from = arena_copy(auth->arena, slice_from(field, colon + 1));
    dkim_verifier_field(auth->dkim, field);
}

static void check_spf(struct auth *auth, struct deadline deadline)
{
    struct auth_answer *answer = &auth->answer;
    answer->has_client = auth->client.is_known;
    answer->is_null_sender = auth->client.sender.size == 0;
    answer->spf.result = SPF_NONE;
    if (!auth->client.is_known || auth->client.ip.size == 0)
        return;
    struct spf_request request = {.client_ip = auth->client.ip,
                                  .helo = auth->client.helo,
                                  .sender = auth->client.sender,
                                  .receiver = auth->receiver};
    spf_check(auth->dns, &request, deadline, auth->arena, &answer->spf);
}

/* Runs one step that waits for DNS within a share of the time that is left, so that one server that
 * does not answer spoils one result and not those that come after it. */
static void spend(struct auth *auth, int64_t percent,
                  void (*step)(struct auth *auth, struct deadline deadline))
{
    int64_t began = clock_monotonic_milliseconds();
    step(auth, deadline_in(auth->left_milliseconds * percent / 100));
    int64_t spent = clock_monotonic_milliseconds() - began;
    auth->left_milliseconds -= spent < auth->left_milliseconds ? spent : auth->left_milliseconds;
}

static void find_keys(struct auth *auth, struct deadline deadline)
{
    dkim_verifier_end_of_header(auth->dkim, deadline);
}

void auth_end_of_header(struct auth *auth)
{
    spend(auth, 50, check_spf);
    spend(auth, 75, find_keys);
}

void auth_body(struct auth *auth, struct slice piece)
{
    dkim_verifier_body(auth->dkim, piece);
}

/* The one domain of the one From field. What cannot be read in it counts as one more mailbox. */
static void read_from(struct auth *auth)
{
    struct auth_answer *answer = &auth->answer;
    struct mailbox *mailboxes = NULL;
    size_t count = 0, broken = 0;
    answer->from_count = auth->from_fields;
    if (auth->from_fields != 1 ||
        address_parse_list(auth->from, auth->arena, &mailboxes, &count, &broken, NULL) != 0)
        return;
    answer->from_count = count + broken;
    for (size_t i = 0; i < count; i++) {
        struct slice domain = dkim_domain_name(mailboxes[i].address.domain, auth->arena);
        if (domain.size == 0 || (i > 0 && !slice_equals(domain, answer->from_domain))) {
            answer->from_domain = (struct slice){NULL, 0};
            return;
        }
        answer->from_domain = domain;
    }
}

static void check_dmarc(struct auth *auth, struct deadline deadline)
{
    struct auth_answer *answer = &auth->answer;
    struct dmarc_request request = {.from_domain = answer->from_domain,
                                    .spf = answer->spf.result,
                                    .spf_domain = answer->spf.domain,
                                    .signatures = answer->dkim.signatures,
                                    .signature_count = answer->dkim.count};
    dmarc_check(auth->dns, &request, deadline, auth->arena, &answer->dmarc);
}

void auth_finish(struct auth *auth, struct auth_answer *answer_out)
{
    dkim_verifier_finish(auth->dkim, deadline_in(auth->left_milliseconds), &auth->answer.dkim);
    read_from(auth);
    spend(auth, 100, check_dmarc);
    *answer_out = auth->answer;
}

/* Feeds the body with CRLF for every line end. */
static void feed_body(struct auth *auth, struct slice body)
{
    size_t begin = 0, at = 0;
    while (at < body.size) {
        at += slice_find_byte(slice_from(body, at), '\n');
        if (at < body.size && (at == 0 || body.data[at - 1] != '\r')) {
            auth_body(auth, slice_part(body, begin, at - begin));
            auth_body(auth, SLICE_LITERAL("\r\n"));
            begin = at + 1;
        }
        at++;
    }
    auth_body(auth, slice_from(body, begin));
}

static struct slice without_line_end(struct slice field)
{
    if (field.size > 0 && field.data[field.size - 1] == '\n')
        field.size--;
    if (field.size > 0 && field.data[field.size - 1] == '\r')
        field.size--;
    return field;
}

int auth_message(struct dns *dns, const struct settings *settings, const struct auth_client *client,
                 struct slice message, struct arena *arena, struct auth_answer *answer_out,
                 struct error *err)
{
    struct auth *auth = auth_begin(dns, settings, client, arena);
    if (auth == NULL)
        return arena_error(arena, err);
    struct header_field field;
    struct slice rest = message;
    while (header_next(&rest, &field))
        auth_field(auth, without_line_end(field.whole));
    auth_end_of_header(auth);
    feed_body(auth, rest);
    auth_finish(auth, answer_out);
    auth_free(auth);
    return 0;
}

/* Without a DMARC record nobody tells where an organization begins. A domain speaks for itself and
 * for what is below it, but not for what is above; one label is never a sender's own. */
static bool speaks_for(struct slice domain, struct slice from)
{
    if (domain.size == 0 || slice_find_byte(domain, '.') == domain.size)
        return false;
    if (domain.size >= from.size)
        return slice_equals_nocase(domain, from);
    size_t above = from.size - domain.size;
    return slice_equals_nocase(slice_from(from, above), domain) && from.data[above - 1] == '.';
}

static bool is_proven_without_dmarc(const struct auth_answer *answer)
{
    if (answer->spf.result == SPF_PASS && speaks_for(answer->spf.domain, answer->from_domain))
        return true;
    for (size_t i = 0; i < answer->dkim.count; i++) {
        const struct dkim_signature *signature = &answer->dkim.signatures[i];
        if (signature->result == DKIM_PASS && !signature->is_partial &&
            speaks_for(signature->domain, answer->from_domain))
            return true;
    }
    return false;
}

bool auth_proves_sender(const struct auth_answer *answer, struct slice *domain_out)
{
    const struct dmarc_answer *dmarc = &answer->dmarc;
    bool is_proven = false;
    if (answer->from_count != 1 || answer->from_domain.size == 0)
        return false;
    if (dmarc->result == DMARC_PASS)
        is_proven = dmarc->is_aligned_by_spf || dmarc->is_aligned_by_whole_dkim;
    else if (dmarc->result == DMARC_NONE)
        is_proven = is_proven_without_dmarc(answer);
    if (is_proven)
        *domain_out = answer->from_domain;
    return is_proven;
}

static bool is_valid_and_whole(const struct dkim_signature *signature)
{
    return signature->result == DKIM_PASS && !signature->is_partial;
}

static bool stands_before(const struct dkim_answer *dkim, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_valid_and_whole(&dkim->signatures[i]) &&
            slice_equals(dkim->signatures[i].domain, dkim->signatures[index].domain))
            return true;
    return false;
}

struct slice auth_signed_by(const struct auth_answer *answer, struct arena *arena)
{
    const struct dkim_answer *dkim = &answer->dkim;
    BUFFER_CLEANUP domains = buffer_new(LIMIT_DKIM_SIGNATURES * (LIMIT_DOMAIN_BYTES + 1));
    for (size_t i = 0; i < dkim->count; i++) {
        if (!is_valid_and_whole(&dkim->signatures[i]) || stands_before(dkim, i))
            continue;
        if (domains.size > 0)
            buffer_append_byte(&domains, ' ');
        buffer_append(&domains, dkim->signatures[i].domain);
    }
    return domains.size == 0 ? slice_of(NULL) : arena_copy(arena, buffer_slice(&domains));
}
