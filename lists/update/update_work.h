/* What update*.c share. Private to them. */
#ifndef ZAGUAN_LISTS_UPDATE_UPDATE_WORK_H
#define ZAGUAN_LISTS_UPDATE_UPDATE_WORK_H

#include "common/base/buffer.h"
#include "lists/match/matcher.h"
#include "lists/trust/floor.h"
#include "lists/update/ring.h"
#include "lists/update/update.h"

#define UPDATE_TEXT_BYTES ((size_t)256 * 1024)
#define UPDATE_FILE_MODE 0644 /* the milter reads it as another user */
#define UPDATE_MOST_PARKED 4096
#define UPDATE_ALL_OTHERS                                                                          \
    "*" /* a decision about every entry without one of its own; one row more */

struct update_parked {
    char entry[32];
    enum list_action action; /* NONE: stays out; else the most that it may do */
    bool is_by_hand;         /* kept through the next update */
    char reason[200];
};

struct update_decisions {
    struct update_parked *rows; /* UPDATE_MOST_PARKED + 1 */
    size_t count;
};

/* coming/ID.shadow */
struct update_trial {
    int64_t since, messages;  /* the counter then; hits are counted from 0 */
    bool is_told, is_stopped; /* told: waits for a person; stopped: undone by one */
    struct match_slowest slowest;
};

/* One partner at work. */
struct update_work {
    const struct update_tools *tools;
    struct partner partner;
    struct root root;
    struct floors floors;
    char folder[PATH_MAX - 128];
    struct arena *arena;                       /* of this partner */
    const char *(*voice)(const char *english); /* of what is written now; NULL: English */
    struct ring_view *ring; /* NULL: not asked so far, or nothing is remembered */
    struct update_results *results;
};

/* --- update_file.c: what stands in the partner's folder --- */
int update_work_begin(struct update_work *work, const struct update_tools *tools, const char *name,
                      struct update_results *results, struct error *err) MUST_CHECK;
void update_path(const struct update_work *work, const char *part, struct slice id,
                 const char *ending, char path[PATH_MAX]);
/* 1 read, 0 there is none. */
int update_read(const struct update_work *work, const char *part, struct slice id,
                struct list **list_out, struct error *err) MUST_CHECK;
int update_write(const struct update_work *work, const char *part, struct slice id,
                 const char *ending, struct slice content, struct error *err) MUST_CHECK;
int update_write_list(const struct update_work *work, const char *part, const struct list *list,
                      struct error *err) MUST_CHECK;
void update_remove(const struct update_work *work, const char *part, struct slice id,
                   const char *ending);
int update_read_decisions(const struct update_work *work, struct slice id,
                          struct update_decisions *decisions_out, struct error *err) MUST_CHECK;
int update_write_decisions(const struct update_work *work, struct slice id,
                           const struct update_decisions *decisions, struct error *err) MUST_CHECK;
/* Replaces what was said of the entry, but nothing a person said by what a check says. -1: there is
 * no room for one more; there is always one for UPDATE_ALL_OTHERS. */
int update_decide_entry(struct update_decisions *decisions, const struct update_parked *parked,
                        struct error *err) MUST_CHECK;
/* Its own, or that of all others. */
const struct update_parked *update_find_decision(const struct update_decisions *decisions,
                                                 struct slice entry);
bool update_read_trial(const struct update_work *work, struct slice id,
                       struct update_trial *trial_out);
int update_write_trial(const struct update_work *work, struct slice id,
                       const struct update_trial *trial, struct error *err) MUST_CHECK;
/* The daemons look at this file. */
int update_touch(const struct update_work *work, struct error *err) MUST_CHECK;
/* A text for the admin in the language of the moment. */
const char *update_words(const struct update_work *work, const char *english)
    __attribute__((format_arg(2)));
/* In results, in both languages, and in English in report/ID; is_news unless the report said the
 * same before. `write` is called for each language. */
typedef int update_writer(struct update_work *work, const void *what, struct buffer *into,
                          struct error *err);
int update_say(struct update_work *work, struct slice id, struct slice name,
               enum update_outcome outcome, update_writer *write, const void *what,
               struct error *err) MUST_CHECK;

/* --- update.c, update_root.c: what stands in an inbox --- */
/* 1 read, 0 there is none. */
int update_read_inbox(const char *folder, const char *file, struct buffer *into,
                      struct error *err) MUST_CHECK;
int update_take_root(struct update_work *work, const char *folder, struct error *err) MUST_CHECK;

