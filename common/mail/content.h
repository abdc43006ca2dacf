/*
 * content: Content-Type and Content-Disposition (RFC 2045 section 5, RFC 2183) with their
 * parameters (RFC 2231: continuations, charsets), as real mail writes them. Private to text.
 */
#ifndef ZAGUAN_MAIL_CONTENT_H
#define ZAGUAN_MAIL_CONTENT_H

#include "common/base/arena.h"

enum { CONTENT_PARAMETERS = 64, CONTENT_WORD_BYTES = 48 };

struct content_parameter {
    struct slice name, value; /* value without quotes */
};

struct content {
    char word[CONTENT_WORD_BYTES]; /* "text/plain", "attachment": lower case, cut; "" none */
    struct content_parameter parameters[CONTENT_PARAMETERS];
    size_t count;
};

/* Reads a whole field value; what is not understood is left out. */
void content_read(struct slice value, struct arena *arena, struct content *content_out);

/* The first parameter of that name as it stands; empty: none. */
struct slice content_raw(const struct content *content, const char *name);

/* The parameter by RFC 2231 alone ("name*=", "name*0=" ...) as UTF-8; empty: none. */
struct slice content_extended(const struct content *content, const char *name, struct arena *arena);

#endif
