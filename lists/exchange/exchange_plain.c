/* One value a line, "#" and ";" begin comments; "0.0.0.0 host" of hosts files is read as the host.
 */
#include "lists/exchange/exchange.h"

static bool is_hosts_address(struct slice word)
{
    return slice_is(word, "0.0.0.0") || slice_is(word, "127.0.0.1") || slice_is(word, "::1") ||
           slice_is(word, "::");
}

int exchange_import_plain(struct slice text, const struct exchange_wanted *wanted,
                          struct buffer *entries, struct exchange_losses *losses, struct error *err)
{
    struct slice line, word, next;
    (void)err;
    while (slice_next(&text, '\n', &line)) {
        line = slice_part(line, 0, slice_find_byte(line, '#'));
        struct slice comment = slice_from(line, slice_find_byte(line, ';'));
        line = slice_part(line, 0, slice_find_byte(line, ';'));
        if (!slice_next_word(&line, &word))
            continue;
        if (is_hosts_address(word) && slice_next_word(&line, &next))
            word = next;
        if (slice_is(word, "localhost"))
            continue;
        bool has_dot = word.size > 1 && word.data[0] == '.';
        if (comment.size > 1)
            exchange_lose(losses, "comments behind values");
        exchange_add(wanted, has_dot ? slice_from(word, 1) : word, has_dot, slice_of(""),
                     slice_of(""), entries, losses);
    }
    return 0;
}

static int export(const struct list *list, const struct exchange_wanted *wanted, bool only_networks,
                  struct buffer *into, struct exchange_losses *losses)
{
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        bool is_plain =
            entry->type == ENTRY_CIDR ||
            (!only_networks && (entry->type == ENTRY_DOMAIN || entry->type == ENTRY_ADDR));
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        if (!is_plain) {
            exchange_lose(losses, "patterns, phrases, signers and links: no such thing there");
            continue;
        }
        if (entry->needs_dmarc)
            exchange_lose(losses, "auth dmarc: a forged sender is hit too");
        buffer_printf(into, "%s" SLICE_FORMAT "\n", entry->has_subdomains ? "." : "",
                      SLICE_ARGUMENTS(entry->value));
        exchange_lose(losses, "id, category, severity, expiry and reason of entries");
    }
    return 0;
}

int exchange_export_plain(const struct list *list, const struct exchange_wanted *wanted,
                          struct buffer *into, struct exchange_losses *losses, struct error *err)
{
    (void)err;
    return export(list, wanted, false, into, losses);
}

int exchange_export_cidr(const struct list *list, const struct exchange_wanted *wanted,
                         struct buffer *into, struct exchange_losses *losses, struct error *err)
{
    (void)err;
    return export(list, wanted, true, into, losses);
}
