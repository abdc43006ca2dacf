/*
 * answer: what zaguan-policy says to Postfix about one recipient. Four words and no more
 * (access(5)); what Postfix shows to a sender always has an enhanced status code (RFC 3463) and a
 * text that tells a person what to do.
 *
 * A refusal that lacks either, or whose code is of the wrong class, is not said: it becomes DUNNO.
 */
#ifndef ZAGUAN_POLICY_ANSWER_H
#define ZAGUAN_POLICY_ANSWER_H

#include "common/base/buffer.h"

enum answer_action { ANSWER_DUNNO, ANSWER_PREPEND, ANSWER_DEFER_IF_PERMIT, ANSWER_REJECT };

#define ANSWER_TEXT_BYTES 900 /* an SMTP reply line has 512; a field line 998 */
#define ANSWER_BYTES (ANSWER_TEXT_BYTES + 64)

struct answer {
    enum answer_action action;
    char code[12];                /* "4.7.1", "5.7.1"; PREPEND has none */
    char text[ANSWER_TEXT_BYTES]; /* for PREPEND the whole field */
    const char *rule;             /* which rule said it; for the log */
};

void answer_dunno(struct answer *answer);
/* `field`: "Name: value" on one line. */
void answer_prepend(struct answer *answer, const char *rule, struct slice field);
void answer_defer(struct answer *answer, const char *rule, const char *code, struct slice text);
void answer_reject(struct answer *answer, const char *rule, const char *code, struct slice text);

const char *answer_action_name(enum answer_action action);
/* "action=...\n\n". Bytes that could end the line or are no printable ASCII become '?'. */
void answer_write(const struct answer *answer, struct buffer *into);

#endif
