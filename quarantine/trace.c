/* The trace fields of a release, built from what was sealed at arrival: everything from the network
 * is made harmless first. */
#include "quarantine/release.h"

#include "common/base/clock.h"
#include "common/base/limits.h"
#include <string.h>

#define LONGEST_FOR 512 /* of an address in Received; a longer one is left out */

/* Printable ASCII without what would end a comment or start one; the rest becomes "?", as Postfix
 * does with a HELO name. */
static void append_name(struct buffer *into, struct slice name)
{
    struct slice shown = slice_part(name, 0, LIMIT_DOMAIN_BYTES);
    for (size_t i = 0; i < shown.size; i++) {
        char c = shown.data[i];
        bool is_plain = c > ' ' && c < 0x7f && strchr("()<>\\\";,", c) == NULL;
        buffer_append_byte(into, is_plain ? c : '?');
    }
    if (shown.size == 0)
        buffer_append_text(into, "unknown");
}

static void append_address_literal(struct buffer *into, struct slice ip)
{
    bool is_v6 = slice_find_byte(ip, ':') != ip.size;
    buffer_append_text(into, is_v6 && !slice_starts_with_nocase(ip, "IPv6:") ? "[IPv6:" : "[");
    append_name(into, ip);
    buffer_append_byte(into, ']');
}

/* RFC 5321 section 4.1.2: a path; with UTF-8 only where the mail was SMTPUTF8 (RFC 6531). */
static bool can_be_shown(struct slice address, bool is_smtputf8)
{
    for (size_t i = 0; i < address.size; i++) {
        unsigned char c = (unsigned char)address.data[i];
        if (c < ' ' || c == 0x7f || c == '<' || c == '>' || (c >= 0x80 && !is_smtputf8))
            return false;
    }
    return address.size > 0 && address.size <= LONGEST_FOR;
}

static void append_received(struct buffer *into, const struct found_item *found,
                            const struct settings *settings)
{
    const struct item_sheet *sheet = &found->sheet;
    char date[CLOCK_DATE_BYTES];
    clock_write_mail_date(found->arrived_at, date);
    buffer_append_text(into, "Received: from ");
    append_name(into, sheet->helo);
    buffer_append_text(into, " (");
    append_name(into, sheet->client_name);
    buffer_append_byte(into, ' ');
    append_address_literal(into, sheet->client_ip);
    buffer_printf(into, ")\r\n\tby %s (zaguan) with %s id ", settings->hostname,
                  sheet->is_smtputf8 ? "UTF8SMTP" : "ESMTP");
    append_name(into, sheet->queue_id);
    if (can_be_shown(found->recipient, sheet->is_smtputf8)) {
        buffer_append_text(into, "\r\n\tfor <");
        buffer_append(into, found->recipient);
        buffer_append_byte(into, '>');
    }
    buffer_printf(into, ";\r\n\t%s\r\n", date);
}

/* A value that is folded with LF or CRLF, every further line beginning with white space. What does
 * not begin so would be a field of its own, or the end of the header: it gets a tab. */
static void append_folded(struct buffer *into, struct slice field)
{
    struct slice line, rest = slice_trim(field);
    for (bool is_first = true; slice_next(&rest, '\n', &line); is_first = false) {
        while (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (slice_trim(line).size == 0)
            continue;
        if (!is_first)
            buffer_append_text(into,
                               line.data[0] == ' ' || line.data[0] == '\t' ? "\r\n" : "\r\n\t");
        for (size_t i = 0; i < line.size; i++)
            buffer_append_byte(into,
                               line.data[i] == '\0' || line.data[i] == '\r' ? '?' : line.data[i]);
    }
    buffer_append_text(into, "\r\n");
}

/* Delivered at expiry: as the milter would have tagged it, from the strongest reason. */
static void append_tag(struct buffer *into, const struct found_item *found)
{
    buffer_append_text(into, "X-Zaguan: tag; ");
    append_name(into, found->item.category);
    if (found->reason_count > 0 && found->reasons[0].list.size > 0) {
        buffer_append_text(into, "; ");
        append_name(into, found->reasons[0].list);
        buffer_append_text(into, "; ");
        append_name(into, found->reasons[0].entry);
    }
    buffer_append_text(into, "\r\n");
}

int release_write_trace(const struct found_item *found, const struct settings *settings,
                        struct buffer *into, struct error *err)
{
    if (found->tag_field.size > 0)
        append_folded(into, found->tag_field);
    else if (found->item.wants_tag)
        append_tag(into, found);
    if (found->sheet.auth_results.size > 0) {
        buffer_append_text(into, "Authentication-Results: ");
        append_folded(into, found->sheet.auth_results);
    }
    append_received(into, found, settings);
    return buffer_check(into, "trace fields", err);
}
