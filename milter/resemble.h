/*
 * resemble: asks for each member whether the mail is like one of a sender she blocked. The mail is
 * read for it once, and only when there is a member who blocked somebody: for all others it costs
 * one look into an index.
 */
#ifndef ZAGUAN_MILTER_RESEMBLE_H
#define ZAGUAN_MILTER_RESEMBLE_H

#include "milter/message.h"
#include "policy/likeness.h"

struct resemble {
    const struct message_tools *tools;
    const struct envelope *envelope;
    const struct message_result *result;
    struct arena *arena;
    struct likeness *likeness; /* NULL: nobody asked so far */
};

/* Sets facts->resembles; the other facts about the sender are there already. -1: what she blocked
 * cannot be read, or no memory. */
int resemble_ask(struct resemble *resemble, int64_t member_id, struct facts *facts,
                 struct error *err) MUST_CHECK;
void resemble_end(struct resemble *resemble);

#endif
