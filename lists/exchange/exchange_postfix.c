/* Postfix tables (access(5), cidr_table(5), pcre_table(5)). Written are PREPEND and, where it was
 * asked for, HOLD; read is what a line names, whatever its action. */
#include "lists/exchange/exchange.h"

static const struct {
    const char *word; /* what others do with it is not taken over */
    bool is_opinion;
} actions[] = {{"REJECT", true}, {"DISCARD", true}, {"HOLD", true},     {"PREPEND", true},
               {"WARN", true},   {"550", true},     {"554", true},      {"OK", false},
               {"DUNNO", false}, {"PERMIT", false}, {"REDIRECT", false}};

static bool is_opinion(struct slice action)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (slice_is_nocase(action, actions[i].word))
            return actions[i].is_opinion;
    return false;
}

int exchange_import_postfix(struct slice text, const struct exchange_wanted *wanted,
                            struct buffer *entries, struct exchange_losses *losses,
                            struct error *err)
{
    struct slice line, value, action;
    (void)err;
    while (slice_next(&text, '\n', &line)) {
        struct slice rest = line;
        if (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
            continue; /* the continuation of an action's text */
        if (!slice_next_word(&rest, &value) || value.data[0] == '#')
            continue;
        if (!slice_next_word(&rest, &action) || !is_opinion(action)) {
            exchange_lose(losses, "lines that let pass or only route");
            continue;
        }
        if (!slice_is_nocase(action, "PREPEND"))
            exchange_lose(losses, "actions: an import only tags");
        bool has_dot = value.size > 1 && value.data[0] == '.';
        exchange_add(wanted, has_dot ? slice_from(value, 1) : value, has_dot, slice_of(""),
                     slice_of(""), entries, losses);
    }
    return 0;
}

static void write_action(const struct list *list, const struct entry *entry,
                         const struct exchange_wanted *wanted, struct buffer *into)
{
    if (wanted->allows_hold && entry->max_action == LIST_ACTION_HOLD &&
        list->max_action == LIST_ACTION_HOLD)
        buffer_append_text(into, "HOLD");
    else
        buffer_append_text(into, "PREPEND X-Zaguan-List:");
    buffer_printf(into, " " SLICE_FORMAT " " SLICE_FORMAT " " SLICE_FORMAT "\n",
                  SLICE_ARGUMENTS(list->name), SLICE_ARGUMENTS(entry->category_name),
                  SLICE_ARGUMENTS(entry->id));
}

static void lose(const struct entry *entry, struct exchange_losses *losses)
{
    exchange_lose(losses, "severity, expiry, reason and texts of entries");
    if (entry->needs_dmarc)
        exchange_lose(losses, "auth dmarc: a forged sender is hit too");
}

int exchange_export_access(const struct list *list, const struct exchange_wanted *wanted,
                           struct buffer *into, struct exchange_losses *losses, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        if (entry->type != ENTRY_ADDR && entry->type != ENTRY_DOMAIN) {
            exchange_lose(losses, "all but domains and addresses");
            continue;
        }
        buffer_printf(into, SLICE_FORMAT " ", SLICE_ARGUMENTS(entry->value));
        write_action(list, entry, wanted, into);
        if (entry->has_subdomains) {
            buffer_printf(into, "." SLICE_FORMAT " ", SLICE_ARGUMENTS(entry->value));
            write_action(list, entry, wanted, into);
        }
        lose(entry, losses);
    }
    return 0;
}

int exchange_export_postfix_cidr(const struct list *list, const struct exchange_wanted *wanted,
                                 struct buffer *into, struct exchange_losses *losses,
                                 struct error *err)
{
    (void)err;
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        if (entry->type != ENTRY_CIDR) {
            exchange_lose(losses, "all but networks");
            continue;
        }
        buffer_printf(into, SLICE_FORMAT " ", SLICE_ARGUMENTS(entry->value));
        write_action(list, entry, wanted, into);
        lose(entry, losses);
    }
    return 0;
}

/* Our subset is part of PCRE2; only the delimiter needs care. */
int exchange_export_pcre(const struct list *list, const struct exchange_wanted *wanted,
                         struct buffer *into, struct exchange_losses *losses, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        if (entry->type != ENTRY_RE) {
            exchange_lose(losses, "all but patterns");
            continue;
        }
        buffer_append_byte(into, '/');
        for (size_t k = 0; k < entry->value.size; k++) {
            if (entry->value.data[k] == '/')
                buffer_append_byte(into, '\\');
            buffer_append_byte(into, entry->value.data[k]);
        }
        buffer_append_text(into, "/ ");
        write_action(list, entry, wanted, into);
        lose(entry, losses);
        exchange_lose(losses, "folding: accents, look-alike letters and encodings are not undone");
    }
    return 0;
}
