#include "review/receipt.h"

#include "common/base/limits.h"
#include "common/mail/compose.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BLANK_LINES 18 /* about one screen of a phone */

struct receipt receipt_new(int language)
{
    return (struct receipt){.language = language,
                            .done = buffer_new(LIMIT_DIGEST_BYTES / 4),
                            .seen = buffer_new(LIMIT_DIGEST_BYTES / 4),
                            .kind = "receipt"};
}

void receipt_free(struct receipt *receipt)
{
    buffer_free(&receipt->done);
    buffer_free(&receipt->seen);
}

void receipt_say(struct receipt *receipt, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size > 0)
        buffer_printf(&receipt->done, "%s\n\n", text);
}

static void write_text(const struct receipt *receipt, struct buffer *text)
{
    int language = receipt->language;
    buffer_append(text, buffer_slice(&receipt->done));
    if (receipt->token[0] != '\0')
        buffer_printf(text, "%s\n",
                      phrase(language,
                             "You can answer this mail in the same way. The word \"help\" "
                             "explains everything."));
    if (receipt->seen.size == 0)
        return;
    buffer_printf(text, "\n%s\n",
                  phrase(language, "CAREFUL: far below stands what you asked to see. It may hurt. "
                                   "You do not have to read it now, or alone."));
    for (int i = 0; i < BLANK_LINES; i++)
        buffer_append_text(text, ".\n");
    buffer_append_byte(text, '\n');
    buffer_append(text, buffer_slice(&receipt->seen));
}

static void write_message_id(const struct settings *settings, char *text, size_t size)
{
    unsigned char random[12];
    char hex[2 * sizeof random + 1];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    snprintf(text, size, "zaguan-%s@%s", hex, settings->domain);
}

static const char *const language_names[] = {
    [SETTINGS_LANGUAGE_ES] = "es", [SETTINGS_LANGUAGE_PT] = "pt-BR", [SETTINGS_LANGUAGE_EN] = "en"};

static int compose(const struct receipt *receipt, const struct settings *settings,
                   const struct receipt_address *address, int64_t now, struct buffer *mail,
                   struct error *err)
{
    char from[2 * SETTINGS_NAME_BYTES + 2], reply_to[TOKEN_ADDRESS_BYTES];
    char to[LIMIT_ADDRESS_BYTES], message_id[SETTINGS_NAME_BYTES + 64];
    BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES);
    write_text(receipt, &text);
    if (buffer_check(&text, "receipt", err) != 0)
        return -1;
    if (!slice_to_text(address->to, to, sizeof to))
        return error_set(err, ERROR_LIMIT, "receipt: the address is too long");
    snprintf(from, sizeof from, "%s@%s", settings->reply_user, settings->domain);
    token_write_address(settings, receipt->token, reply_to);
    write_message_id(settings, message_id, sizeof message_id);
    struct compose_mail parts = {
        .from_name = "zaguan",
        .from_address = from,
        .reply_to = receipt->token[0] == '\0' ? NULL : reply_to,
        .to_address = to,
        .subject = phrase(receipt->language, "zaguan: your answer has arrived"),
        .in_reply_to = address->in_reply_to,
        .auto_submitted = "auto-replied",
        .language = language_names[receipt->language],
        .date = now,
        .message_id = message_id,
        .text = buffer_slice(&text),
    };
    return compose_write(&parts, mail, err);
}

int receipt_queue(const struct receipt *receipt, struct store *store, const struct keys *keys,
                  const struct settings *settings, const struct receipt_address *address,
                  int64_t now, struct error *err)
{
    BUFFER_CLEANUP mail = buffer_new(4 * LIMIT_DIGEST_BYTES);
    if (compose(receipt, settings, address, now, &mail, err) != 0 ||
        outbox_queue(store, keys, receipt->kind, address->member_id, address->to,
                     buffer_slice(&mail), 0, now, err) != 0)
        return error_context(err, "receipt");
    return 0;
}
