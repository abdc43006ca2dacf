/*
 * hold: takes a message in for some of its recipients, durably.
 *
 * hold_message() returns 0 only when everything is written, synced and can be read back: then, and
 * only then, may Postfix be told that zaguan has taken the message. On -1 nothing of it is there
 * (or, after a crash between commit and answer, a retry counts an arrival and holds nothing twice).
 * Threads share one desk. Who comes while nobody writes commits at once, in its own thread; holds
 * that come meanwhile wait and share the next commit, so that one sync serves them all.
 *
 * Two copies for one member are one item. Memory: the message once more, sealed, until it is
 * written; a message larger than LIMIT_MESSAGE_BYTES is ERROR_LIMIT.
 */
#ifndef ZAGUAN_QUARANTINE_HOLD_H
#define ZAGUAN_QUARANTINE_HOLD_H

#include "quarantine/item.h"
#include "quarantine/keys.h"

enum hold_purpose {
    HOLD_FOR_MEMBER, /* waits for her answer */
    HOLD_SPLIT_TAG   /* her copy alone gets a field on top and is released at once */
};

struct hold_copy {
    int64_t member_id;
    struct slice recipient; /* as given in RCPT, without < > */
    enum hold_purpose purpose;
    struct slice tag_field; /* HOLD_SPLIT_TAG: "X-Zaguan: tag; ..." without line end */
    const struct item_reason *reasons;
    size_t reason_count;
    struct slice category;
    int severity;
    int64_t expires_at;
};

struct hold_request {
    struct slice message; /* the exact bytes, CRLF line ends as Postfix showed them */
    const struct item_sheet *sheet;
    const struct hold_copy *copies;
    size_t copy_count;
    int64_t now;
};

struct hold_desk;

/* Opens the database: what is wrong with it is said here and not at the first hold. */
int hold_open(const struct settings *settings, const struct keys *keys, struct hold_desk **desk_out,
              struct error *err) MUST_CHECK;
void hold_close(struct hold_desk *desk); /* when no hold is running; NULL is fine */
int hold_message(struct hold_desk *desk, const struct hold_request *request,
                 struct error *err) MUST_CHECK;

#endif
