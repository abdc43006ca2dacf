#include "review/notice.h"

#include "common/base/limits.h"
#include "review/letter.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include "review/token.h"

#define TOKEN_SECONDS (30 * INT64_C(86400))

static int queue(const struct review *review, int64_t member_id, struct letter *letter,
                 const char *text, struct error *err)
{
    BUFFER_CLEANUP lines = buffer_new(16 * KIB);
    BUFFER_CLEANUP mail = buffer_new(128 * KIB);
    buffer_printf(&lines, "%s\n", text);
    if (buffer_check(&lines, "a notice", err) != 0)
        return -1;
    letter->subject = phrase(letter->language, "A note about your settings");
    letter->auto_submitted = "auto-generated";
    letter->text = buffer_slice(&lines);
    if (letter_compose(letter, review->settings, review->now, &mail, err) != 0)
        return -1;
    return outbox_queue(review->store, review->keys, "notice", member_id, letter->to,
                        buffer_slice(&mail), 0, review->now, err);
}

int notice_queue(const struct review *review, const struct member *member, int64_t digest_id,
                 const char *text, struct error *err)
{
    char token[TOKEN_TEXT_BYTES];
    struct letter letter = {
        .to = member->row.address, .language = member->wishes.language, .token = token};
    if (token_make(review->store, member->row.id, STORE_TOKEN_DIGEST, digest_id, review->now,
                   review->now + TOKEN_SECONDS, token, err) != 0)
        return -1;
    return queue(review, member->row.id, &letter, text, err);
}

int notice_queue_question(const struct review *review, const struct member *member,
                          const char *question, const char *text, struct error *err)
{
    char token[TOKEN_TEXT_BYTES];
    struct letter letter = {
        .to = member->row.address, .language = member->wishes.language, .token = token};
    if (token_make_question(review->store, member->row.id, question, 0, review->now,
                            review->now + TOKEN_SECONDS, token, err) != 0)
        return -1;
    return queue(review, member->row.id, &letter, text, err);
}

int notice_queue_last(const struct review *review, struct slice address, int language,
                      const char *text, struct error *err)
{
    struct letter letter = {.to = address, .language = language, .token = ""};
    return queue(review, 0, &letter, text, err);
}
