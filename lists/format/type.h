/*
 * type: what there is to say about each entry type, one row each (docs/formats/zl.md, "Types").
 * A new type is a row here, a check in value.c and a way to be found in match*.c.
 */
#ifndef ZAGUAN_LISTS_FORMAT_TYPE_H
#define ZAGUAN_LISTS_FORMAT_TYPE_H

#include "lists/format/entry.h"

#define DAYS ((int64_t)24 * 60 * 60)

struct type_row {
    const char *name;
    enum entry_type type;
    bool is_quoted; /* the value stands in quotes */
    bool is_person; /* says something of a person: no `why` */
    int most_days;  /* from `added` to `expires` */
    /* NULL: the value is right; else what is wrong with it, in the arena or a literal. */
    const char *(*check)(const struct entry *entry, struct arena *arena);
};

extern const struct type_row type_rows[]; /* ends with a NULL name */

/* NULL: no such type. */
const struct type_row *type_find(struct slice name);

const char *value_check_re(const struct entry *entry, struct arena *arena);
const char *value_check_phrase(const struct entry *entry, struct arena *arena);
const char *value_check_addr(const struct entry *entry, struct arena *arena);
const char *value_check_domain(const struct entry *entry, struct arena *arena);
const char *value_check_cidr(const struct entry *entry, struct arena *arena);
const char *value_check_dkim(const struct entry *entry, struct arena *arena);
const char *value_check_url(const struct entry *entry, struct arena *arena);

struct network {
    int family; /* AF_INET, AF_INET6 */
    unsigned char address[16];
    int prefix; /* bits */
};

/* "192.0.2.0/24", "2001:db8::/48", or an address alone; false: neither. */
bool network_read(struct slice text, struct network *network_out);
void network_mask(struct network *network);

/* "host/path" into its two halves; the path keeps its slash and may be empty. */
void url_split(struct slice url, struct slice *host_out, struct slice *path_out);
/* Lower-case A-labels, at least two of them (RFC 1035, RFC 5890). */
bool is_domain_name(struct slice domain);

/* Why no list should name this domain (freemail, public suffix, shared hosting); NULL: it may. */
const char *domain_warning(struct slice domain);
/* It is, or lies below, a name that many people who do not know each other share. */
bool domain_is_shared(struct slice domain);
const char *network_warning(const struct network *network, bool *is_error_out);

#endif
