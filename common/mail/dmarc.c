#include "common/mail/dmarc.h"

#include "common/mail/dkim_tags.h"
#include "common/mail/dmarc_record.h"

#define MOST_QUERIES 8 /* RFC 9989 section 4.10 */

/* What stands at _dmarc.NAME for a domain and the names above it, the longest first. */
struct step {
    struct slice name;
    bool has_record;
    struct dmarc_record record;
};

struct walk {
    struct slice start;
    struct step steps[MOST_QUERIES];
    size_t count;
    bool is_broken; /* the last step had DNS trouble: nothing is known from there on up */
};

struct check {
    struct dns *dns;
    struct deadline deadline;
    struct arena *arena;
    struct slice author;
    struct walk *walk;         /* of the author's domain */
    struct slice organization; /* empty while it is not known */
};

static size_t count_labels(struct slice name)
{
    size_t count = name.size > 0 ? 1 : 0;
    for (size_t i = 0; i < name.size; i++)
        count += name.data[i] == '.' ? 1 : 0;
    return count;
}

/* The last `count` labels of a name. */
static struct slice last_labels(struct slice name, size_t count)
{
    for (size_t have = count_labels(name); have > count; have--)
        name = slice_from(name, slice_find_byte(name, '.') + 1);
    return name;
}

/* The one record there; several are discarded all (section 4.10, steps 2 and 6). */
static void read_records(const struct dns_answer *answer, struct step *step)
{
    size_t found = 0;
    for (size_t i = 0; i < answer->count; i++) {
        struct dmarc_record record;
        if (!dmarc_record_parse(answer->records[i].text, &record))
            continue;
        step->record = record;
        found++;
    }
    step->has_record = found == 1;
}

/* False: DNS trouble. */
static bool take_step(const struct check *check, struct slice name, struct step *step)
{
    *step = (struct step){.name = name};
    char *asked = arena_printf(check->arena, "_dmarc." SLICE_FORMAT, SLICE_ARGUMENTS(name));
    struct dns_answer answer = {.status = DNS_TEMPORARY};
    if (asked != NULL)
        dns_lookup(check->dns, slice_of(asked), DNS_TXT, check->deadline, check->arena, &answer);
    if (answer.status == DNS_FOUND)
        read_records(&answer, step);
    return answer.status != DNS_TEMPORARY;
}

/* Section 4.10. Above eight labels it goes on with seven. */
static struct walk *walk_up(const struct check *check, struct slice start)
{
    struct walk *walk = arena_alloc(check->arena, sizeof *walk);
    if (walk == NULL)
        return NULL;
    walk->start = start;
    size_t labels = count_labels(start);
    while (labels > 0 && !walk->is_broken) {
        struct step *step = &walk->steps[walk->count++];
        walk->is_broken = !take_step(check, last_labels(start, labels), step);
        if (step->has_record && step->record.psd != DMARC_PSD_UNKNOWN)
            break;
        labels = labels > MOST_QUERIES ? MOST_QUERIES - 1 : labels - 1;
    }
    return walk;
}

/* Section 4.10.2; empty when DNS trouble hides it. */
static struct slice organization_of(const struct walk *walk)
{
    struct slice found = walk->start;
    if (walk->is_broken)
        return (struct slice){NULL, 0};
    for (size_t i = 0; i < walk->count; i++) {
        const struct step *step = &walk->steps[i];
        if (!step->has_record)
            continue;
        if (step->record.psd == DMARC_PSD_NO)
            return step->name;
        if (step->record.psd == DMARC_PSD_YES && i > 0)
            return last_labels(walk->start, count_labels(step->name) + 1);
        found = step->name;
    }
    return found;
}

static const struct step *find_step(const struct walk *walk, struct slice name)
{
    for (size_t i = 0; i < walk->count; i++)
        if (walk->steps[i].has_record && slice_equals(walk->steps[i].name, name))
            return &walk->steps[i];
    return NULL;
}

/* Section 4.10.1: the author's domain, else its organization, else its public suffix. NULL: none.
 */
static const struct step *find_policy(const struct check *check)
{
    const struct walk *walk = check->walk;
    const struct step *found = find_step(walk, check->author);
    if (found == NULL && check->organization.size > 0)
        found = find_step(walk, check->organization);
    for (size_t i = 0; found == NULL && i < walk->count; i++)
        if (walk->steps[i].has_record && walk->steps[i].record.psd == DMARC_PSD_YES)
            found = &walk->steps[i];
    return found;
}

static bool is_author_missing(const struct check *check)
{
    struct dns_answer answer;
    dns_lookup(check->dns, check->author, DNS_A, check->deadline, check->arena, &answer);
    return answer.status == DNS_NO_NAME; /* section 3.2.13, RFC 8020 */
}

