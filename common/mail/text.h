/*
 * text: what a person would read in a message, as UTF-8, piece by piece (docs/architecture.md,
 * "Text that is matched"). Why no MIME library: docs/decisions/0010.
 *
 * Looks at From and Reply-To display names, Subject, every text part (charset to UTF-8, HTML as a
 * reader would see it), attachment names and nested messages. PGP and S/MIME content is left alone.
 * A message can never make this fail: what is beyond a limit or broken is named in `limits`, and
 * the rest is there. -1 only for lack of memory.
 */
#ifndef ZAGUAN_MAIL_TEXT_H
#define ZAGUAN_MAIL_TEXT_H

#include "common/base/arena.h"
#include "common/base/budget.h"
#include "common/base/error.h"

/* Also the `scope` of list entries, as bits. */
enum text_where {
    TEXT_SUBJECT = 1,
    TEXT_BODY = 2,
    TEXT_FROM_NAME = 4, /* From and Reply-To display names */
    TEXT_URL = 8,       /* link targets, as written */
    TEXT_ATTACHMENT_NAME = 16
};

struct text_piece {
    enum text_where where;
    struct slice text; /* UTF-8, valid; HTML rendered as seen */
    bool is_hidden; /* a reader would not see it: display:none, white on white, 0 px, comments no */
    const char *source; /* "text/plain", "text/html", "subject", ...: a literal, for explain */
};

struct text_set {
    struct text_piece *pieces;
    size_t count;
    const char *
        *limits; /* what was not read, "part 4: more than 1048576 bytes"; literals or arena */
    size_t limit_count;
};

int text_collect(struct slice message, struct budget budget, struct arena *arena,
                 struct text_set *set_out, struct error *err) MUST_CHECK;

const char *text_where_name(enum text_where where); /* "subject", "body", "from-name", "url", ... */

/* HTML bytes in UTF-8 to the text a reader sees (html.c); links are added to `urls` pieces. */
int text_from_html(struct slice html, struct arena *arena, struct text_set *set,
                   struct error *err) MUST_CHECK;

#endif