/* --- update_change.c: the difference of two lists --- */
struct update_change {
    const struct entry **added, **changed, **removed; /* changed: as it comes */
    size_t added_count, changed_count, removed_count;
    size_t before_count, retracted_count; /* retracted: removed with a line that says so */
    bool is_mass_removal, is_brake;       /* so much at once that a person looks */
};
int update_compare(const struct list *active, const struct list *coming, struct arena *arena,
                   struct update_change *change_out, struct error *err) MUST_CHECK;
/* One of a few; who asks for all of a list makes an index: a partner's list may have 60,000. */
const struct entry *update_find_entry(const struct list *list, struct slice id);
bool update_is_retracted(const struct list *list, struct slice id);

struct update_id {
    struct slice id;
    const struct entry *entry; /* NULL: a retraction */
};
struct update_ids {
    struct update_id *rows; /* in order */
    size_t count;
};
/* Of the entries, or of the retractions; a NULL list has none. */
int update_ids_of_entries(const struct list *list, struct arena *arena, struct update_ids *ids_out,
                          struct error *err) MUST_CHECK;
int update_ids_of_retractions(const struct list *list, struct arena *arena,
                              struct update_ids *ids_out, struct error *err) MUST_CHECK;
const struct update_id *update_ids_find(const struct update_ids *ids, struct slice id);
/* The list without what is parked, and the rest doing at most what was decided. */
int update_select(const struct list *list, const struct update_decisions *decisions,
                  struct arena *arena, struct list **list_out, struct error *err) MUST_CHECK;

/* --- update_check.c: lint, own tests, benign texts: what fails is parked --- */
int update_check_entries(struct update_work *work, const struct list *list,
                         struct update_decisions *decisions, struct match_slowest *slowest_out,
                         struct error *err) MUST_CHECK;

/* --- update_ring.c: what it would have met --- */
/* The most that an entry can do by itself, when the partner's trial is over; wishes may make it
 * less. */
enum list_action update_reach(const struct update_work *work, const struct list *list,
                              const struct entry *entry);
/* Parks what is new and met more than most_known_hits mails of people that members write to. */
int update_park_known(struct update_work *work, const struct update_change *change,
                      struct update_decisions *decisions, struct error *err) MUST_CHECK;
/* A line about it; nothing when no new entry is of a kind that the ring knows. */
int update_write_ring(struct update_work *work, const struct list *list,
                      const struct update_change *change, struct buffer *into,
                      struct error *err) MUST_CHECK;

/* --- update_revoke.c --- */
/* When the keys that signed the list were revoked since an earlier number, what the lists of that
 * time (`known`, each may be NULL) do not have observes at most. */
#define UPDATE_KNOWN 2
int update_doubt_revoked(struct update_work *work, const struct list *list,
                         const struct list *const known[UPDATE_KNOWN], struct slice signatures,
                         struct update_decisions *decisions, struct error *err) MUST_CHECK;
/* After a new root: the same for every list that acts or waits. */
int update_revoke(struct update_work *work, struct error *err) MUST_CHECK;
/* PART/ID.zl.minisig of another part; without one there none is left here. */
int update_copy_signatures(const struct update_work *work, const char *from, const char *to,
                           struct slice id, struct error *err) MUST_CHECK;

/* --- update_list.c --- */
/* One list the head names; its bytes as they stand in the inbox. */
int update_take(struct update_work *work, const struct head_list *named, struct slice text,
                struct slice signatures, struct error *err) MUST_CHECK;

/* --- update_silence.c --- */
int update_tell_silence(struct update_work *work, struct error *err) MUST_CHECK;

/* --- update_trial.c --- */
int update_activate(struct update_work *work, const struct list *coming,
                    struct error *err) MUST_CHECK;
int update_look_at_trials(struct update_work *work, struct error *err) MUST_CHECK;
struct update_counts {
    int64_t messages, hits;
    int64_t by_reach[LIST_ACTION_HOLD + 1]; /* of hits: what the entry could have done */
};
/* Before a shadow run. */
int update_forget_hits(const struct update_work *work, struct slice id,
                       struct error *err) MUST_CHECK;
/* Of the list's shadow run; `messages` in all, whenever. */
int update_count_hits(const struct update_work *work, const struct list *list,
                      struct update_counts *counts_out, struct error *err) MUST_CHECK;
void update_write_change(const struct update_work *work, const struct update_change *change,
                         struct buffer *into);
void update_write_decision(const struct update_work *work, const struct update_parked *parked,
                           struct buffer *into);
/* What the trial has counted so far, and its slowest pattern. */
int update_write_trial_so_far(const struct update_work *work, const struct list *coming,
                              const struct update_trial *trial, struct buffer *into,
                              struct error *err) MUST_CHECK;

#endif
