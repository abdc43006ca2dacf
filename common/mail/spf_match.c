/* The mechanisms of RFC 7208 section 5. */
#include "common/base/limits.h"
#include "common/mail/spf_check.h"
#include <string.h>

#define NAMES_MOST 10 /* MX and PTR names whose addresses are asked for: section 4.6.4 */
#define VOIDS_MOST 2

static enum spf_match permanent(struct spf_check *check, const char *problem)
{
    if (check->problem == NULL)
        check->problem = problem;
    return SPF_MATCH_PERMERROR;
}

/* Asks for a mechanism: MATCH_NO means that there is an answer, which may be empty. */
static enum spf_match ask(struct spf_check *check, struct slice name, enum dns_type type,
                          struct dns_answer *answer_out)
{
    dns_lookup(check->dns, name, type, check->deadline, check->arena, answer_out);
    switch (answer_out->status) {
    case DNS_FOUND:
    case DNS_BAD_NAME: /* never asked: it matches nothing (section 4.8) */
        return SPF_MATCH_NO;
    case DNS_TEMPORARY:
        if (check->problem == NULL)
            check->problem = "no answer from the DNS for a mechanism";
        return SPF_MATCH_TEMPERROR;
    case DNS_NO_DATA:
    case DNS_NO_NAME:
        if (++check->void_count > VOIDS_MOST)
            return permanent(check, "more than 2 void lookups");
        return SPF_MATCH_NO;
    }
    return SPF_MATCH_NO;
}

static bool is_same_network(const void *a, const void *b, int bits)
{
    const unsigned char *left = a, *right = b;
    size_t bytes = (size_t)bits / 8;
    if (memcmp(left, right, bytes) != 0)
        return false;
    int more = bits % 8;
    return more == 0 || (left[bytes] ^ right[bytes]) >> (8 - more) == 0;
}

static enum dns_type address_type(const struct spf_client *client)
{
    return client->is_ipv6 ? DNS_AAAA : DNS_A;
}

static bool has_client(const struct spf_client *client, const struct dns_answer *answer,
                       int ipv4_bits, int ipv6_bits)
{
    for (size_t i = 0; i < answer->count; i++) {
        const struct dns_record *record = &answer->records[i];
        if (client->is_ipv6 ? is_same_network(&client->ipv6, &record->ipv6, ipv6_bits)
                            : is_same_network(&client->ipv4, &record->ipv4, ipv4_bits))
            return true;
    }
    return false;
}

static enum spf_match match_address(struct spf_check *check, const struct spf_directive *directive,
                                    struct slice name)
{
    struct dns_answer answer;
    enum spf_match trouble = ask(check, name, address_type(&check->client), &answer);
    if (trouble != SPF_MATCH_NO)
        return trouble;
    return has_client(&check->client, &answer, directive->ipv4_bits, directive->ipv6_bits)
               ? SPF_MATCH_YES
               : SPF_MATCH_NO;
}

static enum spf_match match_mx(struct spf_check *check, const struct spf_directive *directive,
                               struct slice name)
{
    struct dns_answer answer;
    enum spf_match match = ask(check, name, DNS_MX, &answer);
    /* At once, whatever the first ten would say: the order of equal preferences is chance. */
    if (match == SPF_MATCH_NO && answer.count > NAMES_MOST)
        return permanent(check, "more than 10 MX names");
    for (size_t i = 0; i < answer.count && match == SPF_MATCH_NO; i++)
        match = match_address(check, directive, answer.records[i].text);
    return match;
}

/* Section 5.3: also for an IPv6 client it is A. */
static enum spf_match match_exists(struct spf_check *check, struct slice name)
{
    struct dns_answer answer;
    enum spf_match trouble = ask(check, name, DNS_A, &answer);
    if (trouble != SPF_MATCH_NO)
        return trouble;
    return answer.status == DNS_FOUND ? SPF_MATCH_YES : SPF_MATCH_NO;
}

static enum spf_match match_include(struct spf_check *check, struct slice name)
{
    struct spf_outcome outcome;
    spf_check_host(check, name, &outcome);
    switch (outcome.result) {
    case SPF_PASS:
        return SPF_MATCH_YES;
    case SPF_FAIL:
    case SPF_SOFTFAIL:
    case SPF_NEUTRAL:
        return SPF_MATCH_NO;
    case SPF_TEMPERROR:
        return SPF_MATCH_TEMPERROR;
    case SPF_PERMERROR:
        return SPF_MATCH_PERMERROR;
    case SPF_NONE:
        return permanent(check, "include of a domain without a record");
    }
    return SPF_MATCH_PERMERROR;
}

