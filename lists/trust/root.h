/*
 * root: which keys speak for a publisher, by role, with thresholds (docs/formats/root.md).
 *
 * Trust begins with the keys the admin pinned (partner.h): root_from_pinned() is the root number 0
 * of a partner, every pinned key in every role. A later root counts when it is signed by the
 * root threshold of the one that is trusted and by its own. Lists and heads are verified by
 * root_verify() against the trusted root, never by a key that a file names itself.
 * Plain data; strings are copies in it, nothing to free.
 */
#ifndef ZAGUAN_LISTS_TRUST_ROOT_H
#define ZAGUAN_LISTS_TRUST_ROOT_H

#include "lists/format/record.h"
#include "lists/trust/minisign.h"

#define LIMIT_ROOT_BYTES ((size_t)64 * 1024)
#define ROOT_MOST_KEYS 32
#define ROOT_MOST_REVOKED 128
#define ROOT_MOST_BETWEEN 32 /* roots that are followed at once, from the trusted to the newest */
#define ROOT_PUBLISHER_BYTES 256
#define ROOT_LIST_ID_BYTES 33

enum root_role { ROOT_ROLE_ROOT, ROOT_ROLE_LIST, ROOT_ROLE_HEAD, ROOT_ROLE_COUNT };

struct root_key {
    struct minisign_public public;
    bool has_role[ROOT_ROLE_COUNT];
};

/* What this key signed after `since` of the list does not count; an empty list_id: nothing does. */
struct root_revoked {
    unsigned char id[MINISIGN_ID_BYTES];
    char list_id[ROOT_LIST_ID_BYTES];
    int64_t since;
};

struct root {
    char publisher[ROOT_PUBLISHER_BYTES];
    int64_t sequence, issued_at;
    int64_t thresholds[ROOT_ROLE_COUNT];
    struct root_key keys[ROOT_MOST_KEYS];
    size_t key_count;
    struct root_revoked revoked[ROOT_MOST_REVOKED];
    size_t revoked_count;
};

const char *root_role_name(enum root_role role);
bool root_role_read(struct slice name, enum root_role *role_out);

int root_parse(struct slice text, const char *name, struct root *root_out,
               struct error *err) MUST_CHECK;
int root_format(const struct root *root, struct buffer *into, struct error *err) MUST_CHECK;
/* What the trusted comment of its signatures must be. */
#define ROOT_COMMENT_BYTES 400
void root_write_comment(const struct root *root, char text[ROOT_COMMENT_BYTES]);

void root_from_pinned(const char *publisher, const struct minisign_public *keys, size_t count,
                      struct root *root_out);

/*
 * ERROR_INPUT unless as many different keys of this role as the threshold asks for signed `content`
 * with exactly this trusted comment. Signatures of unknown keys are passed over, and so are those
 * that do not fit: while a publisher replaces a file, those of the old and the new one stand beside
 * it.
 */
int root_verify(const struct root *root, enum root_role role, struct slice content,
                struct slice signatures, const char *trusted_comment, const char *name,
                struct error *err) MUST_CHECK;

/*
 * `text` as the successor of `trusted`: the same publisher, a higher number, not from the future,
 * signed by the root threshold of both. 0: *root_out is trusted now.
 * 1: it is the one we have, byte for byte the same number; nothing to do.
 */
int root_accept(const struct root *trusted, struct slice text, struct slice signatures, int64_t now,
                struct root *root_out, struct error *err) MUST_CHECK;

/* True when a key that could sign lists before cannot any more: floors of lists begin anew. */
bool root_has_rotated(const struct root *before, const struct root *after, enum root_role role);

/*
 * What this key signed of the list counts up to this number: INT64_MAX when it is not revoked, 0
 * when nothing of it does. Entries of an active list that appeared after it go to observe until the
 * list comes again with another key's signature.
 */
int64_t root_counts_until(const struct root *root, const unsigned char id[MINISIGN_ID_BYTES],
                          struct slice list_id);

#endif
