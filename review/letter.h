/*
 * letter: a plain mail from zaguan to one member: receipts, help, invitations. Adds the reply
 * address, a Message-ID and the language; says nothing by itself.
 */
#ifndef ZAGUAN_REVIEW_LETTER_H
#define ZAGUAN_REVIEW_LETTER_H

#include "common/base/buffer.h"
#include "common/base/settings.h"
#include <stdint.h>

struct letter {
    struct slice to;         /* bare address of the member, never a From that came in */
    const char *subject;     /* in her language, safe to be seen by others */
    const char *token;       /* of the reply address; "": no answer is awaited */
    const char *in_reply_to; /* with < >; NULL: none */
    const char *auto_submitted;
    int language;
    struct slice text;
};

int letter_compose(const struct letter *letter, const struct settings *settings, int64_t now,
                   struct buffer *mail, struct error *err) MUST_CHECK;

#endif
