#include "review/digest_words.h"

#include "common/base/limits.h"
#include "common/mail/compose.h"
#include "common/store/store_mail.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include <inttypes.h>
#include <stdio.h>

#define SECONDS_OF_DAY 86400
#define ARENA_BYTES (64 * MIB)
#define LEAST_TOKEN_DAYS 30 /* "stop" and "settings" are answered also when nothing waits */

static const char *const language_codes[] = {"es", "pt", "en"};

int digest_write_mail(const struct digest *digest, const struct review *review,
                      const struct member *member, int64_t digest_id, struct buffer *into,
                      struct error *err)
{
    const struct settings *settings = review->settings;
    char from[2 * SETTINGS_NAME_BYTES + 2], message_id[SETTINGS_NAME_BYTES + 64];
    char to[LIMIT_ADDRESS_BYTES + 1];
    BUFFER_CLEANUP text = buffer_new(LIMIT_DIGEST_BYTES);
    BUFFER_CLEANUP html = buffer_new(LIMIT_DIGEST_BYTES);
    digest_write_text(digest, &text);
    digest_write_html(digest, &html);
    if (buffer_check(&text, "a digest", err) != 0 || buffer_check(&html, "a digest", err) != 0)
        return -1;
    if (!slice_to_text(member->row.address, to, sizeof to))
        return error_set(err, ERROR_INPUT, "a member's address is too long");
    snprintf(from, sizeof from, "%s@%s", settings->reply_user, settings->domain);
    snprintf(message_id, sizeof message_id, "digest.%" PRId64 ".%" PRId64 "@%s", digest_id,
             review->now, settings->domain);
    const struct compose_mail mail = {
        .from_name = "zaguan",
        .from_address = from,
        .reply_to = digest->reply_address,
        .to_address = to,
        .subject = phrase(digest->language, DIGEST_TITLE),
        .auto_submitted = "auto-generated",
        .language = language_codes[digest->language],
        .date = review->now,
        .message_id = message_id,
        .text = buffer_slice(&text),
        .html = buffer_slice(&html),
    };
    return compose_write(&mail, into, err);
}

static int put_lanes(const struct review *review, const struct digest *digest, int64_t digest_id,
                     struct error *err)
{
    for (size_t i = 0; i < digest->line_count; i++)
        if (store_digest_lane_put(review->store, digest_id, digest->lines[i].code,
                                  digest->lines[i].lane, digest->lines[i].lane_count, err) != 0)
            return -1;
    return 0;
}

/* Its number, its token, its mail. Inside a transaction. */
static int put(const struct review *review, const struct member *member, struct digest *digest,
               struct error *err)
{
    int64_t ids[DIGEST_MOST_ITEMS], digest_id;
    char token[TOKEN_TEXT_BYTES];
    int64_t expires_at = review->now + LEAST_TOKEN_DAYS * (int64_t)SECONDS_OF_DAY;
    BUFFER_CLEANUP mail = buffer_new(8 * LIMIT_DIGEST_BYTES);
    for (size_t i = 0; i < digest->line_count; i++)
        ids[i] = digest->lines[i].item_id;
    if (digest->last_expires_at > expires_at)
        expires_at = digest->last_expires_at;
    if (store_digest_put(review->store, member->row.id, review->now, ids, digest->line_count,
                         &digest_id, err) != 0 ||
        put_lanes(review, digest, digest_id, err) != 0 ||
        token_make(review->store, member->row.id, STORE_TOKEN_DIGEST, digest_id, review->now,
                   expires_at, token, err) != 0)
        return -1;
    token_write_address(review->settings, token, digest->reply_address);
    if (digest_write_mail(digest, review, member, digest_id, &mail, err) != 0)
        return -1;
    return outbox_queue(review->store, review->keys, "digest", member->row.id, member->row.address,
                        buffer_slice(&mail), digest_id, review->now, err);
}

int digest_send(const struct review *review, const struct member *member, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct digest digest;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for a digest");
    if (digest_gather(review, member, (enum wish_reveal)member->wishes.reveal, arena, &digest,
                      err) != 0 ||
        store_begin(review->store, err) != 0)
        return -1;
    if (put(review, member, &digest, err) != 0 || store_commit(review->store, err) != 0) {
        store_rollback(review->store);
        return -1;
    }
    return 0;
}
