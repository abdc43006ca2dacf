#include "review/digest_words.h"

#include "review/phrases.h"

const struct digest_verb digest_verbs[] = {
    {PHRASE("see"), PHRASE("shows one step more of it")},
    {PHRASE("release"), PHRASE("brings it to your mailbox")},
    {PHRASE("delete"), PHRASE("deletes it; can be undone for some days")},
    {PHRASE("let through"), PHRASE("releases it, and this sender always passes")},
    {PHRASE("block"), PHRASE("this sender is always held")},
    {PHRASE("not abuse"), PHRASE("releases it, and tells the list that it was wrong")},
    {PHRASE("keep"), PHRASE("keeps it as evidence for as long as needed")},
    {NULL, NULL},
};

void digest_words_headline(const struct digest *digest, struct buffer *into)
{
    int language = digest->language;
    unsigned long waiting = digest->waiting_count, fresh = digest->new_count;
    if (waiting == 0) {
        buffer_append_text(into, phrase(language, "Nothing is waiting for you. All is working."));
        return;
    }
    buffer_printf(
        into, phrase_count(language, "%lu message is waiting", "%lu messages are waiting", waiting),
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
