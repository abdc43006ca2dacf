/*
 * store_mail: the conversation: tokens, digests and the outbox. Owner of these tables: review/.
 * Tokens are stored as digests; mails that wait to be sent are sealed to the review key.
 */
#ifndef ZAGUAN_STORE_STORE_MAIL_H
#define ZAGUAN_STORE_STORE_MAIL_H

#include "common/base/keyed.h"
#include "common/store/store.h"

enum store_token_use {
    STORE_TOKEN_INVITATION = 1,
    STORE_TOKEN_DIGEST = 2,
    STORE_TOKEN_CONFIRM = 3,
    STORE_TOKEN_ANSWERED = 4 /* a reply that was carried out: digest of token and mail, no text */
};

struct store_token {
    unsigned char digest[KEYED_DIGEST_BYTES];
    int64_t member_id;
    enum store_token_use use;
    int64_t digest_id; /* 0: none */
    int64_t created_at, expires_at;
    struct slice question; /* STORE_TOKEN_CONFIRM: what a "yes" would do; in the arena */
};
int store_token_put(struct store *store, const struct store_token *token,
                    struct error *err) MUST_CHECK;
int store_token_find(struct store *store, const unsigned char digest[KEYED_DIGEST_BYTES],
                     struct arena *arena, struct store_token *token_out,
                     struct error *err) MUST_CHECK; /* 1/0/-1; expired ones are found too */
int store_token_remove_expired(struct store *store, int64_t now, struct error *err) MUST_CHECK;
int store_token_remove(struct store *store, const unsigned char digest[KEYED_DIGEST_BYTES],
                       struct error *err) MUST_CHECK; /* 1/0/-1 */

/* A digest mail and its short codes 1..count. */
int store_digest_put(struct store *store, int64_t member_id, int64_t created_at,
                     const int64_t *item_ids, size_t count, int64_t *digest_id_out,
                     struct error *err) MUST_CHECK;
/* 1 with the item of that code, 0 no such code. */
int store_digest_item(struct store *store, int64_t digest_id, int64_t code, int64_t *item_id_out,
                      struct error *err) MUST_CHECK;
int store_digest_size(struct store *store, int64_t digest_id, int64_t *count_out,
                      struct error *err) MUST_CHECK;
/* A code that stands for several items at once, a lane: `item_ids` with the one that
 * store_digest_put() was given for it. Inside the transaction of the digest. */
int store_digest_lane_put(struct store *store, int64_t digest_id, int64_t code,
                          const int64_t *item_ids, size_t count, struct error *err) MUST_CHECK;
/* Those of them that are still there; none when the code is no lane. */
int store_digest_lane(struct store *store, int64_t digest_id, int64_t code, struct arena *arena,
                      int64_t **item_ids_out, size_t *count_out, struct error *err) MUST_CHECK;
/* 1 with the first code of the digest that is a lane, 0 none. */
int store_digest_lane_code(struct store *store, int64_t digest_id, int64_t *code_out,
                           struct error *err) MUST_CHECK;
/* Accepted for delivery: counts it for its items and sets the member's last_digest_at. Once. */
int store_digest_accepted(struct store *store, int64_t digest_id, int64_t now,
                          struct error *err) MUST_CHECK;

/* How far an item has been revealed to her beyond the digest's level ("see 1" goes one step more).
 */
int store_reveal_get(struct store *store, int64_t item_id, int *level_out,
                     struct error *err) MUST_CHECK;
int store_reveal_put(struct store *store, int64_t item_id, int level, struct error *err) MUST_CHECK;

/* What an "undo" takes back: her last deletion(s) are the items DELETED with the same batch. */

struct store_outgoing {
    int64_t id, member_id;    /* 0: to the admin */
    struct slice kind;        /* "digest", "receipt", "invitation", ... */
    struct slice sealed_mail; /* recipient address, NUL, whole mail: sealed to the review key */
    int64_t digest_id;        /* 0: none */
    int64_t created_at, next_try_at, try_count;
};
int store_outbox_put(struct store *store, struct store_outgoing *mail,
                     struct error *err) MUST_CHECK;
int store_outbox_list(struct store *store, int64_t now, struct arena *arena,
                      struct store_outgoing **mails_out, size_t *count_out, struct error *err)
    MUST_CHECK; /* those due; sealed_mail only by store_outbox_read() */
int store_outbox_read(struct store *store, int64_t id, struct arena *arena,
                      struct slice *sealed_mail_out, struct error *err) MUST_CHECK; /* 1/0/-1 */
int store_outbox_done(struct store *store, int64_t id, struct error *err) MUST_CHECK;
int store_outbox_postpone(struct store *store, int64_t id, int64_t next_try_at,
                          struct error *err) MUST_CHECK;

#endif
