/*
 * likeness: the same person again. When a member blocks a sender, traits of that mail are kept for
 * her, by which a mail of his next address is known: the address in one spelling, where answers go,
 * the domain that signed together with that, the name, and the text. All of them keyed, hers alone,
 * nothing that could be read back; LIKENESS_MOST of each kind, the oldest go first, and each for
 * LIKENESS_DAYS. The block itself is sender.h; taking it back forgets what was learnt of it.
 *
 * It is a guess: the reason is `resembles`, and nothing but a tag or a hold comes of it. Of mail
 * sent by programs (lists, newsletters, confirmations) only address and name are learnt: where
 * answers go and the text belong to the list or the program, not to who wrote.
 */
#ifndef ZAGUAN_POLICY_LIKENESS_H
#define ZAGUAN_POLICY_LIKENESS_H

#include "common/mail/text.h"
#include "common/store/store_likeness.h"
#include "common/store/store_member.h"
#include "quarantine/keys.h"

#define LIKENESS_MOST 256
#define LIKENESS_DAYS 365

/* What a mail says of who wrote it; as written, the caller's. */
struct likeness_mail {
    struct slice from_address, from_name, reply_address, envelope_sender;
    struct slice signed_by;       /* auth_signed_by() */
    const struct text_set *texts; /* NULL: not to be had */
    bool is_sender_proven;        /* auth_proves_sender() */
    bool is_automatic;
};

struct likeness; /* the traits of one mail; belongs to the caller, has memory of its own */

/* -1: no memory. What of it cannot be read is no trait. */
int likeness_read(const struct likeness_mail *mail, const struct keys *keys,
                  struct likeness **likeness_out, struct error *err) MUST_CHECK;
void likeness_free(struct likeness *likeness); /* NULL is fine */

/* By which trait it is like a mail she blocked: "address", "reply-to", "domain", "name", "text",
 * the surest first; NULL: by none, or she said of this sender that it is somebody else. */
int likeness_find(struct store *store, const struct keys *keys, int64_t member_id,
                  const struct likeness *likeness, const char **trait_out,
                  struct error *err) MUST_CHECK;

/* Inside the caller's transaction: she blocked `sender` (canonical, as in sender.h). `own_names`:
 * display names under which mail comes to her; what is her own is no trait of his. */
int likeness_learn(struct store *store, const struct keys *keys, const struct store_member *member,
                   struct slice sender, const struct likeness *likeness,
                   const struct slice *own_names, size_t own_name_count, int64_t now,
                   struct error *err) MUST_CHECK;
/* She said of a mail of `sender` (canonical) that he is nobody else. `is_proven`: it was proven to
 * be his; then nobody who forges his address has it from her. */
int likeness_excuse(struct store *store, const struct keys *keys, int64_t member_id,
                    struct slice sender, bool is_proven, int64_t now, struct error *err) MUST_CHECK;
/* 1 she said so of a mail of `sender` (canonical), 0 not. `is_proven`: this mail is proven his. */
int likeness_is_excused(struct store *store, const struct keys *keys, int64_t member_id,
                        struct slice sender, bool is_proven, struct error *err) MUST_CHECK;

#endif
