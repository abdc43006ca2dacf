/*
 * message: what happens to a message, as a list of named steps (message.c is the table of
 * contents).
 *
 *   wishes -> authenticate -> (nobody said yes: no further) collect -> match -> decide
 *
 * Takes plain data, gives a result; without effect itself, so explain runs the same steps. What the
 * result leads to is planned by apply.c; only session.c carries the plan out: hold first, then
 * headers, recipients, answer.
 *
 * Two ways in: message_run() for bytes that are there whole; or, as the milter gets them, begin,
 * then field..., end_of_header, body..., finish.
 */
#ifndef ZAGUAN_MILTER_MESSAGE_H
#define ZAGUAN_MILTER_MESSAGE_H

#include "common/mail/auth.h"
#include "lists/match/match.h"
#include "milter/collect.h"
#include "milter/envelope.h"
#include "policy/decide.h"
#include "policy/household.h"
#include "policy/member.h"
#include "quarantine/keys.h"

/* What the steps work with; nothing of it is theirs. */
struct message_tools {
    const struct settings *settings;
    struct dns *dns;               /* NULL: every lookup is a temporary error */
    struct store *store;           /* NULL: `wishes` are those of every recipient */
    const struct wishes *wishes;   /* only without a store */
    const struct keys *keys;       /* only with a store */
    const struct matcher *matcher; /* NULL: no list could be read, so nothing is scanned */
    bool is_burst;       /* as if very many of its kind came at once; then `lanes` is not asked */
    struct lanes *lanes; /* counts bursts; NULL: nothing is one */
    const struct household *household; /* NULL: nobody can be pretended to be */
    int64_t now;
};

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
    bool is_looked_at; /* at least one recipient said yes */
    bool is_whole;     /* all bytes were there */
    bool is_scanned;   /* text was read and matched whole; false also when nobody asked */
    struct letter letter;
    struct hit_set hits;
    bool is_from_known; /* a member it is for has written to its proven sender */
    const char **limits;
    size_t limit_count;
    struct message_recipient *recipients;
    size_t recipient_count;
    struct message_times times;
};

struct message; /* lives in the arena; message_drop() gives back what is not memory */

/*
 * `arena` holds envelope and result; `scan_arena` texts and hits: when a message needs more than
 * that one's budget it is unscanned, and the decision is made all the same.
 * -1: the members' wishes cannot be read (then nothing may be decided), or no room.
 */
int message_begin(const struct message_tools *tools, const struct envelope *envelope,
                  struct arena *arena, struct arena *scan_arena, struct message **message_out,
                  struct error *err) MUST_CHECK;
bool message_is_looked_at(const struct message *message);
/* A whole field without its last line end; then body in any pieces; CRLF line ends. */
void message_field(struct message *message, struct slice field);
void message_end_of_header(struct message *message);
void message_body(struct message *message, struct slice piece);
/* `whole`: the captured bytes when message_is_looked_at(); `is_whole` false: more than can be
 * kept. The result is in the arena and points into `whole`. */
int message_finish(struct message *message, const struct message_tools *tools, struct slice whole,
                   bool is_whole, struct message_result **result_out, struct error *err) MUST_CHECK;
void message_drop(struct message *message); /* NULL is fine; also in the middle */

/* All of it. `whole` may have LF or CRLF line ends; as above, the result points into it. */
int message_run(const struct message_tools *tools, const struct envelope *envelope,
                struct slice whole, struct arena *arena, struct arena *scan_arena,
                struct message_result **result_out, struct error *err) MUST_CHECK;

#endif
