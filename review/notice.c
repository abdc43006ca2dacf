#include "review/notice.h"

#include "common/base/limits.h"
#include "common/mail/compose.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include "review/token.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#define TOKEN_SECONDS (30 * INT64_C(86400))

static const char *const language_codes[] = {
    [SETTINGS_LANGUAGE_ES] = "es", [SETTINGS_LANGUAGE_PT] = "pt-BR", [SETTINGS_LANGUAGE_EN] = "en"};

struct notice {
    int64_t member_id; /* 0: she is forgotten */
    struct slice address;
    int language;
    const char *text;
    const char *reply_to; /* NULL: none */
};

static int queue(const struct review *review, const struct notice *notice, struct error *err)
{
    const struct settings *settings = review->settings;
    char from[2 * SETTINGS_NAME_BYTES + 2], message_id[SETTINGS_NAME_BYTES + 64];
    char to[LIMIT_ADDRESS_BYTES + 1];
    BUFFER_CLEANUP text = buffer_new(16 * KIB);
    BUFFER_CLEANUP mail = buffer_new(64 * KIB);
    if (!slice_to_text(notice->address, to, sizeof to))
        return error_set(err, ERROR_INPUT, "a member's address is too long");
    snprintf(from, sizeof from, "%s@%s", settings->reply_user, settings->domain);
    snprintf(message_id, sizeof message_id, "notice.%" PRId64 ".%08" PRIx32 "@%s", review->now,
             randombytes_random(), settings->domain);
    buffer_printf(&text, "%s\n", notice->text);
    const struct compose_mail parts = {
        .from_name = "zaguan",
        .from_address = from,
        .reply_to = notice->reply_to,
        .to_address = to,
        .subject = phrase(notice->language, "A note about your settings"),
        .auto_submitted = "auto-generated",
        .language = language_codes[notice->language],
        .date = review->now,
        .message_id = message_id,
        .text = buffer_slice(&text),
    };
    if (buffer_check(&text, "a notice", err) != 0 || compose_write(&parts, &mail, err) != 0)
        return -1;
    return outbox_queue(review->store, review->keys, "notice", notice->member_id, notice->address,
                        buffer_slice(&mail), 0, review->now, err);
}

int notice_queue(const struct review *review, const struct member *member, const char *text,
                 struct error *err)
{
    char token[TOKEN_TEXT_BYTES], address[TOKEN_ADDRESS_BYTES];
    if (token_make(review->store, member->row.id, STORE_TOKEN_DIGEST, 0, review->now,
                   review->now + TOKEN_SECONDS, token, err) != 0)
        return -1;
    token_write_address(review->settings, token, address);
    const struct notice notice = {member->row.id, member->row.address, member->wishes.language,
                                  text, address};
    return queue(review, &notice, err);
}

int notice_queue_last(const struct review *review, struct slice address, int language,
                      const char *text, struct error *err)
{
    const struct notice notice = {0, address, language, text, NULL};
    return queue(review, &notice, err);
}
