/*
 * reply: one mail to zaguan+TOKEN@domain, read. Says whether a person wrote it, finds the text part
 * (HTML alone is fine, and so are base64, 8-bit and broken MIME), cuts what she only quoted, and
 * gives the lines that are hers. Changes nothing and asks nobody.
 */
#ifndef ZAGUAN_REVIEW_REPLY_H
#define ZAGUAN_REVIEW_REPLY_H

#include "common/base/arena.h"
#include "common/base/settings.h"

struct reply {
    const char *automatic;  /* why no person wrote it ("auto-submitted", ...); NULL: one did */
    struct slice own;       /* her lines, UTF-8, LF */
    bool has_text_below;    /* she wrote below the quote */
    const char *message_id; /* "<...>", or NULL when there is none that can be written back */
    struct slice body;      /* as it came */
};

/* `envelope_sender`: empty for the null sender, NULL data when Postfix did not say. */
int reply_read(struct slice mail, struct slice envelope_sender, const struct settings *settings,
               struct arena *arena, struct reply *reply_out, struct error *err) MUST_CHECK;

#endif
