#include "review/invitation.h"

#include "common/base/limits.h"
#include "review/letter.h"
#include "review/outbox.h"
#include "review/phrases.h"
#include "review/token.h"

#define SECONDS_OF_DAY 86400

static void paragraph(struct buffer *text, const char *heading, const char *body)
{
    if (heading != NULL)
        buffer_printf(text, "%s\n", heading);
    buffer_printf(text, "%s\n\n", body);
}

static void write_what(int language, struct buffer *text)
{
    paragraph(text, NULL,
              phrase(language,
                     "Whoever runs your mail server offers you zaguan. A zaguan is the entry hall "
                     "of a house: a visitor waits there until someone who lives in the house opens "
                     "the inner door. It does that with mail that threatens, blackmails or "
                     "harasses you."));
    paragraph(text, phrase(language, "WHAT IS LOOKED AT"),
              phrase(language,
                     "If you say yes, a program compares the mail that arrives for you with lists "
                     "of threats and known harassers. No person reads it. What is found waits, and "
                     "so do confirmations and newsletters when very many come at once; everything "
                     "else is delivered at once."));
}

static void write_stored(const struct member *member, struct buffer *text)
{
    int language = member->wishes.language;
    buffer_printf(text, "%s\n", phrase(language, "WHAT IS STORED, AND HOW LONG"));
    buffer_printf(text,
                  phrase_count(language,
                               "Held mail is kept locked (encrypted) for %lu day, unless you "
                               "release, delete or keep it. Of the people you write to and of "
                               "the name you sign with, only scrambled marks are kept, so that "
                               "they are known as yours.",
                               "Held mail is kept locked (encrypted) for %lu days, unless you "
                               "release, delete or keep it. Of the people you write to and of "
                               "the name you sign with, only scrambled marks are kept, so that "
                               "they are known as yours.",
                               (unsigned long)member->wishes.keep_days),
                  (unsigned long)member->wishes.keep_days);
    buffer_printf(text, " %s\n\n",
                  phrase(language, "Of whoever sends you mail a scrambled mark stays for up to 14 "
                                   "days, and for up to 60 days of those who send you "
                                   "newsletters and confirmations."));
    paragraph(text, phrase(language, "WHO CAN SEE IT"),
              phrase(language,
                     "You. Nobody else gets a copy of what zaguan writes to you. Whoever runs the "
                     "server could open held mail in an emergency, with a reason, and you would be "
                     "told."));
}

static void write_answers(int language, struct buffer *text)
{
    paragraph(text, phrase(language, "HOW TO STOP"),
              phrase(language,
                     "Answer any mail of zaguan with \"stop\", at any time: from then on your mail "
                     "is delivered untouched. With \"forget me\", everything about you is "
                     "removed."));
    paragraph(text, phrase(language, "YOUR ANSWER"),
              phrase(language,
                     "If you want it, answer this mail with one word: yes. If you do not, do "
                     "nothing. Nothing is looked at and nothing is stored without your yes, and "
                     "you need give no reason."));
}

void invitation_write(const struct member *member, struct buffer *text)
{
    paragraph(text, NULL, phrase(member->wishes.language, "Hello,"));
    write_what(member->wishes.language, text);
    write_stored(member, text);
    write_answers(member->wishes.language, text);
}

int invitation_queue(struct store *store, const struct keys *keys, const struct settings *settings,
                     const struct member *member, int64_t now, struct error *err)
{
    char token[TOKEN_TEXT_BYTES];
    int language = member->wishes.language;
    BUFFER_CLEANUP text = buffer_new(64 * KIB);
    BUFFER_CLEANUP mail = buffer_new(256 * KIB);
    if (token_make(store, member->row.id, STORE_TOKEN_INVITATION, 0, now,
                   now + (int64_t)INVITATION_DAYS * SECONDS_OF_DAY, token, err) != 0)
        return error_context(err, "invitation");
    invitation_write(member, &text);
    struct letter letter = {
        .to = member->row.address,
        .subject = phrase(language, "An invitation: someone who keeps watch over your mail"),
        .token = token,
        .auto_submitted = "auto-generated",
        .language = language,
        .text = buffer_slice(&text),
    };
    if (buffer_check(&text, "invitation", err) != 0 ||
        letter_compose(&letter, settings, now, &mail, err) != 0 ||
        outbox_queue(store, keys, "invitation", member->row.id, member->row.address,
                     buffer_slice(&mail), 0, now, err) != 0)
        return error_context(err, "invitation");
    return 0;
}
