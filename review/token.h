/*
 * token: what makes a reply hers. 128 random bits as 26 lower-case base-32 letters (a-z2-7; read
 * without regard to case, because mail systems change the case of local parts) in the reply address
 * zaguan+TOKEN@domain. It belongs to one member and at most one digest, and expires.
 *
 * The database holds only its digest: who reads the database cannot answer for anybody. 128 random
 * bits cannot be guessed, so the digest needs no key. The text exists in the mail alone.
 */
#ifndef ZAGUAN_REVIEW_TOKEN_H
#define ZAGUAN_REVIEW_TOKEN_H

#include "common/base/settings.h"
#include "common/store/store_mail.h"

#define TOKEN_LETTERS 26
#define TOKEN_TEXT_BYTES (TOKEN_LETTERS + 1)
#define TOKEN_ADDRESS_BYTES (2 * SETTINGS_NAME_BYTES + TOKEN_TEXT_BYTES + 16)

/* A new one. digest_id 0: none. Inside the transaction of the mail that carries it. */
int token_make(struct store *store, int64_t member_id, enum store_token_use use, int64_t digest_id,
               int64_t now, int64_t expires_at, char text_out[TOKEN_TEXT_BYTES],
               struct error *err) MUST_CHECK;

/* STORE_TOKEN_CONFIRM: `question` ("forget", "start", ...) is what a "yes" to that mail would do.
 */
int token_make_question(struct store *store, int64_t member_id, const char *question,
                        int64_t digest_id, int64_t now, int64_t expires_at,
                        char text_out[TOKEN_TEXT_BYTES], struct error *err) MUST_CHECK;

/* 1 found and still good; 0 no token, unknown or expired (nobody needs to know which); -1. */
int token_find(struct store *store, struct slice text, int64_t now, struct arena *arena,
               struct store_token *token_out, struct error *err) MUST_CHECK;

/* zaguan+TOKEN@domain, with the admin's reply_user, recipient_delimiter and domain. */
void token_write_address(const struct settings *settings, const char *token,
                         char text[TOKEN_ADDRESS_BYTES]);

/* The token in such an address (with or without < >), empty when it holds none of that shape. The
 * domain is not compared: Postfix decided that this mail is ours. */
struct slice token_in_address(const struct settings *settings, struct slice address);

#endif
