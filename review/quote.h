/*
 * quote: which lines of a reply she wrote herself: those above the quoted mail, the signature and
 * the line that a phone adds. What mail programs write there, in es, pt and en, is a table.
 */
#ifndef ZAGUAN_REVIEW_QUOTE_H
#define ZAGUAN_REVIEW_QUOTE_H

#include "common/base/slice.h"

struct quote_cut {
    struct slice own;    /* the lines above */
    bool has_text_below; /* she wrote below a quote: that is not read, and help says so */
};

/* `reply_user`: "zaguan"; a line with zaguan+ in it is not hers. */
struct quote_cut quote_cut_text(struct slice text, const char *reply_user);

#endif