/* in-addr.arpa or ip6.arpa name of the client. */
static struct slice reverse_name(struct spf_check *check)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_DOMAIN_BYTES);
    check->values.client = &check->client;
    if (spf_macro_expand(slice_of("%{ir}.%{v}.arpa"), SPF_MACRO_DOMAIN, &check->values, &text) != 0)
        return slice_new(NULL, 0);
    return arena_copy(check->arena, buffer_slice(&text));
}

/*
 * The names of the client that lead back to it (section 5.5), of at most ten. Trouble with one name
 * skips it; trouble with the PTR query is "no names". Who owns the address chooses these names, so
 * that only the PTR query itself counts as void, not what its names lack.
 */
static void find_validated_names(struct spf_check *check)
{
    struct dns_answer pointers, addresses;
    if (check->has_validated_names)
        return;
    check->has_validated_names = true;
    dns_lookup(check->dns, reverse_name(check), DNS_PTR, check->deadline, check->arena, &pointers);
    check->void_count += pointers.status == DNS_NO_DATA || pointers.status == DNS_NO_NAME ? 1 : 0;
    size_t most = pointers.count < NAMES_MOST ? pointers.count : NAMES_MOST;
    check->validated_names = arena_alloc_array(check->arena, most + 1, sizeof(struct slice));
    if (check->validated_names == NULL)
        return;
    for (size_t i = 0; i < most; i++) {
        dns_lookup(check->dns, pointers.records[i].text, address_type(&check->client),
                   check->deadline, check->arena, &addresses);
        if (has_client(&check->client, &addresses, 32, 128))
            check->validated_names[check->validated_count++] = pointers.records[i].text;
    }
}

static bool is_below(struct slice name, struct slice domain)
{
    if (domain.size == 0 || name.size <= domain.size)
        return false;
    size_t dot = name.size - domain.size - 1;
    return name.data[dot] == '.' && slice_equals_nocase(slice_from(name, dot + 1), domain);
}

/* Section 7.3: the domain itself if it is one of them, else a name below it, else any. */
struct slice spf_validated_name(struct spf_check *check, struct slice domain)
{
    struct slice found = slice_of("unknown");
    find_validated_names(check);
    int found_rank = 0;
    for (size_t i = 0; i < check->validated_count; i++) {
        struct slice name = check->validated_names[i];
        int rank = slice_equals_nocase(name, domain) ? 3 : is_below(name, domain) ? 2 : 1;
        if (rank > found_rank) {
            found = name;
            found_rank = rank;
        }
    }
    return found;
}

static enum spf_match match_ptr(struct spf_check *check, struct slice domain)
{
    find_validated_names(check);
    if (check->void_count > VOIDS_MOST)
        return permanent(check, "more than 2 void lookups");
    for (size_t i = 0; i < check->validated_count; i++) {
        struct slice name = check->validated_names[i];
        if (slice_equals_nocase(name, domain) || is_below(name, domain))
            return SPF_MATCH_YES;
    }
    /* Without time left, "no such name" would be a guess. */
    return deadline_has_passed(check->deadline) ? SPF_MATCH_TEMPERROR : SPF_MATCH_NO;
}

static enum spf_match match_network(const struct spf_check *check,
                                    const struct spf_directive *directive)
{
    const struct spf_client *client = &check->client;
    if (client->is_ipv6 != (directive->mechanism == SPF_IP6))
        return SPF_MATCH_NO;
    bool is_inside = client->is_ipv6
                         ? is_same_network(&client->ipv6, &directive->ipv6, directive->ipv6_bits)
                         : is_same_network(&client->ipv4, &directive->ipv4, directive->ipv4_bits);
    return is_inside ? SPF_MATCH_YES : SPF_MATCH_NO;
}

static enum spf_match match_by_dns(struct spf_check *check, const struct spf_directive *directive,
                                   struct slice name)
{
    switch (directive->mechanism) {
    case SPF_INCLUDE:
        return match_include(check, name);
    case SPF_A:
        return match_address(check, directive, name);
    case SPF_MX:
        return match_mx(check, directive, name);
    case SPF_PTR:
        return match_ptr(check, name);
    case SPF_EXISTS:
        return match_exists(check, name);
    case SPF_ALL:
    case SPF_IP4:
    case SPF_IP6:
        break;
    }
    return SPF_MATCH_PERMERROR;
}

enum spf_match spf_match_directive(struct spf_check *check, const struct spf_directive *directive,
                                   struct slice domain)
{
    struct slice name;
    if (directive->mechanism == SPF_ALL)
        return SPF_MATCH_YES;
    if (directive->mechanism == SPF_IP4 || directive->mechanism == SPF_IP6)
        return match_network(check, directive);
    if (!spf_count_lookup(check) || !spf_expand_domain(check, directive->domain, domain, &name))
        return SPF_MATCH_PERMERROR;
    return match_by_dns(check, directive, name);
}
