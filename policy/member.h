/*
 * member: a person who was invited, her state, her consent and her wishes. The only writer of the
 * member tables. Who is not `on` is never decided about, and her mail is not looked at.
 */
#ifndef ZAGUAN_POLICY_MEMBER_H
#define ZAGUAN_POLICY_MEMBER_H

#include "common/base/settings.h"
#include "common/store/store_member.h"
#include "policy/wishes.h"

struct member {
    struct store_member row;
    struct wishes wishes;
};

/* `recipient`: an envelope recipient or an address as typed; tag and case do not matter.
 * 1 found, 0 unasked, -1. */
int member_find(struct store *store, const struct settings *settings, struct slice recipient,
                struct arena *arena, struct member *member_out, struct error *err) MUST_CHECK;
int member_get(struct store *store, int64_t id, struct arena *arena, struct member *member_out,
               struct error *err) MUST_CHECK;
bool member_is_on(const struct member *member);

/* Unasked, invited or off -> invited; the row alone, no mail. ERROR_INPUT when she is on already,
 * or the address is none. */
int member_invite(struct store *store, const struct settings *settings, struct slice address,
                  int language, int64_t now, struct member *member_out, struct arena *arena,
                  struct error *err) MUST_CHECK;
/* -> on, with how she said yes ("by reply", or the admin's note of a consent given in person). */
int member_consent(struct store *store, struct member *member, struct slice note, int64_t now,
                   struct error *err) MUST_CHECK;
int member_stop(struct store *store, struct member *member, int64_t now,
                struct error *err) MUST_CHECK;
int member_forget(struct store *store, struct member *member, struct error *err) MUST_CHECK;
/* wishes_set(), and it stays so. */
int member_set(struct store *store, struct member *member, struct slice name, struct slice value,
               struct error *err) MUST_CHECK;

#endif
