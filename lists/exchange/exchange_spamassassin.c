/* SpamAssassin rules: score 0.1, and `test` lines from the entry's own texts. */
#include "lists/exchange/exchange.h"

static void write_pattern(const struct entry *entry, struct buffer *into)
{
    const char *special = entry->type == ENTRY_RE ? "/" : "/.[]{}()*+?^$|";
    for (size_t i = 0; i < entry->value.size; i++) {
        char c = entry->value.data[i];
        for (const char *s = special; *s != '\0'; s++)
            if (c == *s)
                buffer_append_byte(into, '\\');
        if (c == '#') /* begins a comment in a .cf */
            buffer_append_byte(into, '\\');
        buffer_append_byte(into, c);
    }
}

static void write_tests(const struct entry *entry, struct buffer *into)
{
    for (size_t i = 0; i < entry->test_count; i++)
        if (slice_find_byte(entry->tests[i].text, '#') == entry->tests[i].text.size)
            buffer_printf(into, "test ZAGUAN_" SLICE_FORMAT " %s " SLICE_FORMAT "\n",
                          SLICE_ARGUMENTS(entry->id), entry->tests[i].should_match ? "ok" : "fail",
                          SLICE_ARGUMENTS(entry->tests[i].text));
}

static bool write_rule(const struct entry *entry, struct buffer *into)
{
    switch (entry->type) {
    case ENTRY_RE:
    case ENTRY_PHRASE:
        buffer_printf(into, "body ZAGUAN_" SLICE_FORMAT " /%s", SLICE_ARGUMENTS(entry->id),
                      entry->type == ENTRY_PHRASE ? "\\b" : "");
        write_pattern(entry, into);
        buffer_append_text(into, entry->type == ENTRY_PHRASE ? "\\b/i\n" : "/i\n");
        return true;
    case ENTRY_ADDR:
    case ENTRY_DOMAIN:
        buffer_printf(into, "header ZAGUAN_" SLICE_FORMAT " From:addr =~ /%s",
                      SLICE_ARGUMENTS(entry->id),
                      entry->type == ENTRY_ADDR ? "^"
                      : entry->has_subdomains   ? "[@.]"
                                                : "@");
        write_pattern(&(struct entry){.type = ENTRY_PHRASE, .value = entry->value}, into);
        buffer_append_text(into, "$/i\n");
        return true;
    case ENTRY_CIDR:
    case ENTRY_DKIM:
    case ENTRY_URL:
    case ENTRY_KPHRASE:
    case ENTRY_PHONE:
    case ENTRY_WALLET:
    case ENTRY_OTHER:
        return false;
    }
    return false;
}

int exchange_export_spamassassin(const struct list *list, const struct exchange_wanted *wanted,
                                 struct buffer *into, struct exchange_losses *losses,
                                 struct error *err)
{
    (void)err;
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        if (!exchange_is_sent(list, entry, wanted, losses))
            continue;
        if (!write_rule(entry, into)) {
            exchange_lose(losses, "networks, signers and links");
            continue;
        }
        buffer_printf(into,
                      "describe ZAGUAN_" SLICE_FORMAT " " SLICE_FORMAT " (" SLICE_FORMAT ")\n",
                      SLICE_ARGUMENTS(entry->id), SLICE_ARGUMENTS(entry->category_name),
                      SLICE_ARGUMENTS(list->name));
        buffer_printf(into, "score ZAGUAN_" SLICE_FORMAT " 0.1\n", SLICE_ARGUMENTS(entry->id));
        if (entry->type == ENTRY_RE || entry->type == ENTRY_PHRASE)
            write_tests(entry, into);
        exchange_lose(losses, "severity, expiry and max-action of entries");
        if (entry->needs_dmarc)
            exchange_lose(losses, "auth dmarc: a forged sender is hit too");
    }
    return 0;
}
