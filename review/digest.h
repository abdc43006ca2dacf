/*
 * digest: the mail that tells a member what waits for her, at the step of openness she chose.
 *
 * At `count` it holds no word of a subject, a sender or a body, so that it may be opened in public;
 * the subject of the digest itself says nothing at any step. HTML of a sender is never shown, only
 * the text of it. One digest belongs to one member and goes to nobody else.
 *
 *   digest_gather.c  store -> struct digest      digest_why.c   reasons in words
 *   digest_footer.c  lists, who looked           digest_text.c, digest_html.c   -> the two forms
 */
#ifndef ZAGUAN_REVIEW_DIGEST_H
#define ZAGUAN_REVIEW_DIGEST_H

#include "policy/member.h"
#include "quarantine/find.h"
#include "review/review.h"
#include "review/token.h"

#define DIGEST_MOST_ITEMS 100 /* in one mail; the rest comes in the next ones */

/* All texts are in her language, clean (no line ends, no invisible or direction characters), in
 * the arena. NULL: not shown at this step. */
struct digest_line {
    int64_t code, item_id;
    const char *why, *when;
    const char *until; /* NULL unless it expires soon */
    const char *sender, *subject;
    struct slice text; /* of the mail, lines behind "| "; empty: not shown */
    bool is_new, is_pinned;
    int64_t *lane; /* a lane: all its items; NULL: one mail */
    size_t lane_count;
};

struct digest {
    int language;
    enum wish_reveal reveal;
    size_t waiting_count, new_count;
    const char *counts; /* "2 threat, 1 shield"; "" when nothing waits */
    struct digest_line *lines;
    size_t line_count;
    const char **footer; /* paragraphs */
    size_t footer_count;
    int64_t last_expires_at;
    char reply_address[TOKEN_ADDRESS_BYTES];
};

/* What stands in it, for this step of openness. Changes nothing. */
int digest_gather(const struct review *review, const struct member *member, enum wish_reveal reveal,
                  struct arena *arena, struct digest *digest_out, struct error *err) MUST_CHECK;

void digest_write_text(const struct digest *digest, struct buffer *into);
void digest_write_html(const struct digest *digest, struct buffer *into);
/* The whole mail. */
int digest_write_mail(const struct digest *digest, const struct review *review,
                      const struct member *member, int64_t digest_id, struct buffer *into,
                      struct error *err) MUST_CHECK;

/* Gathers, numbers, writes and queues one: all of it or nothing. */
int digest_send(const struct review *review, const struct member *member,
                struct error *err) MUST_CHECK;

/* digest_why.c: the strongest reason in words ("threat - list kefir, by Casa Lila"), and the name
 * of a category as people say it. */
const char *digest_why(int language, const struct found_item *found, struct arena *arena);
#define DIGEST_LANE "confirmations" /* the category that is one line, however many they are */
const char *digest_lane_why(int language, size_t count, struct arena *arena);
const char *digest_category(int language, struct slice category, struct arena *arena);

/* digest_footer.c */
int digest_write_footer(const struct review *review, const struct member *member,
                        struct arena *arena, struct digest *digest, struct error *err) MUST_CHECK;

/* digest_body.c: what a person would read in the mail, for the step `text`. */
int digest_read_body(const struct review *review, int64_t message_id, int language,
                     struct arena *arena, struct slice *text_out, struct error *err) MUST_CHECK;

#endif