static enum dmarc_policy choose_policy(const struct check *check, const struct step *step)
{
    const struct dmarc_record *record = &step->record;
    enum dmarc_policy policy = record->policy;
    if (!slice_equals(step->name, check->author))
        policy = record->has_missing_policy && is_author_missing(check) ? record->missing_policy
                                                                        : record->subdomain_policy;
    if (record->is_test && policy != DMARC_POLICY_NONE)
        policy--;
    return policy;
}

/* --- alignment ----------------------------------------------------------------------------------
 */

enum alignment { NOT_ALIGNED, ALIGNED, ALIGNMENT_UNKNOWN };

static bool is_within(struct slice name, struct slice domain)
{
    if (name.size <= domain.size)
        return slice_equals(name, domain);
    size_t above = name.size - domain.size;
    return slice_equals(slice_from(name, above), domain) && name.data[above - 1] == '.';
}

/* A domain outside the author's organization cannot have the same one, so nobody can make us ask
 * for names of his own choice. */
static enum alignment compare(const struct check *check, struct slice written, bool is_strict)
{
    struct slice domain = dkim_domain_name(written, check->arena);
    if (domain.size == 0)
        return NOT_ALIGNED;
    if (slice_equals(domain, check->author))
        return ALIGNED;
    if (is_strict)
        return NOT_ALIGNED;
    if (check->organization.size == 0)
        return slice_equals(last_labels(domain, 1), last_labels(check->author, 1))
                   ? ALIGNMENT_UNKNOWN
                   : NOT_ALIGNED;
    if (!is_within(domain, check->organization))
        return NOT_ALIGNED;
    const struct walk *walk = walk_up(check, domain);
    if (walk == NULL || walk->is_broken)
        return ALIGNMENT_UNKNOWN;
    return slice_equals(organization_of(walk), check->organization) ? ALIGNED : NOT_ALIGNED;
}

/* Notes one identifier: `is_pass`, or trouble that may hide a pass. */
static bool weigh(enum alignment alignment, bool is_pass, bool *has_trouble)
{
    if (alignment == ALIGNMENT_UNKNOWN || (alignment == ALIGNED && !is_pass))
        *has_trouble = true;
    return alignment == ALIGNED && is_pass;
}

static enum dmarc_result judge(const struct check *check, const struct dmarc_request *request,
                               const struct dmarc_record *record, struct dmarc_answer *answer)
{
    bool has_trouble = false;
    if (request->spf == SPF_PASS || request->spf == SPF_TEMPERROR)
        answer->is_aligned_by_spf =
            weigh(compare(check, request->spf_domain, record->is_spf_strict),
                  request->spf == SPF_PASS, &has_trouble);
    for (size_t i = 0; i < request->signature_count; i++) {
        const struct dkim_signature *signature = &request->signatures[i];
        if (signature->result != DKIM_PASS && signature->result != DKIM_TEMPERROR)
            continue;
        if (!weigh(compare(check, signature->domain, record->is_dkim_strict),
                   signature->result == DKIM_PASS, &has_trouble))
            continue;
        answer->is_aligned_by_dkim = true;
        answer->is_aligned_by_whole_dkim |= !signature->is_partial;
    }
    if (answer->is_aligned_by_spf || answer->is_aligned_by_dkim)
        return DMARC_PASS;
    return has_trouble ? DMARC_TEMPERROR : DMARC_FAIL;
}

static struct slice without_final_dot(struct slice name)
{
    return name.size > 1 && name.data[name.size - 1] == '.' ? slice_part(name, 0, name.size - 1)
                                                            : name;
}

void dmarc_check(struct dns *dns, const struct dmarc_request *request, struct deadline deadline,
                 struct arena *arena, struct dmarc_answer *answer_out)
{
    struct check check = {.dns = dns, .deadline = deadline, .arena = arena};
    *answer_out = (struct dmarc_answer){.result = DMARC_NONE, .policy = ""};
    check.author = dkim_domain_name(without_final_dot(request->from_domain), arena);
    if (check.author.size == 0)
        return;
    check.walk = walk_up(&check, check.author);
    if (check.walk == NULL) {
        answer_out->result = DMARC_TEMPERROR;
        return;
    }
    check.organization = organization_of(check.walk);
    answer_out->organizational_domain = check.organization;
    const struct step *step = find_policy(&check);
    bool is_unknown =
        check.walk->is_broken && (step == NULL || !slice_equals(step->name, check.author));
    if (is_unknown) {
        answer_out->result = DMARC_TEMPERROR;
        return;
    }
    if (step == NULL || step->record.is_void)
        return;
    answer_out->domain = step->name;
    answer_out->policy = dmarc_policy_name(choose_policy(&check, step));
    answer_out->result = judge(&check, request, &step->record, answer_out);
}

const char *dmarc_result_name(enum dmarc_result result)
{
    static const char *const names[] = {"none", "pass", "fail", "temperror", "permerror"};
    return names[result];
}
