/* Rspamd's multimap: "value score" lines, patterns as /.../iu. The snippet gives a small score and
 * never an action. */
#include "lists/exchange/exchange.h"

int exchange_import_rspamd(struct slice text, const struct exchange_wanted *wanted,
                           struct buffer *entries, struct exchange_losses *losses,
                           struct error *err)
{
    struct slice line, word;
    (void)err;
    while (slice_next(&text, '\n', &line)) {
        struct slice rest = slice_trim(line);
        if (rest.size == 0 || rest.data[0] == '#')
            continue;
        if (rest.data[0] == '/') {
            exchange_lose(losses, "patterns: they bring no texts that prove them");
            continue;
        }
        if (!slice_next_word(&rest, &word))
            continue;
        if (!slice_is_empty(slice_trim(rest)))
            exchange_lose(losses, "scores");
        bool has_dot = word.size > 1 && word.data[0] == '.';
        exchange_add(wanted, has_dot ? slice_from(word, 1) : word, has_dot, slice_of(""),
                     slice_of(""), entries, losses);
    }
    return 0;
}

static const char snippet[] =
    "# local.d/multimap.conf, one block for each kind; a small score, never an action:\n"
    "#   ZAGUAN_%s {\n#     type = \"%s\";%s\n#     map = \"%s\";\n#     score = 0.1;\n#   }\n";

static const struct {
    enum entry_type type;
    const char *symbol, *kind, *more;
} kinds[] = {
    {ENTRY_RE, "TEXT", "content", "\n#     filter = \"text\"; regexp = true;"},
    {ENTRY_ADDR, "FROM", "from", "\n#     filter = \"email:addr\";"},
    {ENTRY_DOMAIN, "DOMAIN", "from", "\n#     filter = \"email:domain\";"},
    {ENTRY_CIDR, "NETWORK", "ip", ""},
};

static void write_value(const struct entry *entry, struct buffer *into)
{
    if (entry->type == ENTRY_RE) {
        buffer_append_byte(into, '/');
        for (size_t i = 0; i < entry->value.size; i++) {
            if (entry->value.data[i] == '/')
                buffer_append_byte(into, '\\');
            buffer_append_byte(into, entry->value.data[i]);
        }
        buffer_append_text(into, "/iu\n");
        return;
    }
    buffer_printf(into, SLICE_FORMAT "\n", SLICE_ARGUMENTS(entry->value));
}

int exchange_export_rspamd(const struct list *list, const struct exchange_wanted *wanted,
                           struct buffer *into, struct exchange_losses *losses, struct error *err)
{
    (void)err;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        bool has_begun = false;
        for (size_t i = 0; i < list->entry_count; i++) {
            const struct entry *entry = &list->entries[i];
            struct exchange_losses ignored = {.count = 0};
            if (entry->type != kinds[k].type || !exchange_is_sent(list, entry, wanted, &ignored))
                continue;
            if (!has_begun)
                buffer_printf(into, snippet, kinds[k].symbol, kinds[k].kind, kinds[k].more,
                              "$LOCAL_CONFDIR/local.d/maps.d/zaguan.map");
            has_begun = true;
            write_value(entry, into);
        }
    }
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        exchange_lose(losses, "id, category, severity, expiry, reason and texts of entries");
        if (entry->type == ENTRY_RE)
            exchange_lose(losses, "folding: look-alike letters and spacing are not undone there");
        else if (entry->type != ENTRY_ADDR && entry->type != ENTRY_DOMAIN &&
                 entry->type != ENTRY_CIDR)
            exchange_lose(losses, "phrases, signers and links");
        if (entry->needs_dmarc)
            exchange_lose(losses, "auth dmarc: a forged sender is hit too");
    }
    return 0;
}
