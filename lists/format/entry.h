/*
 * entry: one opinion of a list, and the list that holds it (docs/formats/zl.md). Plain data in the
 * arena of the list it was parsed into.
 */
#ifndef ZAGUAN_LISTS_FORMAT_ENTRY_H
#define ZAGUAN_LISTS_FORMAT_ENTRY_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "common/mail/text.h"
#include <stdint.h>

enum entry_type {
    ENTRY_RE,
    ENTRY_PHRASE,
    ENTRY_ADDR,
    ENTRY_DOMAIN,
    ENTRY_CIDR,
    ENTRY_DKIM,
    ENTRY_URL,
    ENTRY_KPHRASE, /* these three stand under a group key only, an address may too */
    ENTRY_PHONE,
    ENTRY_WALLET,
    ENTRY_OTHER /* a type this version keeps and shows, but never matches */
};

enum category {
    CATEGORY_THREAT,
    CATEGORY_DOXXING,
    CATEGORY_SEXUAL_HARASSMENT,
    CATEGORY_SEXTORTION,
    CATEGORY_NCII,
    CATEGORY_HATE,
    CATEGORY_STALKING,
    CATEGORY_IMPERSONATION,
    CATEGORY_MAIL_BOMB,
    CATEGORY_SPEAR_PHISH,
    CATEGORY_OTHER,
    CATEGORY_COUNT
};

/* Order is strength: the weaker of two is the smaller. The only four a list can ask for. */
enum list_action { LIST_ACTION_NONE, LIST_ACTION_OBSERVE, LIST_ACTION_TAG, LIST_ACTION_HOLD };

struct place {
    int line, column; /* from 1; columns are characters */
};

struct entry_test {
    struct slice text; /* UTF-8, unquoted */
    bool should_match;
    struct place place;
};

/* A "%" line, or an attribute of an entry, as it stands in the file: what fmt writes again. */
struct attribute {
    struct slice key, written; /* with its quotes; empty: a flag */
    struct slice comment;      /* behind it on its line, from its # on */
    struct place place;
};

/* Comment lines before a "%" line, an entry or @end, each from its # on. */
struct comment_set {
    struct slice *lines;
    size_t count;
};

struct header {
    struct attribute line;
    struct comment_set comments;
};

struct entry {
    enum entry_type type;
    struct slice type_name; /* as written */
    struct slice value;  /* unquoted: pattern, phrase, address, domain, network, "d s", host/path */
    bool has_subdomains; /* domain: `sub` */
    bool needs_dmarc;    /* addr: `auth dmarc` */
    int keyed_words; /* the value is a digest under a group key, of so many words; 0: it is clear */
    struct slice id; /* 8-16 hex */
    enum category category;
    struct slice category_name; /* as written: "threat", "x-spam-run" (then category is OTHER) */
    int severity;               /* 1-5 */
    struct slice language;
    unsigned scope; /* bits of enum text_where; default subject and body */
    int64_t added_at, expires_at;
    enum list_action max_action; /* of the entry; HOLD when not given */
    struct slice basis, from, seen, why;
    struct entry_test *tests;
    size_t test_count;
    int line;             /* in its file */
    const char *inactive; /* why it is parked (unknown attribute, failed test, ...); NULL: active */
    struct place inactive_place;
    bool is_retracted;
    int disagreements; /* partners that published "~" against it: that many more voices are needed
                        */
    bool is_later;     /* parked only because this version does not match such values: no mistake */
    struct slice value_written; /* with its quotes */
    struct place value_place;
    struct attribute *attributes;
    size_t attribute_count;
    struct comment_set comments;
    struct slice text; /* the whole block as written */
};

struct retraction {
    struct slice id, why;
    int64_t retracted_at;
    struct slice written; /* the day as it stands in the file; empty: a new one */
    struct comment_set comments;
    int line;
};

struct disagreement {
    struct slice publisher, list_id, entry_id, why;
    struct comment_set comments;
    int line;
};

struct list {
    struct slice name, list_id, publisher, audience, scope, languages, appeals, digest_key;
    int64_t sequence, issued_at;
    enum list_action max_action;
    struct entry *entries;
    size_t entry_count;
    struct retraction *retractions;
    size_t retraction_count;
    struct disagreement *disagreements;
    size_t disagreement_count;
    bool is_local; /* ours: no publisher, no ceiling */
    /* What its source says of it (source.h, list_set_source()); a parsed list alone is whole. */
    struct slice partner; /* the admin's name for who sent it; empty: local */
    enum list_action ceilings[CATEGORY_COUNT], freshness;
    bool counts_for_quorum, is_shadow; /* shadow: hits are counted and have no effect */
    int hold_quorum;                   /* distinct partners that must say the same to hold */
    struct header *headers;
    size_t header_count;
    struct comment_set end_comments;
};

/* The reach of a list that no source says anything of: no ceiling, no quorum. */
void list_make_whole(struct list *list);

const char *category_name(enum category category);
bool category_read(struct slice name, enum category *category_out);
const char *entry_type_name(enum entry_type type);
/* The bit of enum text_where that this word of a `scope` names; 0: none. And back. */
unsigned scope_read(struct slice name);
const char *scope_name(unsigned bit);
/* Not after this moment: `expires`, but never later than the type allows after `added`. */
int64_t entry_ends_at(const struct list *list, const struct entry *entry);
/* `from` of an adopted entry; false when it names no entry of a list. */
struct entry_origin {
    struct slice publisher, list_id, entry_id;
};
bool entry_read_origin(const struct entry *entry, struct entry_origin *origin_out);
/* Parks the entry unless it is parked already; the first reason is the one to mend. */
void entry_park(struct entry *entry, struct place place, const char *reason);
const char *list_action_name(enum list_action action);
bool list_action_read(struct slice name, enum list_action *action_out);

#endif
