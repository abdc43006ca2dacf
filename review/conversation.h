/*
 * conversation: the room in which the verbs of one reply mail work: who speaks, about which digest,
 * and the receipt that is being written. Everything a verb does happens inside one transaction with
 * that receipt; a verb that returns -1 undoes the whole reply, and Postfix brings it again.
 */
#ifndef ZAGUAN_REVIEW_CONVERSATION_H
#define ZAGUAN_REVIEW_CONVERSATION_H

#include "common/base/settings.h"
#include "common/store/store_mail.h"
#include "policy/member.h"
#include "quarantine/find.h"
#include "review/phrases.h"
#include "review/receipt.h"
#include "review/token.h"

struct conversation {
    struct store *store;
    const struct keys *keys;
    const struct settings *settings;
    struct arena *arena;
    int64_t now;
    struct store_token token;
    int64_t digest_size; /* codes 1..digest_size; 0: no digest */
    struct member member;
    struct receipt *receipt;
    bool is_forgotten; /* nothing about her is left: the receipt goes out without a row of hers */
};

struct command;
typedef int command_do_function(struct conversation *talk, const struct command *command,
                                struct error *err);
typedef command_do_function *command_do;

/* phrase() in her language. */
const char *conversation_say(const struct conversation *talk, const char *english)
    __attribute__((format_arg(2)));

/*
 * For verbs about items: does `act` for each code of the command that is in the digest and hers,
 * and writes one receipt line per outcome: "PHRASE: 1, 3-5." Codes that are not there are named.
 * `act` sets *outcome_out to a row of `outcomes`.
 */
struct conversation_item {
    int64_t code;
    struct store_item item;
};
typedef int conversation_act(struct conversation *talk, const struct conversation_item *item,
                             size_t *outcome_out, struct error *err);
struct outcome {
    const char *english; /* PHRASE, without the numbers */
    const char *after;   /* PHRASE with how to undo, or what comes next; NULL: nothing */
};
#define CONVERSATION_MOST_OUTCOMES 8
int conversation_each_item(struct conversation *talk, const struct command *command,
                           conversation_act *act, const struct outcome *outcomes,
                           size_t outcome_count, struct error *err) MUST_CHECK;

/* A line of her own log: who = "member", what = "released", ...; item 0: none. */
int conversation_log(struct conversation *talk, int64_t item_id, const char *action,
                     struct error *err) MUST_CHECK;

/* From now on the receipt's reply address asks `question`; a "yes" to it answers. */
int conversation_ask(struct conversation *talk, const char *question, int64_t digest_id,
                     int64_t expires_at, struct error *err) MUST_CHECK;

#endif
