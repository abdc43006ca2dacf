#include "lists/format/attribute.h"

#include "common/base/clock.h"
#include "lists/format/keyed_entry.h"
#include "lists/format/reading.h"
#include <stddef.h>

#define WHY_LETTERS 120

static const char *read_id(struct entry *entry, struct slice value)
{
    if (!is_hex(value, 8, 16))
        return "id: 8 to 16 hexadecimal digits (0-9, a-f) are expected";
    entry->id = value;
    return NULL;
}

static const char *read_category(struct entry *entry, struct slice value)
{
    entry->category_name = value;
    entry->category = CATEGORY_OTHER;
    if (slice_starts_with(value, "x-") && value.size > 2)
        return NULL;
    if (!category_read(value, &entry->category))
        return "cat: not one of threat, doxxing, sexual-harassment, sextortion, ncii, hate, "
               "stalking, impersonation, mail-bomb, spear-phish, other (or x-NAME)";
    return NULL;
}

static const char *read_severity(struct entry *entry, struct slice value)
{
    long long number;
    if (!slice_to_number(value, 1, 5, &number))
        return "sev: a number from 1 to 5 is expected";
    entry->severity = (int)number;
    return NULL;
}

static const char *read_language(struct entry *entry, struct slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c == '-' && i > 0)))
            return "lang: a language tag such as es, pt-BR or en is expected";
    }
    if (value.size < 2 || value.size > 35)
        return "lang: a language tag such as es, pt-BR or en is expected";
    entry->language = value;
    return NULL;
}

static const char *read_scope(struct entry *entry, struct slice value)
{
    struct slice name;
    entry->scope = 0;
    while (slice_next(&value, ',', &name)) {
        unsigned bit = scope_read(name);
        if (bit == 0)
            return "scope: subject, body, from-name, url or attachment-name are expected, with "
                   "commas and without spaces";
        entry->scope |= bit;
    }
    return NULL;
}

static const char *read_added(struct entry *entry, struct slice value)
{
    if (!clock_read_timestamp(value, &entry->added_at))
        return "added: a day such as 2026-11-23 is expected";
    return NULL;
}

static const char *read_expires(struct entry *entry, struct slice value)
{
    if (!clock_read_timestamp(value, &entry->expires_at))
        return "expires: a day such as 2027-05-22 is expected";
    return NULL;
}

static const char *read_basis(struct entry *entry, struct slice value)
{
    if (!slice_is(value, "own") && !slice_is(value, "adopted"))
        return "basis: own or adopted is expected";
    entry->basis = value;
    return NULL;
}

static const char *read_from(struct entry *entry, struct slice value)
{
    entry->from = value;
    return NULL;
}

static const char *read_seen(struct entry *entry, struct slice value)
{
    if (!slice_is(value, "1") && !slice_is(value, "2-4") && !slice_is(value, "5-9") &&
        !slice_is(value, "10+"))
        return "seen: 1, 2-4, 5-9 or 10+ is expected";
    entry->seen = value;
    return NULL;
}

static const char *read_auth(struct entry *entry, struct slice value)
{
    if (!slice_is(value, "dmarc"))
        return "auth: only dmarc is known";
    entry->needs_dmarc = true;
    return NULL;
}

static const char *read_max_action(struct entry *entry, struct slice value)
{
    if (!list_action_read(value, &entry->max_action))
        return "max-action: none, observe, tag or hold is expected";
    return NULL;
}

static const char *read_sub(struct entry *entry, struct slice value)
{
    (void)value;
    if (entry->type != ENTRY_DOMAIN)
        return "sub: only a domain has subdomains";
    entry->has_subdomains = true;
    return NULL;
}

static const char *read_why(struct entry *entry, struct slice value)
{
    size_t letters = 0;
    for (size_t i = 0; i < value.size; i++)
        letters += ((unsigned char)value.data[i] & 0xC0) != 0x80;
    entry->why = value;
    return letters > WHY_LETTERS ? "why: longer than 120 characters" : NULL;
}

static const char *read_axis(struct entry *entry, struct slice value)
{
    (void)entry;
    return value.size > 0 ? NULL : "axis: a word is expected";
}

static const char *read_count(struct entry *entry, struct slice value)
{
    long long number;
    if (!slice_to_number(value, KEYED_ENTRY_LEAST_WORDS, KEYED_ENTRY_MOST_WORDS, &number))
        return "n: a number from 3 to 6 is expected";
    entry->keyed_words = (int)number;
    return NULL;
}

const struct attribute_row attribute_rows[] = {
    {"sub", ATTRIBUTE_FLAG, 0, read_sub},      {"id", ATTRIBUTE_WORD, 1, read_id},
    {"cat", ATTRIBUTE_WORD, 1, read_category}, {"axis", ATTRIBUTE_WORD, 1, read_axis},
    {"sev", ATTRIBUTE_WORD, 1, read_severity}, {"lang", ATTRIBUTE_WORD, 1, read_language},
    {"scope", ATTRIBUTE_WORD, 1, read_scope},  {"auth", ATTRIBUTE_WORD, 1, read_auth},
    {"n", ATTRIBUTE_WORD, 1, read_count},      {"max-action", ATTRIBUTE_WORD, 1, read_max_action},
    {"added", ATTRIBUTE_WORD, 2, read_added},  {"expires", ATTRIBUTE_WORD, 2, read_expires},
    {"basis", ATTRIBUTE_WORD, 2, read_basis},  {"from", ATTRIBUTE_WORD, 2, read_from},
    {"seen", ATTRIBUTE_WORD, 2, read_seen},    {"why", ATTRIBUTE_REST, 0, read_why},
    {"yes", ATTRIBUTE_TEST, 0, NULL},          {"no", ATTRIBUTE_TEST, 0, NULL},
    {NULL, ATTRIBUTE_FLAG, 0, NULL},
};

const struct attribute_row *attribute_find(struct slice key)
{
    for (const struct attribute_row *row = attribute_rows; row->name != NULL; row++)
        if (slice_is(key, row->name))
            return row;
    return NULL;
}
