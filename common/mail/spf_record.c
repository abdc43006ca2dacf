#include "common/mail/spf_record.h"

#include "common/mail/spf_macro.h"
#include <arpa/inet.h>
#include <string.h>

#define VERSION "v=spf1"
#define IPV4_BITS 32
#define IPV6_BITS 128

enum argument {
    ARGUMENT_NONE,        /* all */
    ARGUMENT_DOMAIN,      /* :domain-spec, required */
    ARGUMENT_MAYBE,       /* [:domain-spec] */
    ARGUMENT_MAYBE_CIDRS, /* [:domain-spec] [dual-cidr-length] */
    ARGUMENT_NETWORK      /* :network [/bits] */
};

static const struct {
    const char *name;
    enum spf_mechanism mechanism;
    enum argument argument;
} mechanisms[] = {
    {"all", SPF_ALL, ARGUMENT_NONE},    {"include", SPF_INCLUDE, ARGUMENT_DOMAIN},
    {"a", SPF_A, ARGUMENT_MAYBE_CIDRS}, {"mx", SPF_MX, ARGUMENT_MAYBE_CIDRS},
    {"ptr", SPF_PTR, ARGUMENT_MAYBE},   {"ip4", SPF_IP4, ARGUMENT_NETWORK},
    {"ip6", SPF_IP6, ARGUMENT_NETWORK}, {"exists", SPF_EXISTS, ARGUMENT_DOMAIN},
};

static const struct {
    char sign;
    enum spf_result result;
} qualifiers[] = {{'+', SPF_PASS}, {'-', SPF_FAIL}, {'~', SPF_SOFTFAIL}, {'?', SPF_NEUTRAL}};

#define COUNT_OF(rows) (sizeof(rows) / sizeof(rows)[0])

bool spf_record_is_spf(struct slice text)
{
    size_t size = strlen(VERSION);
    return slice_starts_with_nocase(text, VERSION) && (text.size == size || text.data[size] == ' ');
}

static bool is_name_byte(char c, bool is_first)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter ||
           (!is_first && ((c >= '0' && c <= '9') || strchr("-_.", c) != NULL) && c != '\0');
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ); empty when there is none. */
static struct slice take_name(struct slice *rest)
{
    size_t size = 0;
    while (size < rest->size && is_name_byte(rest->data[size], size == 0))
        size++;
    struct slice name = slice_part(*rest, 0, size);
    *rest = slice_from(*rest, size);
    return name;
}

/* A prefix length has no leading zero: "/0", "/32", never "/032". */
static bool read_bits(struct slice digits, int most, int *bits_out)
{
    long long bits = 0;
    if ((digits.size > 1 && digits.data[0] == '0') || !slice_to_number(digits, 0, most, &bits))
        return false;
    *bits_out = (int)bits;
    return true;
}

/* Takes MARK and the digits after it off the end, if the end looks so. */
static bool take_end(struct slice *text, const char *mark, struct slice *digits_out)
{
    size_t begin = text->size, size = strlen(mark);
    while (begin > 0 && text->data[begin - 1] >= '0' && text->data[begin - 1] <= '9')
        begin--;
    if (begin == text->size || begin < size || memcmp(text->data + begin - size, mark, size) != 0)
        return false;
    *digits_out = slice_from(*text, begin);
    *text = slice_part(*text, 0, begin - size);
    return true;
}

/* [ ":" domain-spec ] [ "/" bits ] [ "//" bits ] */
static bool read_domain_and_cidrs(struct slice rest, struct spf_directive *directive)
{
    struct slice digits;
    if (take_end(&rest, "//", &digits) && !read_bits(digits, IPV6_BITS, &directive->ipv6_bits))
        return false;
    if (take_end(&rest, "/", &digits) && !read_bits(digits, IPV4_BITS, &directive->ipv4_bits))
        return false;
    if (rest.size == 0)
        return true;
    directive->domain = slice_from(rest, 1);
    return rest.data[0] == ':' && spf_domain_spec_is_valid(directive->domain);
}

static bool read_domain(struct slice rest, bool is_required, struct spf_directive *directive)
{
    if (rest.size == 0)
        return !is_required;
    directive->domain = slice_from(rest, 1);
    return rest.data[0] == ':' && spf_domain_spec_is_valid(directive->domain);
}

