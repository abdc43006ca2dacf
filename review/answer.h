/*
 * answer: one reply mail, from its bytes to its effects. In one transaction: the token says who
 * speaks, the verbs do their work, the receipt goes into the outbox, and the reply is remembered,
 * so that the same mail brought again by Postfix does nothing twice. Opens no network connection.
 */
#ifndef ZAGUAN_REVIEW_ANSWER_H
#define ZAGUAN_REVIEW_ANSWER_H

#include "common/base/settings.h"
#include "common/store/store.h"
#include "quarantine/keys.h"

struct answer_envelope {
    struct slice recipient; /* zaguan+TOKEN@domain */
    struct slice sender;    /* empty: null sender; NULL data: not told */
};

struct answer_result {
    const char *ending; /* for the log: "answered", "helped", "ignored" */
    const char *reason; /* of "ignored" and of no effect: "token", "auto-submitted", ... ; or "" */
    int commands;       /* carried out */
    int unknown;        /* lines that were not understood */
};

/*
 * 0 also for a mail that changes nothing: a person's reply is never refused. -1 when the work could
 * not be done now (database, disk, memory): nothing of it was done, and it must be tried again.
 */
int answer_mail(struct store *store, const struct keys *keys, const struct settings *settings,
                struct slice mail, const struct answer_envelope *envelope, int64_t now,
                struct answer_result *result_out, struct error *err) MUST_CHECK;

#endif
