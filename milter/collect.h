/*
 * collect: what a person would read in a message, and what stands on it for her digest and for the
 * rules. Only called when a recipient said yes. A message can never make it fail: what cannot be
 * read is named in texts.limits.
 */
#ifndef ZAGUAN_MILTER_COLLECT_H
#define ZAGUAN_MILTER_COLLECT_H

#include "common/mail/address.h"
#include "common/mail/text.h"

#define COLLECT_MOST_AUTHORS 4

struct letter {
    struct text_set texts;
    struct slice subject;                            /* decoded, UTF-8 */
    struct slice from_display, from_address;         /* of the first mailbox of From; as written */
    struct slice from_canonical;                     /* address_canonical() of it */
    struct slice more_authors[COLLECT_MOST_AUTHORS]; /* of further mailboxes and From fields, the
                                                        same */
    size_t more_author_count;
    struct slice reply_address; /* as written, of the first mailbox of Reply-To; empty: none */
    struct mailbox *replies;    /* of Reply-To */
    size_t reply_count;
    bool is_list;                                                        /* has a List-Id */
    bool is_automatic, is_transactional, is_login_code, is_confirmation; /* facts_read_message() */
};

/* `delimiter`: recipient_delimiter. -1: the arena has no more room; then *letter_out holds what was
 * read until then. */
int collect_letter(struct slice message, const char *delimiter, struct budget budget,
                   struct arena *arena, struct letter *letter_out, struct error *err) MUST_CHECK;

#endif
