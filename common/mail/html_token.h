/*
 * html_token: tags and text of an HTML document, by the tokenizer of the HTML standard (section
 * 13.2.5) as far as text needs it. Slices into the document, no memory, linear time; every byte
 * string is a document. Private to text_from_html().
 */
#ifndef ZAGUAN_MAIL_HTML_TOKEN_H
#define ZAGUAN_MAIL_HTML_TOKEN_H

#include "common/base/slice.h"
#include <stdint.h>

enum { HTML_NAME_BYTES = 16 };

enum html_kind { HTML_TEXT, HTML_START, HTML_END };

/* What a tag means for the text. */
enum html_flag {
    HTML_BLOCK = 1,      /* begins and ends a line */
    HTML_VOID = 2,       /* has no content */
    HTML_CELL = 4,       /* a blank before it */
    HTML_RAW = 8,        /* its content has no tags */
    HTML_UNSEEN = 16,    /* its content is not shown */
    HTML_PRE = 32,       /* blanks and line ends stay */
    HTML_SCOPE = 64,     /* an end tag inside closes nothing outside of it */
    HTML_SINGLE = 128,   /* ends its open sibling: li, td, ... */
    HTML_IN_SCOPE = 256, /* closes through a scope: table parts, body */
};

struct html_token {
    enum html_kind kind;
    struct slice text;          /* of HTML_TEXT, character references as they stand */
    bool is_literal;            /* no character references in text */
    char name[HTML_NAME_BYTES]; /* lower case, filled with NUL, cut; of HTML_TEXT: as flags */
    unsigned flags;             /* of HTML_TEXT: of the HTML_RAW element it is in, or 0 */
    struct slice attributes;
};

struct html_reader {
    struct slice rest;
    char raw_name[HTML_NAME_BYTES]; /* of the HTML_RAW element that was opened last */
    bool is_raw, is_raw_literal;
    int repairs; /* tags without an end that were ended at their first ">" */
};

struct html_reader html_reader_new(struct slice html);
/* False at the end. Comments and declarations are left out. */
bool html_next(struct html_reader *reader, struct html_token *token_out);

/* Takes the next attribute off *attributes; its value without quotes, references as they stand. */
bool html_attribute_next(struct slice *attributes, struct slice *name_out, struct slice *value_out);
/* The first attribute of that name. */
bool html_attribute(struct slice attributes, const char *name, struct slice *value_out);

enum { HTML_REFERENCE_BYTES = 8 };
/*
 * The character reference at the front of s ("&amp;", "&#225", "&ntilde"): its size, 0 when it is
 * none; the characters in UTF-8 into text.
 */
size_t html_reference(struct slice s, char text[HTML_REFERENCE_BYTES], size_t *text_size_out);

#endif
