/*
 * cursor: one line of a .zl file and a place in it. Private to the parser.
 * Every error names "file:line:column: "; a column counts characters from 1.
 */
#ifndef ZAGUAN_LISTS_FORMAT_CURSOR_H
#define ZAGUAN_LISTS_FORMAT_CURSOR_H

#include "lists/format/entry.h"

struct cursor {
    const char *name; /* of the file, for errors */
    struct slice line;
    int number;
    size_t at;
};

/* UTF-8 in NFC without control, invisible or bidi characters, not too long. */
int cursor_check_line(const struct cursor *c, struct error *err) MUST_CHECK;

struct place cursor_place(const struct cursor *c, size_t at);
/* ERROR_INPUT "name:line:column: ..."; always -1. */
int cursor_error(const struct cursor *c, size_t at, struct error *err, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* To the next word. True when there is none: the line ends, or a comment begins. */
bool cursor_at_end(struct cursor *c);
/* The comment at the cursor or the empty slice; the cursor goes to the end of the line. */
struct slice cursor_take_comment(struct cursor *c);
/* Up to the next space. */
struct slice cursor_take_word(struct cursor *c);
/* All up to the comment or the end, without blanks at its end. */
struct slice cursor_take_rest(struct cursor *c);
/* A quoted string, with its quotes; -1 when it does not end or there is none. */
int cursor_take_quoted(struct cursor *c, struct slice *written_out, struct error *err) MUST_CHECK;

/*
 * What stands between the quotes. Of a pattern: \" becomes ", all else stays, since the backslash
 * is the pattern's. Of a text: \" and \\ become " and \, any other backslash is an error: returns
 * its offset in *wrong_at_out and false. Without room: the empty slice.
 */
bool quoted_read(struct slice written, bool is_pattern, struct arena *arena, struct slice *text_out,
                 size_t *wrong_at_out);
/* The other way; with quotes. Empty slice: no room. */
struct slice quoted_write(struct slice text, bool is_pattern, struct arena *arena);

#endif
