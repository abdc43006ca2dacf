/*
 * correspondents: whom members write to, on its way from the submission listener to the table of
 * contacts: keyed digests at once (no address is kept), written in batches by a thread of its own,
 * so that no mail waits for the disk. What was noted in the last second is lost when the process is
 * killed; the next mail to the same person notes it again.
 *
 * Written only for members who are on and whose wish `correspondents` is on at the moment of
 * writing, in the same transaction that reads the wish: who said off is forgotten for good.
 */
#ifndef ZAGUAN_POLICY_CORRESPONDENTS_H
#define ZAGUAN_POLICY_CORRESPONDENTS_H

#include "common/base/settings.h"
#include "policy/contact.h"

struct correspondents;

/* `settings` and `keys` outlive it. Opens no database yet. */
int correspondents_open(const struct settings *settings, const struct keys *keys,
                        struct correspondents **out, struct error *err) MUST_CHECK;
/* Writes what is left. NULL is fine. */
void correspondents_close(struct correspondents *correspondents);
/* Never waits. When the queue is full, because the database is away, it is not noted. */
void correspondents_note(struct correspondents *correspondents, int64_t member_id,
                         struct slice canonical_address, int64_t now);

#endif
