#include "review/letter.h"

#include "common/base/limits.h"
#include "common/mail/compose.h"
#include "review/token.h"
#include <sodium.h>
#include <stdio.h>

static void write_message_id(const struct settings *settings, char *text, size_t size)
{
    unsigned char random[12];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    snprintf(text, size, "zaguan-%s@%s", hex, settings->domain);
}

static const char *const language_names[] = {
    [SETTINGS_LANGUAGE_ES] = "es", [SETTINGS_LANGUAGE_PT] = "pt", [SETTINGS_LANGUAGE_EN] = "en"};

int letter_compose(const struct letter *letter, const struct settings *settings, int64_t now,
                   struct buffer *mail, struct error *err)
{
    char from[2 * SETTINGS_NAME_BYTES + 2], reply_to[TOKEN_ADDRESS_BYTES];
    char to[LIMIT_ADDRESS_BYTES], message_id[SETTINGS_NAME_BYTES + 64];
    if (!slice_to_text(letter->to, to, sizeof to))
        return error_set(err, ERROR_LIMIT, "a member's address is too long");
    snprintf(from, sizeof from, "%s@%s", settings->reply_user, settings->domain);
    token_write_address(settings, letter->token, reply_to);
    write_message_id(settings, message_id, sizeof message_id);
    struct compose_mail parts = {
        .from_name = "zaguan",
        .from_address = from,
        .reply_to = letter->token[0] == '\0' ? NULL : reply_to,
        .to_address = to,
        .subject = letter->subject,
        .in_reply_to = letter->in_reply_to,
        .auto_submitted = letter->auto_submitted,
        .language = language_names[letter->language],
        .date = now,
        .message_id = message_id,
        .text = letter->text,
    };
    return compose_write(&parts, mail, err);
}
