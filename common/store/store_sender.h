/*
 * store_sender: whom a member wrote to, and senders she or the admin let through or blocked.
 * Keyed digests (keyed.h) only, plus a label sealed to the review key so that she can be shown what
 * she blocked. Owner of these tables: policy/contact.c and policy/sender.c.
 */
#ifndef ZAGUAN_STORE_STORE_SENDER_H
#define ZAGUAN_STORE_STORE_SENDER_H

#include "common/base/keyed.h"
#include "common/store/store.h"

/* member_id of the server's own rules */
#define STORE_SERVER 0

enum store_sender_rule { STORE_SENDER_NONE, STORE_SENDER_ALLOW, STORE_SENDER_BLOCK };

struct store_sender {
    int64_t member_id; /* or STORE_SERVER */
    unsigned char digest[KEYED_DIGEST_BYTES];
    enum store_sender_rule rule;
    int64_t created_at;
    struct slice sealed_label; /* in the arena */
};

int store_sender_put(struct store *store, const struct store_sender *sender,
                     struct error *err) MUST_CHECK;
/* 1 a row was removed, 0 there was none. */
int store_sender_remove(struct store *store, int64_t member_id,
                        const unsigned char digest[KEYED_DIGEST_BYTES],
                        struct error *err) MUST_CHECK;
/* 1 found with *rule_out, 0 not. */
int store_sender_find(struct store *store, int64_t member_id,
                      const unsigned char digest[KEYED_DIGEST_BYTES],
                      enum store_sender_rule *rule_out, struct error *err) MUST_CHECK;
int store_sender_list(struct store *store, int64_t member_id, struct arena *arena,
                      struct store_sender **senders_out, size_t *count_out,
                      struct error *err) MUST_CHECK;

int store_sender_count(struct store *store, int64_t member_id, int64_t *count_out,
                       struct error *err) MUST_CHECK;

int store_contact_put(struct store *store, int64_t member_id,
                      const unsigned char digest[KEYED_DIGEST_BYTES], int64_t written_at,
                      struct error *err) MUST_CHECK;
/* 1 she has written to it, with the last time; 0 not. */
int store_contact_find(struct store *store, int64_t member_id,
                       const unsigned char digest[KEYED_DIGEST_BYTES], int64_t *written_at_out,
                       struct error *err) MUST_CHECK;
int store_contact_count(struct store *store, int64_t member_id, int64_t *count_out,
                        struct error *err) MUST_CHECK;
int store_contact_forget(struct store *store, int64_t member_id, struct error *err) MUST_CHECK;
/* Those not written to since `before`. */
int store_contact_age(struct store *store, int64_t before, struct error *err) MUST_CHECK;

#endif
