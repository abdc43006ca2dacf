#include "lists/exchange/exchange.h"

#include "common/base/clock.h"
#include "lists/format/type.h"
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DAY_SECONDS 86400
#define ID_BYTES 8
#define MOST_WHY_BYTES 110

const struct exchange_format exchange_formats[] = {
    {"plain", exchange_import_plain, exchange_export_plain,
     "one domain, address or network a line; hosts files are read too"},
    {"cidr", exchange_import_plain, exchange_export_cidr, "one network a line, as DROP lists"},
    {"rspamd", exchange_import_rspamd, exchange_export_rspamd,
     "an Rspamd multimap map, with the snippet that uses it as a comment"},
    {"postfix-access", exchange_import_postfix, exchange_export_access,
     "a Postfix access table; PREPEND, or HOLD with --hold, nothing else"},
    {"postfix-cidr", exchange_import_postfix, exchange_export_postfix_cidr,
     "a Postfix cidr table; PREPEND, or HOLD with --hold, nothing else"},
    {"postfix-pcre", NULL, exchange_export_pcre,
     "a Postfix pcre table for header_checks or body_checks"},
    {"spamassassin", NULL, exchange_export_spamassassin,
     "SpamAssassin rules of score 0.1 with their own tests"},
    {"mastodon", exchange_import_mastodon, exchange_export_mastodon, "a Mastodon domain-block CSV"},
    {NULL, NULL, NULL, NULL},
};

