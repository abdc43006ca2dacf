#include "common/mail/dmarc_record.h"

enum { TAG_P, TAG_SP, TAG_NP, TAG_ADKIM, TAG_ASPF, TAG_T, TAG_PSD, TAG_RUA, TAG_COUNT };

static const char *const tag_names[TAG_COUNT] = {"p",    "sp", "np",  "adkim",
                                                 "aspf", "t",  "psd", "rua"};

static const char *const policy_names[] = {"none", "quarantine", "reject"};

const char *dmarc_policy_name(enum dmarc_policy policy)
{
    return policy_names[policy];
}

static struct slice trim_blanks(struct slice text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = slice_from(text, 1);
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* dmarc-version: "v" equals %s"DMARC1", and nothing before it. */
static bool is_version(struct slice spec)
{
    size_t equals = slice_find_byte(spec, '=');
    struct slice name = slice_part(spec, 0, equals);
    return name.size > 0 && (name.data[0] == 'v' || name.data[0] == 'V') &&
           trim_blanks(name).size == 1 &&
           slice_is(trim_blanks(slice_from(spec, equals + 1)), "DMARC1");
}

/* 1*ALPHA, as every registered tag is; other pieces are ignored. */
static bool is_tag_name(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!(name.data[i] >= 'a' && name.data[i] <= 'z') &&
            !(name.data[i] >= 'A' && name.data[i] <= 'Z'))
            return false;
    return name.size > 0;
}

struct values {
    struct slice value[TAG_COUNT];
    bool is_given[TAG_COUNT];
};

/* False when a tag that we read stands twice. */
static bool read_tag(struct slice spec, struct values *values)
{
    size_t equals = slice_find_byte(spec, '=');
    struct slice name = trim_blanks(slice_part(spec, 0, equals));
    if (equals == spec.size || !is_tag_name(name))
        return true;
    if (slice_is_nocase(name, "v"))
        return false;
    for (size_t i = 0; i < TAG_COUNT; i++) {
        if (!slice_is_nocase(name, tag_names[i]))
            continue;
        if (values->is_given[i])
            return false;
        values->is_given[i] = true;
        values->value[i] = trim_blanks(slice_from(spec, equals + 1));
    }
    return true;
}

static bool read_policy(struct slice value, enum dmarc_policy *policy_out)
{
    for (size_t i = 0; i < sizeof policy_names / sizeof policy_names[0]; i++)
        if (slice_is_nocase(value, policy_names[i])) {
            *policy_out = (enum dmarc_policy)i;
            return true;
        }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986 section 3 as far as it can be told without knowing the scheme. */
static bool is_uri(struct slice uri)
{
    size_t colon = slice_find_byte(uri, ':');
    if (colon == 0 || colon + 1 >= uri.size || !is_letter(uri.data[0]))
        return false;
    for (size_t i = 0; i < uri.size; i++) {
        char c = uri.data[i];
        bool is_scheme_sign =
            is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if ((i < colon && !is_scheme_sign) || c <= ' ' || c > '~')
            return false;
    }
    return true;
}

static bool has_report_address(struct slice list)
{
    struct slice uri;
    while (slice_next(&list, ',', &uri))
        if (is_uri(trim_blanks(uri)))
            return true;
    return false;
}

/* Section 4.7: without p= as if p=none stood there; section 4.10.1: with a wrong p=, sp= or np= all
 * of them are none when reports are wanted, else there is no DMARC. */
static void set_policies(const struct values *values, struct dmarc_record *record)
{
    bool is_right = !values->is_given[TAG_P] || read_policy(values->value[TAG_P], &record->policy);
    record->subdomain_policy = record->policy;
    if (values->is_given[TAG_SP])
        is_right = read_policy(values->value[TAG_SP], &record->subdomain_policy) && is_right;
    record->missing_policy = record->subdomain_policy;
    record->has_missing_policy = values->is_given[TAG_NP];
    if (values->is_given[TAG_NP])
        is_right = read_policy(values->value[TAG_NP], &record->missing_policy) && is_right;
    if (is_right)
        return;
    record->policy = record->subdomain_policy = record->missing_policy = DMARC_POLICY_NONE;
    record->has_missing_policy = false;
    record->is_void = !has_report_address(values->value[TAG_RUA]);
}

bool dmarc_record_parse(struct slice text, struct dmarc_record *record_out)
{
    struct slice rest = text, spec;
    if (!slice_next(&rest, ';', &spec) || !is_version(spec))
        return false;
    struct values values = {0};
    while (slice_next(&rest, ';', &spec))
        if (!read_tag(spec, &values))
            return false;
    *record_out = (struct dmarc_record){
        .is_dkim_strict = slice_is_nocase(values.value[TAG_ADKIM], "s"),
        .is_spf_strict = slice_is_nocase(values.value[TAG_ASPF], "s"),
        .is_test = slice_is_nocase(values.value[TAG_T], "y"),
        .psd = slice_is_nocase(values.value[TAG_PSD], "y")   ? DMARC_PSD_YES
               : slice_is_nocase(values.value[TAG_PSD], "n") ? DMARC_PSD_NO
                                                             : DMARC_PSD_UNKNOWN};
    set_policies(&values, record_out);
    return true;
}
