/*
 * message: what happens to a message, as a list of named steps (message.c is the table of
 * contents).
 *
 *   wishes -> (nobody said yes: only authenticate) -> collect -> match -> decide per recipient
 *          -> plan (apply.c)
 *
 * Takes plain data, gives a plan; without effect itself, so explain runs the same steps. Only
 * session.c carries the plan out: hold first, then headers, recipients, answer.
 */
#ifndef ZAGUAN_MILTER_MESSAGE_H
#define ZAGUAN_MILTER_MESSAGE_H

#include "common/mail/auth.h"
#include "lists/match.h"
#include "milter/envelope.h"
#include "policy/decide.h"
#include "policy/member.h"

/* One recipient and what was decided about her copy. */
struct message_recipient {
    struct slice path; /* as in the envelope */
    bool is_member_on;
    struct member member; /* when is_member_on */
    struct verdict verdict;
};

struct message_times {
    int64_t authenticate_microseconds, collect_microseconds, match_microseconds,
        decide_microseconds, total_microseconds;
};

struct message_result {
    struct auth_answer auth;
    bool is_scanned;   /* text was read and matched whole; false also when nobody asked */
    bool is_looked_at; /* at least one recipient said yes */
    struct text_set texts;
    struct hit_set hits;
    const char **limits;
    size_t limit_count;
    struct message_recipient *recipients;
    size_t recipient_count;
    struct message_times times;
};

#endif
