/* alarm: mails to the admin about what the policy daemon saw and a person should look at. Queued
 * sealed, sent by zaguan-review. */
#ifndef ZAGUAN_POLICY_ALARM_H
#define ZAGUAN_POLICY_ALARM_H

#include "policy/outgoing.h"

/* The account is the admin's to know: it is the only name in the mail. */
int alarm_brake(struct store *store, const struct keys *keys, const struct settings *settings,
                struct slice account, int64_t now, struct error *err) MUST_CHECK;

#endif
