#include "lists/format/finding.h"

#include "lists/format/attribute.h"
#include "lists/format/reading.h"
#include "lists/format/type.h"
#include <stdarg.h>
#include <stdio.h>

#define LEAST_TESTS 2 /* of each kind, for a pattern */

void finding_add(struct findings *findings, enum finding_level level, const struct entry *entry,
                 struct place place, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct finding *rows = reading_grow(findings->arena, findings->rows, findings->count,
                                        &findings->room, sizeof *rows);
    const char *copy = arena_copy_text(findings->arena, text);
    if (rows == NULL || copy == NULL)
        return;
    findings->rows = rows;
    findings->rows[findings->count++] = (struct finding){level, place, entry, copy};
    findings->error_count += level == FINDING_ERROR;
}

/* Where an attribute stands, or the entry when it has none. */
static struct place place_of(const struct entry *entry, const char *key)
{
    for (size_t i = 0; i < entry->attribute_count; i++)
        if (slice_is(entry->attributes[i].key, key))
            return entry->attributes[i].place;
    return (struct place){entry->line, 1};
}

static void check_domain(const struct entry *entry, struct slice domain, struct findings *findings)
{
    const char *warning = domain_warning(domain);
    if (warning != NULL)
        finding_add(findings, FINDING_ERROR, entry, entry->value_place, "%s", warning);
}

static void check_guards(const struct entry *entry, struct findings *findings)
{
    struct slice first = {NULL, 0}, path = {NULL, 0};
    struct network network;
    bool is_error;
    if (entry->type == ENTRY_DOMAIN || entry->type == ENTRY_DKIM) {
        first = slice_part(entry->value, 0, slice_find_byte(entry->value, ' '));
        check_domain(entry, first, findings);
    } else if (entry->type == ENTRY_URL) {
        url_split(entry->value, &first, &path);
        if (path.size <= 1)
            check_domain(entry, first, findings);
    } else if (entry->type == ENTRY_CIDR && network_read(entry->value, &network)) {
        const char *warning = network_warning(&network, &is_error);
        if (warning != NULL)
            finding_add(findings, is_error ? FINDING_ERROR : FINDING_WARNING, entry,
                        entry->value_place, "%s", warning);
    }
}

static void check_tests(const struct entry *entry, struct findings *findings)
{
    size_t yes = 0;
    for (size_t i = 0; i < entry->test_count; i++)
        yes += entry->tests[i].should_match;
    size_t no = entry->test_count - yes;
    if (entry->type != ENTRY_RE || (yes >= LEAST_TESTS && no >= LEAST_TESTS))
        return;
    finding_add(findings, FINDING_ERROR, entry, (struct place){entry->line, 1},
                "a pattern carries at least 2 yes and 2 no texts; here are %zu yes and %zu no", yes,
                no);
}

static void check_value(const struct entry *entry, const struct type_row *row,
                        struct findings *findings)
{
    const char *fault = row->check(entry, findings->arena);
    if (fault != NULL)
        finding_add(findings, FINDING_ERROR, entry, entry->value_place, "%s", fault);
    else
        check_guards(entry, findings);
}

void lint_entry(const struct list *list, const struct entry *entry, struct findings *findings)
{
    const struct type_row *row = type_find(entry->type_name);
    (void)list;
    if (row == NULL)
        return;
    check_value(entry, row, findings);
    check_tests(entry, findings);
    if (row->is_person && !slice_is_empty(entry->why))
        finding_add(findings, FINDING_ERROR, entry, place_of(entry, "why"),
                    "an entry about a person gives no reason: lists must not become a directory");
    if (slice_is(entry->basis, "own") && !slice_is_empty(entry->from))
        finding_add(findings, FINDING_ERROR, entry, place_of(entry, "from"),
                    "from says whose entry was adopted: write basis adopted");
}

static void check_dates(const struct list *list, const struct entry *entry, int64_t now,
                        struct findings *findings)
{
    const struct type_row *row = type_find(entry->type_name);
    int64_t since = entry->added_at != 0   ? entry->added_at
                    : list->issued_at != 0 ? list->issued_at
                                           : now;
    struct place place = place_of(entry, "expires");
    if (row == NULL || entry->expires_at == 0)
        return;
    if (entry->added_at > now + DAYS)
        finding_add(findings, FINDING_ERROR, entry, place_of(entry, "added"),
                    "added lies in the future");
    if (entry->expires_at <= since)
        finding_add(findings, FINDING_ERROR, entry, place, "expires before it was added");
    else if (entry->expires_at > since + row->most_days * DAYS)
        finding_add(findings, FINDING_ERROR, entry, place,
                    "expires too late: an entry of type %s lasts at most %d days", row->name,
                    row->most_days);
    else if (entry->expires_at <= now)
        finding_add(findings, FINDING_WARNING, entry, place, "expired: it does not match any more");
}

static void check_header(const struct list *list, struct findings *findings)
{
    struct place place = {1, 1};
    if (slice_is_empty(list->list_id))
        finding_add(findings, FINDING_WARNING, NULL, place,
                    "%%list-id is missing: others can only speak of entries by it");
    if (list->is_local)
        return;
    if (list->sequence == 0)
        finding_add(findings, FINDING_ERROR, NULL, place, "a published list has a %%seq");
    if (list->issued_at == 0)
        finding_add(findings, FINDING_ERROR, NULL, place, "a published list has %%issued");
    if (slice_is_empty(list->scope))
        finding_add(findings, FINDING_ERROR, NULL, place, "a published list says its %%scope");
    if (slice_is_empty(list->appeals))
        finding_add(findings, FINDING_ERROR, NULL, place,
                    "a published list says where one can object: %%appeals");
}

static void check_parked(const struct entry *entry, struct findings *findings)
{
    if (entry->inactive == NULL || entry->is_retracted)
        return;
    finding_add(findings, entry->is_later ? FINDING_WARNING : FINDING_ERROR, entry,
                entry->inactive_place, "%s", entry->inactive);
}

int lint_list(const struct list *list, int64_t now, struct findings *findings, struct error *err)
{
    check_header(list, findings);
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        check_parked(entry, findings);
        if (entry->is_retracted)
            continue;
        lint_entry(list, entry, findings);
        check_dates(list, entry, now, findings);
    }
    return arena_is_exhausted(findings->arena) ? arena_error(findings->arena, err) : 0;
}
