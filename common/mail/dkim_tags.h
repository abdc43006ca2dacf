/*
 * dkim_tags: the tag=value lists of DKIM (RFC 6376 section 3.2), of signatures and of key records.
 *
 * Strict: a list with one wrong tag or with a tag twice is wrong as a whole. Values are slices into
 * the list, without blanks at both ends; bytes above 127 are let through (RFC 8616).
 */
#ifndef ZAGUAN_MAIL_DKIM_TAGS_H
#define ZAGUAN_MAIL_DKIM_TAGS_H

#include "common/base/arena.h"

#define DKIM_TAGS_MOST 48 /* count; a longer list is wrong */

struct dkim_tag {
    struct slice name;
    struct slice value;
    size_t begin, end; /* of what stands between "=" and ";", blanks too, as offsets in the list */
};

struct dkim_tags {
    struct dkim_tag tags[DKIM_TAGS_MOST];
    size_t count;
};

/* NULL when it is right, else what is wrong, a literal; the tags before that place are there. */
const char *dkim_tags_parse(struct slice list, struct dkim_tags *tags_out);

const struct dkim_tag *dkim_tags_find(const struct dkim_tags *tags, const char *name);
/* The value, or the empty slice. */
struct slice dkim_tags_value(const struct dkim_tags *tags, const char *name);

/* Whether `word` (without regard to case) is in a list with colons and blanks between. */
bool dkim_list_has(struct slice list, const char *word);

/* Base64 with blanks anywhere (RFC 6376 section 2.10) into the arena; "=" may be left out at the
 * end. The empty slice: it is no base64, or nothing, or there is no room. */
struct slice dkim_base64(struct slice text, struct arena *arena);

/* A lower-case name of letters, digits, "-" and "_" in labels of 1 to 63, at most 253, without
 * final dot; U-labels as A-labels (RFC 8616). The empty slice when it is none. */
struct slice dkim_domain_name(struct slice text, struct arena *arena);

#endif
