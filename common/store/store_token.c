#include "common/store/statement.h"
#include "common/store/store_mail.h"

#include <string.h>

int store_token_put(struct store *store, const struct store_token *token, struct error *err)
{
    return statement_run(store,
                         "INSERT INTO token(digest, member_id, purpose, digest_id, created_at, "
                         "expires_at, question) "
                         "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                         BIND(DIGEST(token->digest), NUMBER(token->member_id), NUMBER(token->use),
                              REFERENCE(token->digest_id), NUMBER(token->created_at),
                              NUMBER(token->expires_at), TEXT(token->question)),
                         err);
}

int store_token_find(struct store *store, const unsigned char digest[KEYED_DIGEST_BYTES],
                     struct arena *arena, struct store_token *token_out, struct error *err)
{
    CURSOR_CLEANUP cursor = {0};
    if (cursor_open(&cursor, store,
                    "SELECT member_id, purpose, digest_id, created_at, expires_at, question "
                    "FROM token WHERE digest = ?1",
                    BIND(DIGEST(digest)), err) != 0)
        return -1;
    int found = cursor_next(&cursor, err);
    if (found != 1)
        return found;
    struct store_token token = {.member_id = cursor_number(&cursor, 0),
                                .use = (enum store_token_use)cursor_number(&cursor, 1),
                                .digest_id = cursor_number(&cursor, 2),
                                .created_at = cursor_number(&cursor, 3),
                                .expires_at = cursor_number(&cursor, 4),
                                .question = cursor_copy(&cursor, 5, arena)};
    memcpy(token.digest, digest, sizeof token.digest);
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *token_out = token;
    return 1;
}

int store_token_remove_expired(struct store *store, int64_t now, struct error *err)
{
    return statement_run(store, "DELETE FROM token WHERE expires_at < ?1", BIND(NUMBER(now)), err);
}

int store_token_remove(struct store *store, const unsigned char digest[KEYED_DIGEST_BYTES],
                       struct error *err)
{
    return statement_change(store, "DELETE FROM token WHERE digest = ?1", BIND(DIGEST(digest)),
                            err);
}
