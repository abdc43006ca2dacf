#include "common/mail/dkim_field.h"

#include "common/mail/dkim_tags.h"

#include <string.h>

#define MOST_SECONDS ((uint64_t)1 << 60)
#define SHOWN_SIGNATURE_CHARACTERS 8 /* RFC 6008 section 3 */

/* Each reader answers NULL, or what is wrong. They run in the order of the table below. */
struct reading {
    const struct dkim_tags *tags;
    int64_t now;
    struct arena *arena;
    struct dkim_field *field;
    struct dkim_signature *shown;
};

static const char *read_version(struct reading *r)
{
    return slice_is(dkim_tags_value(r->tags, "v"), "1") ? NULL : "v= is not 1";
}

static const char *read_algorithm(struct reading *r)
{
    struct slice algorithm = dkim_tags_value(r->tags, "a");
    if (slice_is_nocase(algorithm, "rsa-sha256"))
        r->field->algorithm = DKIM_RSA_SHA256;
    else if (slice_is_nocase(algorithm, "ed25519-sha256"))
        r->field->algorithm = DKIM_ED25519_SHA256;
    else if (slice_is_nocase(algorithm, "rsa-sha1"))
        return "rsa-sha1 counts no more (RFC 8301 section 3.1)";
    else
        return "a= is no known algorithm";
    return NULL;
}

static const char *read_signature(struct reading *r)
{
    const struct dkim_tag *tag = dkim_tags_find(r->tags, "b");
    r->field->hidden_begin = tag->begin;
    r->field->hidden_end = tag->end;
    r->field->signature = dkim_base64(tag->value, r->arena);
    return r->field->signature.size > 0 ? NULL : "b= is no base64";
}

static const char *read_body_hash(struct reading *r)
{
    r->field->body_hash = dkim_base64(dkim_tags_value(r->tags, "bh"), r->arena);
    return r->field->body_hash.size > 0 ? NULL : "bh= is no base64";
}

static bool read_canon(struct slice word, enum dkim_canon *canon_out)
{
    if (!slice_is_nocase(word, "simple") && !slice_is_nocase(word, "relaxed"))
        return false;
    *canon_out = slice_is_nocase(word, "simple") ? DKIM_SIMPLE : DKIM_RELAXED;
    return true;
}

static const char *read_canons(struct reading *r)
{
    const struct dkim_tag *tag = dkim_tags_find(r->tags, "c");
    if (tag == NULL)
        return NULL;
    size_t slash = slice_find_byte(tag->value, '/');
    bool is_known = read_canon(slice_part(tag->value, 0, slash), &r->field->header_canon) &&
                    (slash == tag->value.size ||
                     read_canon(slice_from(tag->value, slash + 1), &r->field->body_canon));
    return is_known ? NULL : "c= is no known canonical form";
}

static const char *read_domain(struct reading *r)
{
    return r->shown->domain.size > 0 ? NULL : "d= is no domain name";
}

static const char *read_selector(struct reading *r)
{
    return r->shown->selector.size > 0 ? NULL : "s= is no selector";
}

/* Empty names are let through: mail in the world has "h=from:to:", and nothing hangs on them. */
static bool is_field_name(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] <= ' ' || name.data[i] == 0x7f)
            return false;
    return true;
}

static const char *read_field_names(struct reading *r)
{
    struct slice names = dkim_tags_value(r->tags, "h"), name;
    r->field->field_names = names;
    bool has_from = false;
    while (slice_next(&names, ':', &name)) {
        name = slice_trim(name);
        if (!is_field_name(name))
            return "h= is no list of field names";
        has_from = has_from || slice_is_nocase(name, "from");
    }
    return has_from ? NULL : "From is not signed";
}

static bool is_within(struct slice name, struct slice domain)
{
    if (name.size <= domain.size)
        return slice_equals_nocase(name, domain);
    return slice_equals_nocase(slice_from(name, name.size - domain.size), domain) &&
           name.data[name.size - domain.size - 1] == '.';
}

static const char *read_identity(struct reading *r)
{
    const struct dkim_tag *tag = dkim_tags_find(r->tags, "i");
    r->field->identity_domain = r->shown->domain;
    if (tag == NULL)
        return NULL;
    size_t at = slice_find_last_byte(tag->value, '@');
    if (at == tag->value.size)
        return "i= has no @";
    r->field->identity_domain = dkim_domain_name(slice_from(tag->value, at + 1), r->arena);
    return is_within(r->field->identity_domain, r->shown->domain) ? NULL : "i= is not within d=";
}

/* Digits alone. Section 3.5 allows 76 of them in l= and asks for 12 in t= and x=: what is more than
 * `most` counts as `most`. */
