/*
 * header: the fields of a message as slices into its bytes (RFC 5322 section 2.2), tolerant of what
 * real mail holds: bare LF, no colon, white space before the colon, no body.
 */
#ifndef ZAGUAN_MAIL_HEADER_H
#define ZAGUAN_MAIL_HEADER_H

#include "common/base/arena.h"
#include "common/base/error.h"

struct header_field {
    struct slice name; /* without blanks before the colon */
    struct slice
        value; /* everything after the colon, folded as it stands, without the last line end */
    struct slice whole; /* name, colon, value, line end */
};

/* Takes the next field off *rest. True; false at the empty line, at a line that is no field, or at
 * the end: then *rest begins with the body (after the empty line). */
bool header_next(struct slice *rest, struct header_field *field_out);

/* The first field of that name at or after *rest; false when there is none. */
bool header_find(struct slice message, const char *name, struct header_field *field_out);
size_t header_count(struct slice message, const char *name);

/* Where the body begins. */
struct slice header_body(struct slice message);

/* The value on one line: line ends removed (RFC 5322 section 2.2.3), blanks at both ends removed.
 */
struct slice header_unfold(struct slice value, struct arena *arena);

/* header_unfold(), then RFC 2047 encoded words (also broken ones of real mail) as UTF-8; undeclared
 * 8-bit text is UTF-8 when it is valid, else windows-1252. Never fails but for lack of room. */
struct slice header_decode(struct slice value, struct arena *arena);

#endif
