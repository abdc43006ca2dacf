#include "review/token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define RANDOM_BYTES 16

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 section 6 */

static void write_base32(const unsigned char random[RANDOM_BYTES], char text[TOKEN_TEXT_BYTES])
{
    unsigned bits = 0;
    int bit_count = 0;
    size_t written = 0;
    for (size_t i = 0; i < RANDOM_BYTES; i++) {
        bits = (bits << 8 | random[i]) & 0xffff;
        for (bit_count += 8; bit_count >= 5; bit_count -= 5)
            text[written++] = alphabet[bits >> (bit_count - 5) & 31];
    }
    text[written++] = alphabet[bits << (5 - bit_count) & 31];
    text[written] = '\0';
}

/* Lower case into text; false when it has another shape. */
static bool read_letters(struct slice given, char text[TOKEN_TEXT_BYTES])
{
    if (given.size != TOKEN_LETTERS)
        return false;
    for (size_t i = 0; i < given.size; i++) {
        char letter = given.data[i];
        if (letter >= 'A' && letter <= 'Z')
            letter = (char)(letter - 'A' + 'a');
        if (letter == '\0' || strchr(alphabet, letter) == NULL)
            return false;
        text[i] = letter;
    }
    text[TOKEN_LETTERS] = '\0';
    return true;
}

static void digest_of(const char text[TOKEN_TEXT_BYTES],
                      unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    static const unsigned char no_key[KEYED_KEY_BYTES];
    keyed_digest(no_key, "reply token", slice_new(text, TOKEN_LETTERS), digest_out);
}

static int put(struct store *store, struct store_token *token, char text_out[TOKEN_TEXT_BYTES],
               struct error *err)
{
    unsigned char random[RANDOM_BYTES];
    char text[TOKEN_TEXT_BYTES];
    randombytes_buf(random, sizeof random);
    write_base32(random, text);
    sodium_memzero(random, sizeof random);
    digest_of(text, token->digest);
    if (store_token_put(store, token, err) != 0)
        return error_context(err, "reply token");
    memcpy(text_out, text, sizeof text);
    return 0;
}

int token_make(struct store *store, int64_t member_id, enum store_token_use use, int64_t digest_id,
               int64_t now, int64_t expires_at, char text_out[TOKEN_TEXT_BYTES], struct error *err)
{
    struct store_token token = {.member_id = member_id,
                                .use = use,
                                .digest_id = digest_id,
                                .created_at = now,
                                .expires_at = expires_at};
    return put(store, &token, text_out, err);
}

int token_make_question(struct store *store, int64_t member_id, const char *question,
                        int64_t digest_id, int64_t now, int64_t expires_at,
                        char text_out[TOKEN_TEXT_BYTES], struct error *err)
{
    struct store_token token = {.member_id = member_id,
                                .use = STORE_TOKEN_CONFIRM,
                                .digest_id = digest_id,
                                .created_at = now,
                                .expires_at = expires_at,
                                .question = slice_of(question)};
    return put(store, &token, text_out, err);
}

int token_find(struct store *store, struct slice text, int64_t now, struct arena *arena,
               struct store_token *token_out, struct error *err)
{
    char letters[TOKEN_TEXT_BYTES];
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct store_token token;
    if (!read_letters(text, letters))
        return 0;
    digest_of(letters, digest);
    int found = store_token_find(store, digest, arena, &token, err);
    if (found <= 0)
        return found;
    if (token.expires_at <= now)
        return 0;
    *token_out = token;
    return 1;
}

void token_write_address(const struct settings *settings, const char *token,
                         char text[TOKEN_ADDRESS_BYTES])
{
    const char delimiter = settings->recipient_delimiter[0];
    snprintf(text, TOKEN_ADDRESS_BYTES, "%s%c%s@%s", settings->reply_user,
             delimiter == '\0' ? '+' : delimiter, token, settings->domain);
}

struct slice token_in_address(const struct settings *settings, struct slice address)
{
    const struct slice none = slice_of(NULL);
    address = slice_trim(address);
    if (slice_starts_with(address, "<"))
        address = slice_from(address, 1);
    struct slice local = slice_part(address, 0, slice_find_last_byte(address, '@'));
    struct slice user = slice_of(settings->reply_user);
    const char *delimiters =
        settings->recipient_delimiter[0] == '\0' ? "+" : settings->recipient_delimiter;
    char letters[TOKEN_TEXT_BYTES];
    if (local.size != user.size + 1 + TOKEN_LETTERS ||
        !slice_equals_nocase(slice_part(local, 0, user.size), user) ||
        local.data[user.size] == '\0' || strchr(delimiters, local.data[user.size]) == NULL)
        return none;
    struct slice token = slice_from(local, user.size + 1);
    return read_letters(token, letters) ? token : none;
}
