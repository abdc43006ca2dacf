/*
 * commands: the verbs of reply mail. One row each, with its words in es, pt and en; words of every
 * language are always understood, accents and case never matter. What a verb does stands in its
 * do_*.c; docs/answers.md is checked against this table.
 *
 * A new verb is one row here, one do_*.c and its phrases.
 */
#ifndef ZAGUAN_REVIEW_COMMANDS_H
#define ZAGUAN_REVIEW_COMMANDS_H

#include "review/codes.h"
#include "review/conversation.h"

enum command_argument {
    ARGUMENT_NONE,  /* anything behind the verb: not understood */
    ARGUMENT_CODES, /* numbers of the digest */
    ARGUMENT_CODES_OR_NONE,
    ARGUMENT_TEXT /* the rest of the line, in plain_fold()'s form */
};

struct command_row {
    const char *name;         /* in docs and the log: "let-through" */
    const char *es, *pt, *en; /* alternatives with |, the first is the one that mails show */
    enum command_argument argument;
    unsigned states; /* 1 << enum store_member_state: when it may be said */
    command_do run;
    const char *help; /* PHRASE; NULL: not in the help mail */
};

extern const struct command_row command_rows[]; /* ends with a NULL name */

/* The first of the words of that language. Writes and returns text. */
#define COMMAND_WORD_BYTES 40
const char *command_word(const struct command_row *row, int language,
                         char text[COMMAND_WORD_BYTES]);
const struct command_row *command_find(const char *name);

struct command {
    const struct command_row *row;
    struct codes codes;
    struct slice text; /* ARGUMENT_TEXT; in the arena */
};

/* A line that plain_fold() wrote. 1 a command, 0 none of ours (nothing is done for it), -1. */
int command_read(struct slice folded, struct arena *arena, struct command *command_out,
                 struct error *err) MUST_CHECK;

#endif
