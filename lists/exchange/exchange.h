/*
 * exchange: lists in the formats of other programs, one file exchange_X.c each. Every export says
 * what of the list the other format cannot carry; every import is adopted opinion: `basis adopted`,
 * 30 days, at most a tag until a person raises it. No format here can refuse or drop mail.
 */
#ifndef ZAGUAN_LISTS_EXCHANGE_EXCHANGE_H
#define ZAGUAN_LISTS_EXCHANGE_EXCHANGE_H

#include "common/base/buffer.h"
#include "lists/format/entry.h"

#define EXCHANGE_DAYS 30
#define EXCHANGE_MOST_LOSSES 16

/* What was left out, and how often. */
struct exchange_losses {
    struct {
        const char *what;
        size_t count;
    } rows[EXCHANGE_MOST_LOSSES];
    size_t count;
};
void exchange_lose(struct exchange_losses *losses, const char *what);

struct exchange_wanted {
    const char *list_name;     /* of the import; "" */
    const char *category_name; /* of entries that bring none; "other" */
    bool allows_hold;          /* Postfix tables: HOLD instead of PREPEND */
    int64_t now;
};

struct exchange_format {
    const char *name;
    /* NULL: not in this direction. -1 for lack of room, or a file that is not of this format. */
    int (*import)(struct slice text, const struct exchange_wanted *wanted, struct buffer *entries,
                  struct exchange_losses *losses, struct error *err);
    int (*export)(const struct list *list, const struct exchange_wanted *wanted,
                  struct buffer *into, struct exchange_losses *losses, struct error *err);
    const char *help;
};

extern const struct exchange_format exchange_formats[];        /* ends with a NULL name */
const struct exchange_format *exchange_find(const char *name); /* NULL: none */

/* A whole .zl of the other format's text, ready for list_parse(). */
int exchange_import(const struct exchange_format *format, struct slice text,
                    const struct exchange_wanted *wanted, struct buffer *into,
                    struct exchange_losses *losses, struct error *err) MUST_CHECK;
int exchange_export(const struct exchange_format *format, const struct list *list,
                    const struct exchange_wanted *wanted, struct buffer *into,
                    struct exchange_losses *losses, struct error *err) MUST_CHECK;

/* For the formats: one entry, when the value is a domain, an address or a network; else a loss.
 * `why` may be empty. */
void exchange_add(const struct exchange_wanted *wanted, struct slice value, bool has_subdomains,
                  struct slice category, struct slice why, struct buffer *entries,
                  struct exchange_losses *losses);
/* Active, of this moment; others are counted as lost. */
bool exchange_is_sent(const struct list *list, const struct entry *entry,
                      const struct exchange_wanted *wanted, struct exchange_losses *losses);
/* Written with every character of `special` and "\" behind a "\". */
void exchange_escape(struct slice text, const char *special, struct buffer *into);

int exchange_import_plain(struct slice text, const struct exchange_wanted *wanted,
                          struct buffer *entries, struct exchange_losses *losses,
                          struct error *err);
int exchange_export_plain(const struct list *list, const struct exchange_wanted *wanted,
                          struct buffer *into, struct exchange_losses *losses, struct error *err);
int exchange_export_cidr(const struct list *list, const struct exchange_wanted *wanted,
                         struct buffer *into, struct exchange_losses *losses, struct error *err);
int exchange_import_rspamd(struct slice text, const struct exchange_wanted *wanted,
                           struct buffer *entries, struct exchange_losses *losses,
                           struct error *err);
int exchange_export_rspamd(const struct list *list, const struct exchange_wanted *wanted,
                           struct buffer *into, struct exchange_losses *losses, struct error *err);
int exchange_import_postfix(struct slice text, const struct exchange_wanted *wanted,
                            struct buffer *entries, struct exchange_losses *losses,
                            struct error *err);
int exchange_export_access(const struct list *list, const struct exchange_wanted *wanted,
                           struct buffer *into, struct exchange_losses *losses, struct error *err);
int exchange_export_postfix_cidr(const struct list *list, const struct exchange_wanted *wanted,
                                 struct buffer *into, struct exchange_losses *losses,
                                 struct error *err);
int exchange_export_pcre(const struct list *list, const struct exchange_wanted *wanted,
                         struct buffer *into, struct exchange_losses *losses, struct error *err);
int exchange_export_spamassassin(const struct list *list, const struct exchange_wanted *wanted,
                                 struct buffer *into, struct exchange_losses *losses,
                                 struct error *err);
int exchange_import_mastodon(struct slice text, const struct exchange_wanted *wanted,
                             struct buffer *entries, struct exchange_losses *losses,
                             struct error *err);
int exchange_export_mastodon(const struct list *list, const struct exchange_wanted *wanted,
                             struct buffer *into, struct exchange_losses *losses,
                             struct error *err);

#endif
