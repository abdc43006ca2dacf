#include "common/mail/spf.h"

#include "common/base/limits.h"
#include "common/mail/address.h"
#include "common/mail/dns_source.h"
#include "common/mail/spf_check.h"
#include <arpa/inet.h>
#include <string.h>

#define LOOKUPS_MOST 10                    /* section 4.6.4 */
#define LONGEST_NAME 253                   /* section 7.3 */
#define LONGEST_EXPANDED_BYTES (256 * KIB) /* before it is cut; what is longer is no name */

const char *spf_result_name(enum spf_result result)
{
    static const char *const names[] = {
        [SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",   [SPF_PASS] = "pass",
        [SPF_FAIL] = "fail",           [SPF_SOFTFAIL] = "softfail", [SPF_TEMPERROR] = "temperror",
        [SPF_PERMERROR] = "permerror",
    };
    return names[result];
}

static enum spf_result problem(struct spf_check *check, enum spf_result result, const char *text)
{
    if (check->problem == NULL)
        check->problem = text;
    return result;
}

bool spf_count_lookup(struct spf_check *check)
{
    if (check->is_explaining)
        return true;
    if (check->lookup_count >= LOOKUPS_MOST) {
        problem(check, SPF_PERMERROR, "more than 10 terms that need the DNS");
        return false;
    }
    check->lookup_count++;
    return true;
}

/* Section 4.6.4: the PTR query behind %{p} counts as a term, the first time it is needed. */
static bool set_validated(struct spf_check *check, struct slice text, struct slice domain)
{
    if (!spf_macro_uses(text, 'p'))
        return true;
    if (!check->has_validated_names && !spf_count_lookup(check))
        return false;
    check->values.validated = spf_validated_name(check, domain);
    return true;
}

/* Section 7.3: whole labels go from the left until 253 bytes are left. */
static struct slice cut_from_left(struct slice name)
{
    if (name.size > 0 && name.data[name.size - 1] == '.')
        name.size--;
    while (name.size > LONGEST_NAME) {
        size_t dot = slice_find_byte(name, '.');
        if (dot == name.size)
            break;
        name = slice_from(name, dot + 1);
    }
    return name;
}

bool spf_expand_domain(struct spf_check *check, struct slice spec, struct slice domain,
                       struct slice *name_out)
{
    *name_out = domain;
    if (spec.size == 0)
        return true;
    if (!set_validated(check, spec, domain))
        return false;
    check->values.domain = domain;
    BUFFER_CLEANUP text = buffer_new(LONGEST_EXPANDED_BYTES);
    if (spf_macro_expand(spec, SPF_MACRO_DOMAIN, &check->values, &text) != 0)
        buffer_clear(&text); /* the empty name matches nothing */
    *name_out = arena_copy(check->arena, cut_from_left(buffer_slice(&text)));
    return !arena_is_exhausted(check->arena);
}

/* Section 4.5: exactly one record that begins with the version. */
static enum spf_result select_record(struct spf_check *check, const struct dns_answer *answer,
                                     struct slice *text_out)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if (!spf_record_is_spf(answer->records[i].text))
            continue;
        *text_out = answer->records[i].text;
        count++;
    }
    if (count > 1)
        return problem(check, SPF_PERMERROR, "more than one SPF record");
    return count == 1 ? SPF_NEUTRAL : SPF_NONE;
}

/* SPF_NEUTRAL: *record_out is set; any other is the result. */
static enum spf_result find_record(struct spf_check *check, struct slice domain,
                                   struct spf_record *record_out)
{
    struct dns_answer answer;
    struct slice text = {NULL, 0};
    struct error err = {0};
    dns_lookup(check->dns, domain, DNS_TXT, check->deadline, check->arena, &answer);
    if (answer.status == DNS_TEMPORARY)
        return problem(check, SPF_TEMPERROR, "no answer from the DNS for the record");
    enum spf_result result = select_record(check, &answer, &text);
    if (result != SPF_NEUTRAL)
        return result;
    if (spf_record_parse(text, check->arena, record_out, &err) == 0)
        return SPF_NEUTRAL;
    if (err.kind != ERROR_INPUT)
        return problem(check, SPF_TEMPERROR, "no room for the record");
    return problem(check, SPF_PERMERROR, arena_copy_text(check->arena, err.text));
}

/* Section 6.1 */
static void follow_redirect(struct spf_check *check, const struct spf_record *record,
                            struct slice domain, struct spf_outcome *outcome_out)
{
    struct slice name;
    outcome_out->result = SPF_PERMERROR;
    if (!spf_count_lookup(check) || !spf_expand_domain(check, record->redirect, domain, &name))
        return;
    spf_check_host(check, name, outcome_out);
    if (outcome_out->result == SPF_NONE)
        outcome_out->result =
            problem(check, SPF_PERMERROR, "redirect to a domain without a record");
}

/* The depth is bounded by the count of lookups. */
void spf_check_host(struct spf_check *check, struct slice domain, struct spf_outcome *outcome_out)
{
    struct spf_record record = {0};
    *outcome_out = (struct spf_outcome){.result = find_record(check, domain, &record)};
    if (outcome_out->result != SPF_NEUTRAL)
        return;
    outcome_out->domain = domain;
    outcome_out->explanation = record.explanation;
    for (size_t i = 0; i < record.count; i++) {
        switch (spf_match_directive(check, &record.directives[i], domain)) {
        case SPF_MATCH_NO:
            continue;
        case SPF_MATCH_YES:
            outcome_out->result = record.directives[i].on_match;
            return;
        case SPF_MATCH_TEMPERROR:
            outcome_out->result = SPF_TEMPERROR;
            return;
        case SPF_MATCH_PERMERROR:
            outcome_out->result = SPF_PERMERROR;
            return;
        }
    }
    if (record.redirect.size > 0)
        follow_redirect(check, &record, domain, outcome_out);
}

