/*
 * update: how a list of a partner arrives. inbox -> unpack (bounded) -> signature -> floor -> parse
 * -> lint and own tests -> benign texts -> mass-change brake -> shadow -> report -> active.
 * (docs/lists.md, "How a list arrives")
 *
 * What is refused or parked always leaves a reason in partner_folder/NAME/report/; whatever fails,
 * what is active stays. An entry is parked, not its file. In partner_folder/NAME/:
 *     coming/ID.zl (.minisig)  the newest verified text, as the partner signed it
 *     coming/ID.shadow         since when it is tried, and what was counted then
 *     shadow/ID.zl             what is new or changed in it: counted on live mail, no effect
 *     active/ID.zl (.minisig)  what acts: made of the signed text without what is parked
 *     previous/ID.zl           what acted before; `zaguan list accept --undo` brings it back
 *     parked/ID                "entry-id action reason" lines: what stays out or only tags; * all
 *     report/ID                the last report, in words
 */
#ifndef ZAGUAN_LISTS_UPDATE_UPDATE_H
#define ZAGUAN_LISTS_UPDATE_UPDATE_H

#include "common/base/settings.h"
#include "common/store/store.h"
#include "lists/trust/head.h"
#include "lists/trust/partner.h"

/* The counter of messages that were matched, and the name under which hits are counted in shadow:
 * "shadow:PARTNER:LIST-ID". */
#define TALLY_MESSAGES "messages_matched"
#define TALLY_NAME_BYTES 400
struct slice update_count_name(const struct list *list, char name[TALLY_NAME_BYTES]);

struct update_tools {
    const struct settings *settings;
    struct store *store; /* NULL: by hand without counters: the shadow run counts nothing */
    int64_t now;
    /* What is told in the admin's language; NULL: in English, as reports and commands are. */
    const char *(*say)(const char *english);
    const unsigned char *ring_key; /* digest.key, for ring.h; NULL: what it says is unknown */
};

enum update_outcome {
    UPDATE_NOTHING, /* the one we have */
    UPDATE_SHADOW,  /* taken, being tried */
    UPDATE_WAITING, /* tried; waits for a person */
    UPDATE_ACTIVATED,
    UPDATE_REFUSED
};

struct update_result {
    const char *partner, *list_id, *name; /* name "" when nothing could be read */
    enum update_outcome outcome;
    bool is_news;     /* worth a mail: not said before */
    const char *text; /* report or reason, in English */
    const char *told; /* the same as `say` says it */
};

struct update_results {
    struct update_result *rows;
    size_t count, room;
    struct arena *arena;
};

/* Everything that stands in the inbox, and every shadow run that has ended. Trouble of one partner
 * is a result of its own; -1 only when nothing can be looked at. */
int update_run(const struct update_tools *tools, struct update_results *results,
               struct error *err) MUST_CHECK;

/* One partner's files that came by hand, in a folder as zaguan-fetch leaves it. The same checks. */
int update_take_folder(const struct update_tools *tools, const struct partner *partner,
                       const char *folder, struct update_results *results,
                       struct error *err) MUST_CHECK;

/* update_decide.c: a person decides. `list` is a list-id or a name. */
int update_accept(const struct update_tools *tools, const char *partner, const char *list,
                  struct update_results *results, struct error *err) MUST_CHECK;
/* What acted before acts again, and the newer one is not tried until it changes. */
int update_undo(const struct update_tools *tools, const char *partner, const char *list,
                struct error *err) MUST_CHECK;
/* NONE: stays out. Else the most it may do, whatever a check says; HOLD: as the list has it, from
 * its next activation on. At once. */
int update_park(const struct update_tools *tools, const char *partner, const char *list,
                struct slice entry_id, enum list_action action, const char *reason,
                struct error *err) MUST_CHECK;
/* What the last report said, and the difference of active and coming in words. */
int update_diff(const struct update_tools *tools, const char *partner, const char *list,
                struct buffer *into, struct error *err) MUST_CHECK;

/* Other keys were pinned (`partner` has them already): what none of them signed observes at most
 * until it comes again, signed by one of them; nothing that was before can be brought back. */
int update_begin_anew(const struct update_tools *tools, const struct partner *partner,
                      struct error *err) MUST_CHECK;

/* 1: its publisher, or whose entry it adopted, took the entry back, its key was revoked, or it was
 * parked here; 0, -1. */
int update_is_withdrawn(const struct update_tools *tools, struct slice partner,
                        struct slice list_id, struct slice entry, struct error *err) MUST_CHECK;

/* Entries that members released more than this often drop to a tag. */
#define UPDATE_MOST_RELEASES 3
int update_demote(const struct update_tools *tools, struct update_results *results,
                  struct error *err) MUST_CHECK;

#endif
