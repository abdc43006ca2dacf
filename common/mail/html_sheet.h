/*
 * html_sheet: the classes and ids that a <style> of the document hides, so that words padded with
 * unseen letters are read as they look. Only selectors of one class or id ("x", "p.x", "#x"), and
 * no rule inside an at-rule: @media hides from one screen what another shows. Private to
 * text_from_html().
 */
#ifndef ZAGUAN_MAIL_HTML_SHEET_H
#define ZAGUAN_MAIL_HTML_SHEET_H

#include "common/base/slice.h"

enum { HTML_SHEET_NAMES = 64 };

struct html_sheet {
    struct slice names[HTML_SHEET_NAMES]; /* ".class" or "#id", in the document */
    size_t count;
};

void html_sheet_read(struct html_sheet *sheet, struct slice css);
/* `mark` is '.' for the value of class=, '#' for that of id=. */
bool html_sheet_hides(const struct html_sheet *sheet, char mark, struct slice value);

#endif