const struct exchange_format *exchange_find(const char *name)
{
    for (const struct exchange_format *row = exchange_formats; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

void exchange_lose(struct exchange_losses *losses, const char *what)
{
    for (size_t i = 0; i < losses->count; i++)
        if (strcmp(losses->rows[i].what, what) == 0) {
            losses->rows[i].count++;
            return;
        }
    if (losses->count == EXCHANGE_MOST_LOSSES)
        return;
    losses->rows[losses->count].what = what;
    losses->rows[losses->count++].count = 1;
}

static const char *type_of(struct slice value)
{
    size_t letters = 0;
    if (value.size == 0 || value.size > 253)
        return NULL;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_digit = c >= '0' && c <= '9';
        if (!is_letter && !is_digit && (c == '\0' || strchr(".-_@:/+=", c) == NULL))
            return NULL;
        letters += is_letter;
    }
    if (slice_find_byte(value, '@') < value.size)
        return value.data[0] == '@' ? NULL : "addr";
    if (slice_find_byte(value, ':') < value.size || letters == 0)
        return "cidr";
    return slice_find_byte(value, '/') < value.size || slice_find_byte(value, '.') == value.size
               ? NULL
               : "domain";
}

/* DROP and its like list whole providers; a list of ours may not. */
static bool is_narrow(struct slice value)
{
    const struct entry entry = {.type = ENTRY_CIDR, .value = value};
    return value_check_cidr(&entry, NULL) == NULL;
}

/* The same value always has the same id, so that an import that is repeated changes nothing. */
static void write_id(const char *type, struct slice value, char id[2 * ID_BYTES + 1])
{
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    crypto_generichash_update(&state, (const unsigned char *)type, strlen(type) + 1);
    crypto_generichash_update(&state, (const unsigned char *)value.data, value.size);
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(id, 2 * ID_BYTES + 1, digest, ID_BYTES);
}

static void write_value(const char *type, struct slice value, struct buffer *into)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        buffer_append_byte(into, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    if (strcmp(type, "cidr") == 0 && slice_find_byte(value, '/') == value.size)
        buffer_append_text(into, slice_find_byte(value, ':') < value.size ? "/128" : "/32");
}

/* Only what every list may hold; nothing when nothing is left. */
static void write_why(struct slice why, struct buffer *into)
{
    char text[MOST_WHY_BYTES];
    size_t size = 0;
    for (size_t i = 0; i < why.size && size < sizeof text; i++) {
        bool is_plain = why.data[i] > ' ' && why.data[i] < 0x7f && why.data[i] != '#';
        if (is_plain)
            text[size++] = why.data[i];
        else if (size > 0 && text[size - 1] != ' ')
            text[size++] = ' ';
    }
    struct slice left = slice_trim(slice_new(text, size));
    if (!slice_is_empty(left))
        buffer_printf(into, "  why " SLICE_FORMAT "\n", SLICE_ARGUMENTS(left));
}

void exchange_add(const struct exchange_wanted *wanted, struct slice value, bool has_subdomains,
                  struct slice category, struct slice why, struct buffer *entries,
                  struct exchange_losses *losses)
{
    char id[2 * ID_BYTES + 1], added[CLOCK_DATE_BYTES], expires[CLOCK_DATE_BYTES];
    enum category known;
    const char *type = type_of(value);
    if (type == NULL) {
        exchange_lose(losses, "lines that name no domain, address or network");
        return;
    }
    if (type[0] == 'c' && !is_narrow(value)) {
        exchange_lose(losses, "networks wider than a list of ours may name (/24, /48)");
        return;
    }
    clock_write_timestamp(wanted->now, added);
    clock_write_timestamp(wanted->now + EXCHANGE_DAYS * (int64_t)DAY_SECONDS, expires);
    buffer_printf(entries, "+ %s ", type);
    size_t begin = entries->size;
    write_value(type, value, entries);
    write_id(type, slice_from(buffer_slice(entries), begin), id);
    buffer_printf(entries, "%s\n  id %s  cat ", has_subdomains && type[0] == 'd' ? " sub" : "", id);
    if (category_read(category, &known))
        buffer_append(entries, category);
    else
        buffer_append_text(entries, wanted->category_name);
    buffer_printf(entries,
                  "  sev 2%s  max-action tag\n  added %.10s  expires %.10s  basis adopted\n",
                  type[0] == 'a' ? "  auth dmarc" : "", added, expires);
    if (type[0] == 'd') /* never of a person */
        write_why(why, entries);
}

/* True when the id was there already; `seen` has a power of two of places, more than there are ids.
 */
static bool was_seen(uint64_t *seen, size_t places, struct slice id)
{
    uint64_t value = 0;
    for (size_t i = 0; i < id.size; i++)
        value =
            value << 4 | (uint64_t)(id.data[i] <= '9' ? id.data[i] - '0' : id.data[i] - 'a' + 10);
    value |= value == 0;
    size_t at = (size_t)value & (places - 1);
    for (; seen[at] != 0; at = (at + 1) & (places - 1))
        if (seen[at] == value)
            return true;
    seen[at] = value;
    return false;
}

/* The same value twice is one entry: an id must not come twice. */
static int copy_once(struct slice entries, struct buffer *into, struct exchange_losses *losses,
                     size_t *count_out, struct error *err)
{
    size_t places = 64, count = 0;
    while (places < entries.size / 16)
        places *= 2;
    uint64_t *seen = calloc(places, sizeof *seen);
    if (seen == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for an import");
    while (entries.size > 0) {
        size_t next = slice_find(slice_from(entries, 1), SLICE_LITERAL("\n+ "));
        struct slice block = slice_part(entries, 0, next + 2);
        size_t id = slice_find(block, SLICE_LITERAL("\n  id ")) + 6;
        if (was_seen(seen, places, slice_part(block, id, (size_t)2 * ID_BYTES))) {
            exchange_lose(losses, "values that came twice");
        } else {
            buffer_append(into, block);
            count++;
        }
        entries = slice_from(entries, block.size);
    }
    free(seen);
    *count_out = count;
    return 0;
}

int exchange_import(const struct exchange_format *format, struct slice text,
                    const struct exchange_wanted *wanted, struct buffer *into,
                    struct exchange_losses *losses, struct error *err)
{
    char id[2 * ID_BYTES + 1];
    BUFFER_CLEANUP entries = buffer_new(into->max_bytes);
    if (format->import == NULL)
        return error_set(err, ERROR_USAGE, "%s can only be written", format->name);
    if (format->import(text, wanted, &entries, losses, err) != 0 ||
        buffer_check(&entries, "import", err) != 0)
        return -1;
    write_id("list", slice_of(wanted->list_name), id);
    buffer_printf(into, "%%zaguan-list 1\n%%name %s\n%%list-id %s\n%%max-action tag\n\n",
                  wanted->list_name, id);
    size_t count = 0;
    if (copy_once(buffer_slice(&entries), into, losses, &count, err) != 0)
        return -1;
    buffer_printf(into, "\n@end %zu\n", count);
    return buffer_check(into, "import", err);
}

int exchange_export(const struct exchange_format *format, const struct list *list,
                    const struct exchange_wanted *wanted, struct buffer *into,
                    struct exchange_losses *losses, struct error *err)
{
    if (format->export(list, wanted, into, losses, err) != 0)
        return -1;
    for (size_t i = 0; i < list->retraction_count; i++)
        exchange_lose(losses, "retractions: what was exported before is not taken back");
    for (size_t i = 0; i < list->disagreement_count; i++)
        exchange_lose(losses, "disagreements");
    return buffer_check(into, format->name, err);
}

bool exchange_is_sent(const struct list *list, const struct entry *entry,
                      const struct exchange_wanted *wanted, struct exchange_losses *losses)
{
    if (entry->inactive != NULL || entry_ends_at(list, entry) <= wanted->now) {
        exchange_lose(losses, "entries that are parked or have expired");
        return false;
    }
    if (entry->keyed_words > 0) {
        exchange_lose(losses, "digests under a group key");
        return false;
    }
    return true;
}

void exchange_escape(struct slice text, const char *special, struct buffer *into)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\' || (text.data[i] != '\0' && strchr(special, text.data[i]) != NULL))
            buffer_append_byte(into, '\\');
        buffer_append_byte(into, text.data[i]);
    }
}
