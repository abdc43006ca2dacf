/*
 * judge: the facts of one message for each recipient who said yes, and the verdict on her copy.
 */
#ifndef ZAGUAN_MILTER_JUDGE_H
#define ZAGUAN_MILTER_JUDGE_H

#include "milter/message.h"

/* Sets recipients[].verdict. -1: her rules or correspondents cannot be read, or no room. */
int judge_recipients(const struct message_tools *tools, const struct envelope *envelope,
                     struct arena *arena, struct message_result *result,
                     struct error *err) MUST_CHECK;

/* The envelope sender, canonical; empty for the null sender or what is no address. */
struct slice judge_canonical_sender(const struct envelope *envelope, const char *delimiter,
                                    struct arena *arena);

#endif
