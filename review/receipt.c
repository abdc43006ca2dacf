#include "review/receipt.h"

#include "common/base/limits.h"
#include "review/letter.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include <stdarg.h>
#include <stdio.h>

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
        buffer_append_byte(text, '\n');
    buffer_append_byte(text, '\n');
    buffer_append(text, buffer_slice(&receipt->seen));
}

int receipt_queue(const struct receipt *receipt, struct store *store, const struct keys *keys,
                  const struct settings *settings, const struct receipt_address *address,
                  int64_t now, struct error *err)
{
    BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES);
    BUFFER_CLEANUP mail = buffer_new(4 * LIMIT_DIGEST_BYTES);
    write_text(receipt, &text);
    struct letter letter = {
        .to = address->to,
        .subject = phrase(receipt->language, "zaguan: your answer has arrived"),
        .token = receipt->token,
        .in_reply_to = address->in_reply_to,
        .auto_submitted = "auto-replied",
        .language = receipt->language,
        .text = buffer_slice(&text),
    };
    if (buffer_check(&text, "text", err) != 0 ||
        letter_compose(&letter, settings, now, &mail, err) != 0 ||
        outbox_queue(store, keys, receipt->kind, address->member_id, address->to,
                     buffer_slice(&mail), 0, now, err) != 0)
        return error_context(err, "receipt");
    return 0;
}
