/*
 * store_item: held messages and the items of members. A message is stored once, sealed; an item is
 * one member's claim on it. In clear stand only ids, times, states, category and size.
 * Owner of these tables: quarantine/.
 *
 *   held -> releasing -> released          (the message goes when its last item is done)
 *   held -> deleted -> (undo) held
 *   held -> expired     deleted -> gone after the undo window
 *   releasing -> refused -> releasing      (asked again, after what was wrong is mended)
 */
#ifndef ZAGUAN_STORE_STORE_ITEM_H
#define ZAGUAN_STORE_STORE_ITEM_H

#include "common/base/keyed.h"
#include "common/store/store.h"

enum store_item_state {
    STORE_ITEM_HELD = 1,
    STORE_ITEM_RELEASING = 2, /* asked for; zaguan-review sends it and nobody else */
    STORE_ITEM_RELEASED = 3,
    STORE_ITEM_DELETED = 4, /* until undo_until */
    STORE_ITEM_EXPIRED = 5,
    STORE_ITEM_REFUSED = 6 /* release was refused for good (5xx): still there, the member is told */
};

struct store_message {
    int64_t id;
    unsigned char identity[KEYED_DIGEST_BYTES]; /* keyed digest over sender and bytes; two messages
                                                   may have the same: each arrival that brought a
                                                   new item has its own key and sheet */
    struct slice sealed_key;                    /* crypto_box_seal of the message key */
    struct slice sealed_sheet;                  /* what a digest may show, under the message key */
    int64_t size_bytes, arrived_at;
};

struct store_item {
    int64_t id, member_id, message_id;
    enum store_item_state state;
    bool is_pinned;
    bool is_split;         /* a tagged copy on its way, never shown as held */
    bool wants_tag;        /* released at expiry: gets a field made of its reasons */
    struct slice category; /* closed vocabulary, "shield", "blocked" */
    int severity;
    int64_t size_bytes, held_at, expires_at, changed_at, undo_until;
    int64_t arrivals;               /* how often the same bytes came while held */
    int64_t digest_count;           /* digests accepted for delivery in which it stood */
    struct slice sealed_reasons;    /* under the message key: recipient as given, reasons */
    int64_t try_count, next_try_at; /* of the release */
};

/* Stores a message with its sealed body (chunks of any size), returns its id. Inside a transaction.
 */
int store_message_put(struct store *store, struct store_message *message, struct slice sealed_body,
                      struct error *err) MUST_CHECK;
int store_message_get(struct store *store, int64_t message_id, struct arena *arena,
                      struct store_message *message_out, struct error *err) MUST_CHECK; /* 1/0/-1 */
int store_message_read_body(struct store *store, int64_t message_id, struct arena *arena,
                            struct slice *sealed_body_out, struct error *err) MUST_CHECK;

/* 1 the stored body is this one, read back from the file that stands at the database's path; 0 it
 * is not; outside a transaction. What a hold asks before it answers Postfix. */
int store_message_check(struct store *store, int64_t message_id, struct slice sealed_body,
                        struct error *err) MUST_CHECK;
/* Removes a message that has no item (all its copies were repetitions); 1/0/-1. */
int store_message_remove_unclaimed(struct store *store, int64_t message_id,
                                   struct error *err) MUST_CHECK;

/* A split copy is on its way before the sender's server has its answer: if the milter dies between,
 * the retry comes when the copy is out already. Queues of other servers try again within hours. */
#define STORE_SPLIT_RETRY_SECONDS (6 * 60 * 60)

/* If an item of hers with the same identity is held or on its way, or was a split copy released a
 * short while ago and this is one too: counts its arrival and gives its id (*is_new false). Sets
 * item->id; item->state is the first state, held or releasing. */
int store_item_put(struct store *store, struct store_item *item, bool *is_new_out,
                   struct error *err) MUST_CHECK;
int store_item_get(struct store *store, int64_t item_id, struct arena *arena,
                   struct store_item *item_out, struct error *err) MUST_CHECK; /* 1/0/-1 */

struct store_item_filter {
    int64_t member_id; /* 0: all */
    unsigned states;   /* bits 1 << enum store_item_state; 0: all */
    int64_t held_since, held_before, expires_before, next_try_before; /* 0: any */
    bool only_pinned, only_unpinned, without_split;
    int64_t digests_at_least;
    int64_t limit; /* 0: none */
};
/* Oldest first. */
int store_item_list(struct store *store, const struct store_item_filter *filter,
                    struct arena *arena, struct store_item **items_out, size_t *count_out,
                    struct error *err) MUST_CHECK;

#define STORE_ITEM_BIT(state) (1u << (state))

/* From one of `from_states` (bits) to `to`, atomically: 1 done, 0 it was in another state. To
 * releasing: due now, no tries yet. To refused: shown as held, also when it was split. To expired:
 * not a pinned one. */
int store_item_move(struct store *store, int64_t item_id, unsigned from_states,
                    enum store_item_state to, int64_t now, int64_t undo_until,
                    struct error *err) MUST_CHECK;
int store_item_pin(struct store *store, int64_t item_id, bool is_pinned,
                   struct error *err) MUST_CHECK; /* 1/0/-1 */
/* held or refused, and not pinned -> releasing, with wants_tag: 1/0/-1. */
int store_item_deliver_tagged(struct store *store, int64_t item_id, int64_t now,
                              struct error *err) MUST_CHECK;
/* Never earlier than it was: 1/0/-1. */
int store_item_extend(struct store *store, int64_t item_id, int64_t expires_at,
                      struct error *err) MUST_CHECK;
/* All she holds counts as told in at least so many digests. */
int store_item_told(struct store *store, int64_t member_id, int64_t digests,
                    struct error *err) MUST_CHECK;
int store_item_postpone(struct store *store, int64_t item_id, int64_t next_try_at,
                        struct error *err) MUST_CHECK; /* a failed try: counts it */
/* Removes deleted and expired items past undo_until, released ones not changed since
 * `released_before`, and with its last item the message: its key is gone (secure_delete, and the
 * write-ahead log is emptied). */
int store_item_sweep(struct store *store, int64_t now, int64_t released_before, int64_t *gone_out,
                     struct error *err) MUST_CHECK;

/* Counts by list entry. */
enum store_entry_event {
    STORE_ENTRY_HIT,
    STORE_ENTRY_HELD,
    STORE_ENTRY_RELEASED,
    STORE_ENTRY_WRONG
};
int store_entry_count(struct store *store, struct slice list, struct slice entry,
                      enum store_entry_event event, struct error *err) MUST_CHECK;
/* All counts of the list begin anew. */
int store_entry_forget(struct store *store, struct slice list, struct error *err) MUST_CHECK;
struct store_entry_counts {
    struct slice list, entry;
    int64_t hits, held, released, wrong;
};
int store_entry_list(struct store *store, struct arena *arena, struct store_entry_counts **rows_out,
                     size_t *count_out, struct error *err) MUST_CHECK;

#endif
