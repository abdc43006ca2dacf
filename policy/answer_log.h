/*
 * answer_log: the answers that cost somebody something (deferred, refused), in the log. One line
 * each, up to ANSWER_LOG_LINES of one rule about one recipient in ANSWER_LOG_SECONDS; what goes
 * beyond is counted, and a line says how many there were when that time is over. So a flood does
 * not flood the log, and every answer is in it. Postfix logs each with its envelope all the same.
 *
 * Bounded: of more than ANSWER_LOG_ROWS at a time the rest is counted together, "recipient=others".
 * Safe for threads; nobody waits while a line is written.
 */
#ifndef ZAGUAN_POLICY_ANSWER_LOG_H
#define ZAGUAN_POLICY_ANSWER_LOG_H

#include "policy/answer.h"
#include <stdint.h>

#define ANSWER_LOG_LINES 10
#define ANSWER_LOG_SECONDS 60
#define ANSWER_LOG_ROWS 64

struct answer_log;

struct answer_log *answer_log_new(void);      /* NULL: no memory */
void answer_log_free(struct answer_log *log); /* says what is not said yet. NULL is fine */
/* DUNNO and PREPEND are no line. */
void answer_log_say(struct answer_log *log, const struct answer *answer, struct slice sender,
                    struct slice recipient, int64_t now);
/* Says what is due. Called with every question: costs one look when nothing is. */
void answer_log_round(struct answer_log *log, int64_t now);

#endif
