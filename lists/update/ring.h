/*
 * ring: what the last 10,000 looked-at messages came from, as keyed digests, so that a new address,
 * domain, network or signer of a partner can be asked before it acts: how much of your mail would
 * it have met? One bounded file beside the database, written by zaguan-milter without a sync and
 * read by whoever decides about an update (docs/decisions/0021-ring.md).
 *
 * Of a message: digests of both senders, their domains, its network (/24 or /48), its signers; the
 * hour; and whether somebody it came for has written to its sender. No content, no recipient,
 * nothing that can be read back without digest.key and guessing; nothing older than ring_days:
 * digests are salted, a salt lives for half of that time twice over, and goes.
 */
#ifndef ZAGUAN_LISTS_UPDATE_RING_H
#define ZAGUAN_LISTS_UPDATE_RING_H

#include "common/base/keyed.h"
#include "common/base/settings.h"
#include "common/mail/auth.h"
#include "lists/format/entry.h"
#include <limits.h>

#define RING_RECORDS 10000

/* Beside the database. */
void ring_path(const struct settings *settings, char path[PATH_MAX]);

/* --- writing: one process, any thread --- */

struct ring;

struct ring_message {
    struct slice sender, from_address; /* canonical; empty: none */
    struct slice client_ip;
    const struct auth_answer *auth; /* NULL: nothing is proven */
    bool is_known;                  /* one of those it came for has written to its proven sender */
    int64_t now;
};

/* With ring_days 0 what is there is removed and *ring_out is NULL. A file that is damaged or of
 * another version begins anew; ERROR_TEMPORARY: another process writes it. */
int ring_open(const struct settings *settings, const unsigned char key[KEYED_KEY_BYTES],
              int64_t now, struct ring **ring_out, struct error *err) MUST_CHECK;
void ring_close(struct ring *ring); /* NULL is fine */
int ring_add(struct ring *ring, const struct ring_message *message, struct error *err) MUST_CHECK;
/* Forgets what has had its time; cheap when nothing has. */
int ring_forget(struct ring *ring, int64_t now, struct error *err) MUST_CHECK;

/* --- asking --- */

struct ring_view;

/* 1 with what is remembered, 0 nothing is (turned off, no file, no key), -1. In the arena. */
int ring_read(const struct settings *settings, const unsigned char key[KEYED_KEY_BYTES],
              int64_t now, struct arena *arena, struct ring_view **view_out,
              struct error *err) MUST_CHECK;
size_t ring_messages(const struct ring_view *view);

struct ring_count {
    size_t messages, known_messages, known_senders;
};

/* Whether the type is one of which the ring knows anything. */
bool ring_knows(const struct entry *entry);
/*
 * The messages that the entry would have met; of a network narrower than /24 or /48 at most so
 * many. `seen`, a byte for each message, is raised to `value` where it meets one; NULL: not wanted.
 */
struct ring_count ring_ask(const struct ring_view *view, const struct entry *entry,
                           unsigned char *seen, unsigned char value);
/* The same of all messages whose byte in `seen` is not 0. */
struct ring_count ring_count_seen(const struct ring_view *view, const unsigned char *seen);

#endif
