#include "common/mail/dns_zone.h"

#include "common/base/limits.h"
#include "common/mail/dns_source.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_ARENA_BYTES (64 * MIB)
#define ANSWER_ARENA_BYTES (8 * MIB)
#define CNAMES_MOST 8
#define GENERATE_MOST 100000

enum row_kind {
    ROW_RECORD,
    ROW_ALIAS,
    ROW_TROUBLE,
    ROW_SERVER_ONLY /* the name is there; the server does the rest */
};

struct row {
    struct row *next;
    struct slice name;
    enum row_kind kind;
    unsigned type; /* of a trouble: 0 for every type */
    enum dns_status status;
    uint32_t ttl_seconds;
    struct dns_record record; /* text is the target of an alias */
};

struct zone {
    struct dns *dns;
    struct arena *arena;
    struct row *rows, **end;
    uint32_t ttl_seconds;
};

static const struct {
    const char *word;
    enum dns_status status;
} troubles[] = {{"SERVFAIL", DNS_TEMPORARY},
                {"REFUSED", DNS_TEMPORARY},
                {"TIMEOUT", DNS_TEMPORARY},
                {"NXDOMAIN", DNS_NO_NAME}};

static const struct {
    const char *word;
    enum dns_type type;
} types[] = {{"A", DNS_A}, {"AAAA", DNS_AAAA}, {"MX", DNS_MX}, {"PTR", DNS_PTR}, {"TXT", DNS_TXT}};

#define COUNT_OF(rows) (sizeof(rows) / sizeof(rows)[0])

static unsigned find_type(struct slice word)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (slice_is_nocase(word, types[i].word))
            return types[i].type;
    return 0;
}

/* The byte at *at, which may be written \\X or \\DDD; *at goes past it. */
static char take_byte(struct slice text, size_t *at)
{
    long long number = 0;
    char byte = text.data[(*at)++];
    if (byte != '\\' || *at == text.size)
        return byte;
    if (*at + 3 <= text.size && slice_to_number(slice_part(text, *at, 3), 0, 255, &number)) {
        *at += 3;
        return (char)number;
    }
    return text.data[(*at)++];
}

/* One string of a TXT, quoted or a bare word, appended to `text`. */
static bool read_string(struct slice *rest, char *text, size_t *size)
{
    bool is_quoted = rest->data[0] == '"';
    size_t at = is_quoted ? 1 : 0;
    while (at < rest->size &&
           (is_quoted ? rest->data[at] != '"' : rest->data[at] != ' ' && rest->data[at] != '\t'))
        text[(*size)++] = take_byte(*rest, &at);
    if (is_quoted && at++ == rest->size)
        return false;
    *rest = slice_trim(slice_from(*rest, at));
    return true;
}

/* A name as written, to the form that is asked for. */
static bool read_name(struct slice word, char name[256], size_t *size_out)
{
    char bytes[256];
    size_t size = 0;
    for (size_t at = 0; at < word.size; size++) {
        if (size == sizeof bytes)
            return false;
        bytes[size] = take_byte(word, &at);
    }
    return dns_name_normalise(slice_new(bytes, size), name, size_out);
}

static bool read_text(struct zone *zone, struct slice rest, struct slice *text_out)
{
    char *text = arena_alloc(zone->arena, rest.size + 1);
    size_t size = 0;
    if (text == NULL || rest.size == 0)
        return false;
    while (rest.size > 0)
        if (!read_string(&rest, text, &size))
            return false;
    *text_out = slice_new(text, size);
    return true;
}

static bool read_host(struct zone *zone, struct slice rest, struct slice *name_out)
{
    char name[256];
    size_t size = 0;
    if (!slice_is(rest, ".") && !read_name(rest, name, &size))
        return false;
    *name_out = arena_copy(zone->arena, slice_new(name, size));
    return name_out->data != NULL;
}

static bool read_data(struct zone *zone, unsigned type, struct slice rest,
                      struct dns_record *record)
{
    char address[INET6_ADDRSTRLEN];
    struct slice word;
    long long preference = 0;
    switch ((enum dns_type)type) {
    case DNS_A:
        return slice_to_text(rest, address, sizeof address) &&
               inet_pton(AF_INET, address, &record->ipv4) == 1;
    case DNS_AAAA:
        return slice_to_text(rest, address, sizeof address) &&
               inet_pton(AF_INET6, address, &record->ipv6) == 1;
    case DNS_TXT:
        return read_text(zone, rest, &record->text);
    case DNS_MX:
        if (!slice_next_word(&rest, &word) || !slice_to_number(word, 0, 65535, &preference))
            return false;
        record->preference = (int)preference;
        return read_host(zone, slice_trim(rest), &record->text);
    case DNS_PTR:
        return read_host(zone, rest, &record->text);
    }
    return false;
}