static bool read_digits(struct slice text, uint64_t most, uint64_t *number_out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.data[i] - '0');
        number = number > (most - digit) / 10 ? most : number * 10 + digit;
    }
    *number_out = number;
    return text.size > 0;
}

static const char *read_limit(struct reading *r)
{
    const struct dkim_tag *tag = dkim_tags_find(r->tags, "l");
    return tag == NULL || read_digits(tag->value, DKIM_NO_LIMIT - 1, &r->field->limit)
               ? NULL
               : "l= is no number";
}

static const char *read_query(struct reading *r)
{
    const struct dkim_tag *tag = dkim_tags_find(r->tags, "q");
    return tag == NULL || dkim_list_has(tag->value, "dns/txt") || dkim_list_has(tag->value, "dns")
               ? NULL
               : "q= is no known way to the key";
}

static const char *read_times(struct reading *r)
{
    const struct dkim_tag *signed_tag = dkim_tags_find(r->tags, "t");
    const struct dkim_tag *expires_tag = dkim_tags_find(r->tags, "x");
    uint64_t signed_at = 0, expires_at = 0, now = (uint64_t)r->now;
    if (signed_tag != NULL && !read_digits(signed_tag->value, MOST_SECONDS, &signed_at))
        return "t= is no time";
    if (expires_tag != NULL && !read_digits(expires_tag->value, MOST_SECONDS, &expires_at))
        return "x= is no time";
    if (signed_tag != NULL && expires_tag != NULL && expires_at < signed_at)
        return "x= is before t=";
    if (signed_at > now + DKIM_CLOCK_DRIFT_SECONDS)
        return "t= is in the future";
    if (expires_tag != NULL && expires_at + DKIM_CLOCK_DRIFT_SECONDS < now)
        return "the signature has expired (x=)";
    return NULL;
}

static const char *const required[] = {"v", "a", "b", "bh", "d", "h", "s"};
static const char *const missing[] = {"v= is missing",  "a= is missing", "b= is missing",
                                      "bh= is missing", "d= is missing", "h= is missing",
                                      "s= is missing"};

static const char *find_missing(const struct dkim_tags *tags)
{
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (dkim_tags_find(tags, required[i]) == NULL)
            return missing[i];
    return NULL;
}

static const char *(*const readers[])(struct reading *) = {
    read_version,  read_algorithm,   read_signature, read_body_hash, read_canons, read_domain,
    read_selector, read_field_names, read_identity,  read_limit,     read_query,  read_times,
};

static void show(const struct dkim_tags *tags, struct arena *arena, struct dkim_signature *shown)
{
    shown->domain = dkim_domain_name(dkim_tags_value(tags, "d"), arena);
    shown->selector = dkim_domain_name(dkim_tags_value(tags, "s"), arena);
    shown->algorithm = dkim_tags_value(tags, "a");
    shown->identity = dkim_tags_value(tags, "i");
    struct slice signature = dkim_tags_value(tags, "b");
    char *start = arena_alloc(arena, SHOWN_SIGNATURE_CHARACTERS);
    size_t size = 0;
    for (size_t i = 0; start != NULL && i < signature.size && size < SHOWN_SIGNATURE_CHARACTERS;
         i++)
        if (strchr(" \t\r\n", signature.data[i]) == NULL)
            start[size++] = signature.data[i];
    shown->signature_start = slice_new(start, size);
}

enum dkim_result dkim_field_parse(struct slice whole, int64_t now, struct arena *arena,
                                  struct dkim_field *field_out, struct dkim_signature *shown_out)
{
    size_t colon = slice_find_byte(whole, ':');
    struct dkim_tags tags;
    const char *wrong = dkim_tags_parse(slice_from(whole, colon + 1), &tags);
    *field_out = (struct dkim_field){.limit = DKIM_NO_LIMIT};
    *shown_out = (struct dkim_signature){.result = DKIM_PERMERROR};
    show(&tags, arena, shown_out);
    if (wrong != NULL) {
        shown_out->reason = arena_printf(arena, "the signature has %s", wrong);
        return DKIM_PERMERROR;
    }
    wrong = find_missing(&tags);
    struct reading reading = {&tags, now, arena, field_out, shown_out};
    for (size_t i = 0; wrong == NULL && i < sizeof readers / sizeof readers[0]; i++)
        wrong = readers[i](&reading);
    field_out->hidden_begin += colon + 1;
    field_out->hidden_end += colon + 1;
    shown_out->reason = wrong;
    if (wrong == NULL)
        shown_out->result = DKIM_PASS;
    return shown_out->result;
}
