/*
 * learn: the name on top of a mail that a member handed in by her own login (policy/member_name.h).
 * Only her own From field is read for it, whoever the recipients are; and only where people log in
 * at a listener that asks this milter.
 */
#ifndef ZAGUAN_MILTER_LEARN_H
#define ZAGUAN_MILTER_LEARN_H

#include "milter/envelope.h"
#include "policy/member_name.h"

/* 0 also when there was nothing to learn. */
int learn_name(struct store *store, const struct keys *keys, const struct settings *settings,
               const struct envelope *envelope, struct slice from, struct arena *arena,
               struct error *err) MUST_CHECK;

#endif
