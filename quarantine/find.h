/*
 * find: held items with what is written on their sheets. Needs the secret key for everything
 * sealed.
 */
#ifndef ZAGUAN_QUARANTINE_FIND_H
#define ZAGUAN_QUARANTINE_FIND_H

#include "quarantine/item.h"
#include "quarantine/keys.h"

struct found_item {
    struct store_item item;
    struct item_sheet sheet;
    struct slice recipient; /* as given in RCPT */
    struct slice tag_field; /* of a split copy */
    const struct item_reason *reasons;
    size_t reason_count;
    int64_t arrived_at;
};

/* Metadata alone: store_item_list(). */
/* 1 found, 0 no such item, -1. */
int find_item(struct store *store, const struct keys *keys, int64_t item_id, struct arena *arena,
              struct found_item *found_out, struct error *err) MUST_CHECK;
/* The exact bytes, appended to `message`; verified against the digest taken at arrival. */
int find_message(struct store *store, const struct keys *keys, int64_t message_id,
                 struct buffer *message, struct error *err) MUST_CHECK;

#endif
