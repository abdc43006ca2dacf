/*
 * text_walk: the parts of a message, cut at their boundaries (RFC 2046 section 5). Slices into the
 * bytes, no copies. Private to text.
 */
#ifndef ZAGUAN_MAIL_TEXT_WALK_H
#define ZAGUAN_MAIL_TEXT_WALK_H

#include "common/mail/content.h"
#include "common/mail/text_set.h"

struct text_walk {
    struct text_set *set;
    struct arena *arena;
    struct budget budget;
    size_t part_count;
    size_t text_bytes; /* decoded so far */
    bool is_over;      /* a limit of the whole message was reached: nothing more is read */
};

enum text_encoding { ENCODING_NONE, ENCODING_BASE64, ENCODING_QUOTED };

struct text_part {
    struct content type;        /* type.word never "": RFC 2045 section 5.2 defaults */
    struct content disposition; /* word "" when there is none */
    enum text_encoding encoding;
    struct slice body;
    size_t number; /* from 1, in the order of the message */
};

/* Of a multipart body. */
struct text_boundary {
    struct slice rest;
    struct slice boundary;
    bool is_open; /* rest begins inside a part */
};

/* A boundary that the parameter names or, where there is none, that the body shows. False: the body
 * is not divided. */
bool text_boundary_begin(struct slice body, struct slice boundary, struct text_boundary *walk_out);
bool text_boundary_next(struct text_boundary *walk, struct slice *part_out);

/* Reads a part and all inside of it. -1 only for lack of room. */
int text_walk_part(struct text_walk *walk, struct slice part, bool is_in_digest, size_t depth,
                   struct error *err) MUST_CHECK;
/* The fields of a whole message (also a nested one) that are shown, then its parts. */
int text_walk_message(struct text_walk *walk, struct slice message, size_t depth,
                      struct error *err) MUST_CHECK;

/* A part that is no container: its text, if it has one that people read. */
int text_read_leaf(struct text_walk *walk, const struct text_part *part,
                   struct error *err) MUST_CHECK;
/* Transfer encoding undone, of at most max_bytes. *is_cut_out: there was more. data NULL: no room.
 */
struct slice text_decode_body(const struct text_part *part, size_t max_bytes, struct arena *arena,
                              bool *is_cut_out);

/* "part N: WORDS" into limits. */
int text_walk_limit(struct text_walk *walk, size_t number, const char *words,
                    struct error *err) MUST_CHECK;
int text_walk_add(struct text_walk *walk, enum text_where where, struct slice text,
                  const char *source, struct error *err) MUST_CHECK;

#endif