static bool read_trouble(struct slice word, struct slice rest, struct row *row)
{
    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        if (!slice_is_nocase(word, troubles[i].word))
            continue;
        row->kind = ROW_TROUBLE;
        row->status = troubles[i].status;
        row->type = find_type(rest);
        return rest.size == 0 || row->type != 0;
    }
    row->kind = ROW_SERVER_ONLY;
    return slice_is_nocase(word, "DELAY") || slice_is_nocase(word, "TRUNCATE") ||
           slice_is_nocase(word, "GARBAGE") || slice_is_nocase(word, "NOEDNS");
}

/* "NAME TYPE DATA"; false when it is not understood or there is no room. */
static bool read_row(struct zone *zone, struct slice line)
{
    char name[256];
    size_t size = 0;
    struct slice word;
    struct row *row = arena_alloc(zone->arena, sizeof *row);
    if (row == NULL || !slice_next_word(&line, &word) || !read_name(word, name, &size) ||
        !slice_next_word(&line, &word))
        return false;
    line = slice_trim(line);
    row->name = arena_copy(zone->arena, slice_new(name, size));
    row->ttl_seconds = zone->ttl_seconds;
    row->type = find_type(word);
    bool is_good = false;
    if (slice_is_nocase(word, "CNAME")) {
        row->kind = ROW_ALIAS;
        is_good = read_host(zone, line, &row->record.text);
    } else if (row->type != 0) {
        is_good = read_data(zone, row->type, line, &row->record);
    } else {
        is_good = read_trouble(word, line, row);
    }
    *zone->end = row;
    zone->end = &row->next;
    return is_good && row->name.data != NULL;
}

static bool generate_row(struct zone *zone, struct slice pattern, long long number)
{
    BUFFER_CLEANUP line = buffer_new(64 * KIB);
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i] == '$')
            buffer_printf(&line, "%lld", number);
        else
            buffer_append_byte(&line, pattern.data[i]);
    }
    return !line.has_overflowed && read_row(zone, buffer_slice(&line));
}

/* "FIRST-LAST ROW WITH $" */
static bool generate_rows(struct zone *zone, struct slice rest)
{
    struct slice range;
    long long first = 0, last = 0;
    if (!slice_next_word(&rest, &range))
        return false;
    size_t dash = slice_find_byte(range, '-');
    if (!slice_to_number(slice_part(range, 0, dash), 0, GENERATE_MOST, &first) ||
        !slice_to_number(slice_from(range, dash + 1), first, GENERATE_MOST, &last))
        return false;
    for (long long number = first; number <= last; number++)
        if (!generate_row(zone, slice_trim(rest), number))
            return false;
    return true;
}

static bool read_line(struct zone *zone, struct slice line)
{
    long long ttl = 0;
    line = slice_trim(line);
    if (line.size == 0 || line.data[0] == '#' || line.data[0] == ';')
        return true;
    if (slice_starts_with_nocase(line, "$GENERATE "))
        return generate_rows(zone, slice_from(line, strlen("$GENERATE ")));
    if (!slice_starts_with_nocase(line, "$TTL "))
        return read_row(zone, line);
    if (!slice_to_number(slice_trim(slice_from(line, strlen("$TTL "))), 0, INT32_MAX, &ttl))
        return false;
    zone->ttl_seconds = (uint32_t)ttl;
    return true;
}

static bool is_below(struct slice name, struct slice parent)
{
    return name.size > parent.size && slice_ends_with_nocase(name, parent.data) &&
           name.data[name.size - parent.size - 1] == '.';
}

/* Whether the zone holds the name or one below it (RFC 8020). */
static bool is_named(const struct zone *zone, struct slice name)
{
    for (const struct row *row = zone->rows; row != NULL; row = row->next)
        if (slice_equals(row->name, name) || is_below(row->name, name))
            return true;
    return false;
}

