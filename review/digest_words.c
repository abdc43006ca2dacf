#include "review/digest_words.h"

#include "review/phrases.h"

const char *const digest_verbs[] = {"see",   "release",   "delete", "let-through",
                                    "block", "not-abuse", "keep",   NULL};

void digest_words_headline(const struct digest *digest, struct buffer *into)
{
    int language = digest->language;
    unsigned long waiting = digest->waiting_count, fresh = digest->new_count;
    if (waiting == 0) {
        buffer_append_text(into, phrase(language, "Nothing is waiting for you. All is working."));
        return;
    }
    buffer_printf(into,
                  phrase_count(language, "%lu mail is waiting", "%lu mails are waiting", waiting),
                  waiting);
    if (fresh == 0)
        buffer_append_text(into, phrase(language, ", none of them new."));
    else
        buffer_printf(
            into, phrase_count(language, ", %lu of them new.", ", %lu of them new.", fresh), fresh);
}

void digest_words_detail(const struct digest *digest, const struct digest_line *line,
                         struct buffer *into)
{
    buffer_append_text(into, line->when);
    if (line->is_new)
        buffer_printf(into, ", %s", phrase(digest->language, "new"));
    if (line->is_pinned)
        buffer_printf(into, ", %s", phrase(digest->language, "kept"));
    if (line->until != NULL) {
        buffer_append_text(into, ", ");
        buffer_printf(into, phrase(digest->language, "until %s"), line->until);
    }
}

void digest_words_ending(const struct digest *digest, struct buffer *into)
{
    char help[COMMAND_WORD_BYTES], stop[COMMAND_WORD_BYTES];
    buffer_printf(into,
                  phrase(digest->language, "Answer \"%s\" for all that you can say, and \"%s\" to "
                                           "end all of this."),
                  command_word(command_find("help"), digest->language, help),
                  command_word(command_find("stop"), digest->language, stop));
}
