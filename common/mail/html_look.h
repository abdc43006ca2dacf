/*
 * html_look: whether a reader sees the text of an element: inline CSS, the old attributes, the
 * classes that the style sheet hides, and what is inherited. Private to text_from_html().
 */
#ifndef ZAGUAN_MAIL_HTML_LOOK_H
#define ZAGUAN_MAIL_HTML_LOOK_H

#include "common/mail/html_sheet.h"
#include "common/mail/html_token.h"

enum { HTML_COLOR_UNKNOWN = -1, HTML_COLOR_TRANSPARENT = -2 };

struct html_look {
    bool is_gone;       /* display:none, opacity 0, off the screen, `hidden`: also all inside */
    bool is_invisible;  /* visibility:hidden: until something inside is visible */
    bool is_tiny;       /* font-size of 0 or 1 px */
    bool begins_a_line; /* display:block; of this element alone */
    int32_t color, background; /* 0xrrggbb, or one of the above */
};

extern const struct html_look html_look_first; /* black on white */

/* The look of an element inside of one that looks like `outside`. */
struct html_look html_look_of(const struct html_token *start, const struct html_look *outside,
                              const struct html_sheet *sheet);
/* These declarations hide whatever they apply to. */
bool html_look_style_hides(struct slice style);
bool html_look_is_hidden(const struct html_look *look);

#endif