/* The owner whose rows answer for `name`: itself, or the nearest "*." above (RFC 4592). */
static struct slice find_owner(const struct zone *zone, struct slice name, struct arena *arena)
{
    struct slice owner = name;
    while (!is_named(zone, owner)) {
        size_t dot = slice_find_byte(name, '.');
        if (dot == name.size)
            return slice_new(NULL, 0);
        name = slice_from(name, dot + 1);
        if (is_named(zone, name)) {
            owner = slice_of(arena_printf(arena, "*." SLICE_FORMAT, SLICE_ARGUMENTS(name)));
            return is_named(zone, owner) ? owner : slice_new(NULL, 0);
        }
    }
    return owner;
}

struct found {
    enum dns_status status;
    uint32_t ttl_seconds;
    struct dns_record *records;
    size_t count;
    struct slice alias;
};

static void look_at_owner(const struct zone *zone, struct slice owner, enum dns_type type,
                          struct arena *arena, struct found *found)
{
    size_t row_count = 0;
    for (const struct row *row = zone->rows; row != NULL; row = row->next)
        row_count++;
    found->records = arena_alloc_array(arena, row_count + 1, sizeof *found->records);
    if (found->records == NULL)
        return;
    found->status = DNS_NO_DATA;
    for (const struct row *row = zone->rows; row != NULL; row = row->next) {
        if (!slice_equals(row->name, owner))
            continue;
        found->ttl_seconds = row->ttl_seconds;
        if (row->kind == ROW_TROUBLE && (row->type == 0 || row->type == (unsigned)type)) {
            found->status = row->status;
            return;
        }
        if (row->kind == ROW_ALIAS)
            found->alias = row->record.text;
        if (row->kind == ROW_RECORD && row->type == (unsigned)type)
            found->records[found->count++] = row->record;
    }
    if (found->count > 0)
        found->status = DNS_FOUND;
}

static int compare_preference(const void *a, const void *b)
{
    return ((const struct dns_record *)a)->preference - ((const struct dns_record *)b)->preference;
}

static void zone_ask(void *state, struct dns_entry *entry)
{
    struct zone *zone = state;
    struct slice name = slice_new(entry->name, entry->name_size);
    struct found found = {.status = DNS_TEMPORARY};
    ARENA_CLEANUP *arena = arena_new(ANSWER_ARENA_BYTES);
    dns_count_query(zone->dns);
    for (int hops = 0; arena != NULL && hops <= CNAMES_MOST; hops++) {
        struct slice owner = find_owner(zone, name, arena);
        found = (struct found){.status = owner.size == 0 ? DNS_NO_NAME : DNS_TEMPORARY,
                               .ttl_seconds = zone->ttl_seconds};
        if (owner.size > 0)
            look_at_owner(zone, owner, entry->type, arena, &found);
        if (found.alias.size == 0)
            break;
        name = found.alias;
        found.status = DNS_TEMPORARY;
    }
    if (found.status == DNS_FOUND && entry->type == DNS_MX)
        qsort(found.records, found.count, sizeof *found.records, compare_preference);
    dns_settle(zone->dns, entry, found.status, found.records, found.count, found.ttl_seconds);
}

static void zone_close(void *state)
{
    struct zone *zone = state;
    arena_free(zone->arena);
    free(zone);
}

static const struct dns_source zone_source = {zone_ask, zone_close};

static int read_zone(struct zone *zone, struct slice text, struct error *err)
{
    struct slice line;
    int number = 0;
    while (slice_next(&text, '\n', &line)) {
        number++;
        if (!read_line(zone, line))
            return error_set(err, ERROR_INPUT, "zone line %d: not understood", number);
    }
    return 0;
}

int dns_open_zone(struct slice text, struct dns **dns_out, struct error *err)
{
    struct dns *dns = dns_new();
    struct zone *zone = calloc(1, sizeof *zone);
    if (zone != NULL)
        zone->arena = arena_new(ZONE_ARENA_BYTES);
    if (dns == NULL || zone == NULL || zone->arena == NULL) {
        dns_close(dns);
        free(zone);
        return error_set(err, ERROR_SYSTEM, "zone: no memory");
    }
    zone->dns = dns;
    zone->end = &zone->rows;
    zone->ttl_seconds = 60;
    dns_set_source(dns, &zone_source, zone);
    if (read_zone(zone, text, err) != 0) {
        dns_close(dns);
        return -1;
    }
    *dns_out = dns;
    return 0;
}
