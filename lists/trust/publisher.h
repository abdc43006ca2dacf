/*
 * publisher: our own keys for signing what we publish, in key_folder/publish:
 *     NAME.key, NAME.pub      minisign's files; NAME is "all" (one key in every role), or "root",
 *                             "list", "head"; a rotated key has the root's number in its name
 *     root.zr, root.N.zr, each with .minisig      the current root, and every one before it
 *     floors                  the last number and hash of each list, and of the head
 * A role may be signed elsewhere: then its NAME.key is not here, and what needs it says so.
 */
#ifndef ZAGUAN_LISTS_TRUST_PUBLISHER_H
#define ZAGUAN_LISTS_TRUST_PUBLISHER_H

#include "common/base/settings.h"
#include "lists/trust/root.h"
#include <limits.h>

/* Appends the passphrase of this file. `is_new`: it is being set, ask twice. */
typedef int publisher_ask(const char *path, bool is_new, struct buffer *into, struct error *err);

struct publisher {
    char folder[PATH_MAX];
    struct root root;
    publisher_ask *ask;
    struct minisign_secret unlocked[ROOT_MOST_KEYS];
    size_t unlocked_count;
};

#define PUBLISHER_CLEANUP __attribute__((cleanup(publisher_wipe))) struct publisher
void publisher_wipe(struct publisher *publisher);

/* ERROR_NOT_FOUND: there are no keys; `zaguan key init --publish` makes them. */
int publisher_read(const struct settings *settings, publisher_ask *ask,
                   struct publisher *publisher_out, struct error *err) MUST_CHECK;

struct publisher_wish {
    const char *name; /* the domain that answers for the lists */
    bool is_split;    /* a key for each role, that of the head without a passphrase */
    bool is_bare;     /* no passphrase at all */
    int64_t now;
};
/* Never replaces anything. */
int publisher_make(const struct settings *settings, const struct publisher_wish *wish,
                   publisher_ask *ask, struct publisher *publisher_out,
                   struct error *err) MUST_CHECK;

/* As many signatures of the role as its threshold asks for. */
int publisher_sign(struct publisher *publisher, enum root_role role, struct slice content,
                   const char *trusted_comment, struct buffer *into, struct error *err) MUST_CHECK;

/*
 * A new key in place of `old` in all its roles: root N+1, signed by the keys of N and of N+1. When
 * `revoked_count` rows are given, `old` is revoked in these words too.
 */
int publisher_rotate(struct publisher *publisher, const unsigned char old[MINISIGN_ID_BYTES],
                     const struct root_revoked *revoked, size_t revoked_count, bool is_bare,
                     int64_t now, struct error *err) MUST_CHECK;

/* Whether we have the secret half of this key here, and in which file. */
bool publisher_has_key(const struct publisher *publisher, const unsigned char id[MINISIGN_ID_BYTES],
                       char path[PATH_MAX]);

/*
 * NAME.minisig and NAME, so that whoever looks in between, or after a crash in between, finds a
 * file that one of the signatures beside it fits: for that moment those of the old and the new one
 * stand there. What is there already is not touched.
 */
int publisher_write_signed(const char *folder, const char *name, struct slice content,
                           struct slice signatures, struct error *err) MUST_CHECK;

/* root.zr and its history with their signatures into `folder`. */
int publisher_copy_roots(const struct publisher *publisher, const char *folder,
                         struct error *err) MUST_CHECK;

#endif