static bool read_network(struct slice rest, struct spf_directive *directive)
{
    char address[INET6_ADDRSTRLEN];
    bool is_ipv6 = directive->mechanism == SPF_IP6;
    if (rest.size == 0 || rest.data[0] != ':')
        return false;
    rest = slice_from(rest, 1);
    size_t slash = slice_find_byte(rest, '/');
    if (slash < rest.size &&
        !read_bits(slice_from(rest, slash + 1), is_ipv6 ? IPV6_BITS : IPV4_BITS,
                   is_ipv6 ? &directive->ipv6_bits : &directive->ipv4_bits))
        return false;
    if (!slice_to_text(slice_part(rest, 0, slash), address, sizeof address))
        return false;
    return is_ipv6 ? inet_pton(AF_INET6, address, &directive->ipv6) == 1
                   : inet_pton(AF_INET, address, &directive->ipv4) == 1;
}

static bool read_argument(enum argument argument, struct slice rest,
                          struct spf_directive *directive)
{
    switch (argument) {
    case ARGUMENT_NONE:
        return rest.size == 0;
    case ARGUMENT_DOMAIN:
        return read_domain(rest, true, directive);
    case ARGUMENT_MAYBE:
        return read_domain(rest, false, directive);
    case ARGUMENT_MAYBE_CIDRS:
        return read_domain_and_cidrs(rest, directive);
    case ARGUMENT_NETWORK:
        return read_network(rest, directive);
    }
    return false;
}

static const char *read_directive(struct slice name, struct slice rest,
                                  struct spf_directive *directive)
{
    for (size_t i = 0; i < COUNT_OF(mechanisms); i++) {
        if (!slice_is_nocase(name, mechanisms[i].name))
            continue;
        directive->mechanism = mechanisms[i].mechanism;
        directive->ipv4_bits = IPV4_BITS;
        directive->ipv6_bits = IPV6_BITS;
        return read_argument(mechanisms[i].argument, rest, directive) ? NULL : "malformed argument";
    }
    return "unknown mechanism";
}

/* redirect and exp stand once at most; other names are ignored, but must be well-formed. */
static const char *read_modifier(struct slice name, struct slice value, struct spf_record *record)
{
    struct slice *field = slice_is_nocase(name, "redirect") ? &record->redirect
                          : slice_is_nocase(name, "exp")    ? &record->explanation
                                                            : NULL;
    if (field == NULL)
        return spf_macro_is_valid(value, SPF_MACRO_DOMAIN) ? NULL : "malformed modifier";
    if (field->size > 0)
        return "modifier given twice";
    *field = value;
    return spf_domain_spec_is_valid(value) ? NULL : "malformed domain";
}

/* NULL, or what is wrong. */
static const char *read_term(struct slice term, struct spf_record *record)
{
    struct spf_directive *directive = &record->directives[record->count];
    struct slice rest = term;
    bool has_qualifier = false;
    directive->on_match = SPF_PASS;
    for (size_t i = 0; i < COUNT_OF(qualifiers); i++) {
        if (term.data[0] != qualifiers[i].sign)
            continue;
        directive->on_match = qualifiers[i].result;
        has_qualifier = true;
        rest = slice_from(term, 1);
    }
    struct slice name = take_name(&rest);
    if (name.size == 0)
        return "no name";
    if (rest.size > 0 && rest.data[0] == '=')
        return has_qualifier ? "modifier with a qualifier"
                             : read_modifier(name, slice_from(rest, 1), record);
    const char *problem = read_directive(name, rest, directive);
    record->count += problem == NULL ? 1 : 0;
    return problem;
}

int spf_record_parse(struct slice text, struct arena *arena, struct spf_record *record_out,
                     struct error *err)
{
    struct spf_record record = {0};
    struct slice term, rest = slice_from(text, strlen(VERSION));
    size_t most = 0;
    for (size_t i = 1; i < rest.size; i++)
        most += rest.data[i - 1] == ' ' && rest.data[i] != ' ' ? 1 : 0;
    /* One more: a modifier is read with a directive at hand. */
    record.directives = arena_alloc_array(arena, most + 1, sizeof *record.directives);
    if (record.directives == NULL)
        return arena_error(arena, err);
    for (int number = 0; slice_next(&rest, ' ', &term);) {
        if (term.size == 0)
            continue; /* terms stand apart by one space or more */
        number++;
        const char *problem = read_term(term, &record);
        if (problem != NULL)
            return error_set(err, ERROR_INPUT, "term %d: %s", number, problem);
    }
    *record_out = record;
    return 0;
}