static bool is_printable(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < ' ' || text.data[i] > '~')
            return false;
    return true;
}

/* Section 6.2: whatever is wrong with it, there is no explanation and the result stands. */
static struct slice explain(struct spf_check *check, const struct spf_outcome *outcome)
{
    static const struct slice nothing = {NULL, 0};
    struct dns_answer answer;
    struct slice name;
    check->is_explaining = true;
    if (outcome->explanation.size == 0 ||
        !spf_expand_domain(check, outcome->explanation, outcome->domain, &name))
        return nothing;
    dns_lookup(check->dns, name, DNS_TXT, check->deadline, check->arena, &answer);
    if (answer.status != DNS_FOUND || answer.count != 1 ||
        !set_validated(check, answer.records[0].text, outcome->domain))
        return nothing;
    check->values.domain = outcome->domain;
    BUFFER_CLEANUP text = buffer_new(LIMIT_SPF_EXPLANATION_BYTES);
    if (spf_macro_expand(answer.records[0].text, SPF_MACRO_EXPLAIN, &check->values, &text) != 0 ||
        !is_printable(buffer_slice(&text)))
        return nothing;
    return arena_copy(check->arena, buffer_slice(&text));
}

/* Section 4.3: several labels, none empty or too long, no literal. */
static bool is_domain(struct slice domain)
{
    char text[256];
    size_t size = 0;
    struct in_addr address;
    if (!dns_name_normalise(domain, text, &size) || text[0] == '[')
        return false;
    return memchr(text, '.', size) != NULL && inet_pton(AF_INET, text, &address) != 1;
}

/* Section 4.3: U-labels are looked up as A-labels. What is not convertible is asked as it is. */
static struct slice to_a_labels(struct slice domain, struct arena *arena)
{
    char text[LIMIT_DOMAIN_BYTES + 1];
    for (size_t i = 0; i < domain.size; i++)
        if ((unsigned char)domain.data[i] >= 0x80)
            return address_domain_to_ascii(domain, text, sizeof text, NULL) == 0
                       ? arena_copy(arena, slice_of(text))
                       : domain;
    return domain;
}

/* Sections 2.4 and 4.3: who is to be checked. */
static void set_identity(struct spf_check *check, const struct spf_request *request)
{
    struct slice sender = slice_trim(request->sender), local = {NULL, 0}, domain = sender;
    size_t at = slice_find_last_byte(sender, '@');
    if (sender.size == 0) {
        domain = request->helo;
    } else if (at < sender.size) {
        local = slice_part(sender, 0, at);
        domain = slice_from(sender, at + 1);
    }
    if (domain.size > 0 && domain.data[domain.size - 1] == '.')
        domain.size--;
    domain = to_a_labels(domain, check->arena);
    check->values = (struct spf_macro_values){
        .client = &check->client,
        .local = local.size > 0 ? local : slice_of("postmaster"),
        .sender_domain = domain,
        .domain = domain,
        .helo = request->helo,
        .receiver = request->receiver,
        .now = clock_now(),
    };
}

static enum spf_result check_identity(struct spf_check *check, const struct spf_request *request,
                                      struct slice *explanation_out)
{
    struct spf_outcome outcome;
    if (!spf_client_parse(request->client_ip, &check->client))
        return problem(check, SPF_NONE, "the client's address is not known");
    struct slice domain = check->values.domain;
    if (!is_domain(domain))
        return problem(check, SPF_NONE, "there is no domain to check");
    spf_check_host(check, domain, &outcome);
    if (outcome.result == SPF_FAIL)
        *explanation_out = explain(check, &outcome);
    return outcome.result;
}

/* What is read of the DNS stands in an arena of its own, so that a flood of it ends this check and
 * not the message. */
void spf_check(struct dns *dns, const struct spf_request *request, struct deadline deadline,
               struct arena *arena, struct spf_answer *answer_out)
{
    ARENA_CLEANUP *scratch = arena_new(LIMIT_SPF_BYTES);
    struct spf_check check = {.dns = dns, .deadline = deadline, .arena = scratch};
    struct slice explanation = {NULL, 0};
    *answer_out = (struct spf_answer){.result = SPF_TEMPERROR, .problem = "no memory"};
    if (scratch == NULL)
        return;
    set_identity(&check, request);
    enum spf_result result = check_identity(&check, request, &explanation);
    if (arena_is_exhausted(scratch))
        result = problem(&check, SPF_TEMPERROR, "no room for what the DNS answered");
    bool has_problem = check.problem != NULL &&
                       (result == SPF_TEMPERROR || result == SPF_PERMERROR || result == SPF_NONE);
    *answer_out = (struct spf_answer){
        .result = result,
        .domain = arena_copy(arena, check.values.sender_domain),
        .explanation = explanation.size > 0 ? arena_copy(arena, explanation) : slice_new(NULL, 0),
        .problem = has_problem ? arena_copy_text(arena, check.problem) : NULL,
        .lookup_count = check.lookup_count,
        .void_count = check.void_count,
    };
}
