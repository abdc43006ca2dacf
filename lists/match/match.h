/*
 * match: what the active lists say of one message. The only result is hits; a hit is an opinion,
 * policy/decide.c decides. Bounded in time: beyond the budget the rest is not matched and
 * is_complete is false, and the message is delivered marked `unscanned`.
 *
 * struct matcher is shared by threads: but for what it notes atomically it is immutable.
 */
#ifndef ZAGUAN_LISTS_MATCH_MATCH_H
#define ZAGUAN_LISTS_MATCH_MATCH_H

#include "common/base/budget.h"
#include "common/mail/auth.h"
#include "common/mail/text.h"
#include "lists/format/entry.h"

struct matcher;

/* Reads every list file given (or all *.zl of the folder); an entry that cannot be compiled is
 * parked, a file that cannot be read is an error. */
int matcher_new(const char *const *paths, size_t path_count, struct matcher **matcher_out,
                struct error *err) MUST_CHECK;
int matcher_new_from_folder(const char *folder, struct matcher **matcher_out,
                            struct error *err) MUST_CHECK;
struct list_source;
/* The same of what source.h found, with how far each reaches. */
int matcher_new_from_sources(const struct list_source *sources, size_t count,
                             struct matcher **matcher_out, struct error *err) MUST_CHECK;
/* Over an image that compile.h wrote, mapped read-only. ERROR_NOT_FOUND: there is
 * none; ERROR_INPUT: it is damaged, or made by another version. */
int matcher_map(const char *path, struct matcher **matcher_out, struct error *err) MUST_CHECK;
void matcher_free(struct matcher *matcher);
struct settings;
/*
 * The group keys for entries that stand as digests, from key_folder; before the matcher is shared.
 * A list whose key is not there, or not readable, says nothing with its digests: tell() (may be
 * NULL) hears the list's name and why. -1: no memory.
 */
int matcher_use_keys(struct matcher *matcher, const struct settings *settings,
                     void (*tell)(void *context, struct slice list, const char *fault),
                     void *context, struct error *err) MUST_CHECK;
size_t matcher_entry_count(const struct matcher *matcher); /* active ones */
/* What the image was compiled from (compile.h); 0 when it was not. */
uint64_t matcher_sources(const struct matcher *matcher);
/* A pattern that took too long three times is off; each is told once. False: no more. */
bool matcher_next_struck_off(const struct matcher *matcher, struct slice *list_out,
                             char entry_out[20]);
/* Every list with all its entries, also parked ones (`inactive` says why); none when mapped. */
const struct list *const *matcher_lists(const struct matcher *matcher, size_t *count_out);

struct match_input {
    const struct text_set *texts; /* NULL: only sender and network */
    struct slice sender;          /* envelope sender, canonical; empty: null sender */
    struct slice from_address;    /* of From, canonical */
    struct slice client_ip;
    const struct auth_answer *auth; /* for `auth dmarc` and dkim entries; NULL: nothing proven */
    int64_t now;
    struct budget budget; /* begun on the thread that matches */
};

struct hit {
    const struct list *list;   /* live as long as the matcher */
    const struct entry *entry; /* in the arena; what no rule needs is empty */
    enum text_where where;     /* 0 for sender, domain, network, dkim */
    const char *where_name;    /* "subject", "body", "sender", "network", "dkim", ... */
    struct slice text;         /* the original text a person saw, cut to 120 bytes at a character */
};

struct hit_set {
    struct hit *hits; /* in the arena; one per entry, ordered by severity, list, entry */
    size_t count;
    bool is_complete;
    const char **limits; /* what was not matched and why */
    size_t limit_count;
};

int matcher_match(const struct matcher *matcher, const struct match_input *input,
                  struct arena *arena, struct hit_set *hits_out, struct error *err) MUST_CHECK;

#endif
