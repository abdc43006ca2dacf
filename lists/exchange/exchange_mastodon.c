/* The CSV of Mastodon's domain blocks: #domain,#severity,#reject_media,#reject_reports,
 * #public_comment,#obfuscate. */
#include "lists/exchange/exchange.h"
#include <string.h>

#define COLUMNS 6
#define FIELD_BYTES 512

/* One field off the front: quotes doubled inside quotes (RFC 4180). */
static bool take_field(struct slice *line, char field[FIELD_BYTES])
{
    size_t at = 0, used = 0;
    bool is_quoted = line->size > 0 && line->data[0] == '"';
    if (line->data == NULL)
        return false;
    for (at = is_quoted; at < line->size; at++) {
        char c = line->data[at];
        if (is_quoted && c == '"') {
            if (at + 1 < line->size && line->data[at + 1] == '"')
                at++;
            else
                is_quoted = false;
            if (!is_quoted)
                continue;
        } else if (!is_quoted && c == ',') {
            break;
        }
        if (used + 1 < FIELD_BYTES && c != '\0')
            field[used++] = c;
    }
    field[used] = '\0';
    *line = at < line->size ? slice_from(*line, at + 1) : slice_new(NULL, 0);
    return true;
}

int exchange_import_mastodon(struct slice text, const struct exchange_wanted *wanted,
                             struct buffer *entries, struct exchange_losses *losses,
                             struct error *err)
{
    struct slice line;
    if (!slice_starts_with(text, "#domain") && !slice_starts_with(text, "domain"))
        return error_set(err, ERROR_INPUT, "not a Mastodon CSV: the first column is #domain");
    for (int number = 1; slice_next(&text, '\n', &line); number++) {
        char fields[COLUMNS][FIELD_BYTES] = {{0}};
        line = slice_trim(line);
        if (number == 1 || line.size == 0)
            continue;
        for (size_t i = 0; i < COLUMNS && take_field(&line, fields[i]); i++)
            continue;
        if (strchr(fields[0], '*') != NULL) {
            exchange_lose(losses, "domains that the source hides with *");
            continue;
        }
        exchange_lose(losses, "severity, reject_media and reject_reports: an import only tags");
        exchange_add(wanted, slice_of(fields[0]), true, slice_of(""), slice_of(fields[4]), entries,
                     losses);
    }
    return 0;
}

static void write_quoted(struct slice text, struct buffer *into)
{
    buffer_append_byte(into, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"')
            buffer_append_byte(into, '"');
        buffer_append_byte(into, text.data[i]);
    }
    buffer_append_byte(into, '"');
}

/* hold -> silence, tag -> noop: a list of ours never asks another program to suspend anybody. */
int exchange_export_mastodon(const struct list *list, const struct exchange_wanted *wanted,
                             struct buffer *into, struct exchange_losses *losses, struct error *err)
{
    (void)err;
    buffer_append_text(
        into, "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n");
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        if (entry->type != ENTRY_DOMAIN) {
            exchange_lose(losses, "all but domains");
            continue;
        }
        bool is_hold =
            entry->max_action == LIST_ACTION_HOLD && list->max_action == LIST_ACTION_HOLD;
        buffer_printf(into, SLICE_FORMAT ",%s,false,false,", SLICE_ARGUMENTS(entry->value),
                      is_hold ? "silence" : "noop");
        write_quoted(slice_is_empty(entry->why) ? entry->category_name : entry->why, into);
        buffer_append_text(into, ",false\n");
        exchange_lose(losses, "id, severity number and expiry of entries");
    }
    return 0;
}
