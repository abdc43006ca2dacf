#include "review/digest_words.h"

#include "review/phrases.h"

#define EMPTY_LINES 15 /* between the warning and the first text: a screen of a phone */

static void write_line(const struct digest *digest, const struct digest_line *line,
                       struct buffer *into)
{
    buffer_printf(into, "%lld  %s\n   ", (long long)line->code, line->why);
    digest_words_detail(digest, line, into);
    buffer_append_byte(into, '\n');
    if (line->sender != NULL)
        buffer_printf(into, "   | %s\n", line->sender);
    if (line->subject != NULL)
        buffer_printf(into, "   | %s\n", line->subject);
    buffer_append_byte(into, '\n');
}

/* At `count` the words alone: the fewer words stand here, the less a glance gives away. */
static void write_verbs(const struct digest *digest, struct buffer *into)
{
    char word[COMMAND_WORD_BYTES];
    int language = digest->language;
    buffer_printf(into, "%s\n\n", phrase(language, DIGEST_HOW));
    for (size_t i = 0; digest_verbs[i] != NULL; i++) {
        const struct command_row *row = command_find(digest_verbs[i]);
        buffer_printf(into, "  %s 1\n", command_word(row, language, word));
        if (digest->reveal > WISH_REVEAL_COUNT)
            buffer_printf(into, "      %s\n", phrase(language, row->help));
    }
    buffer_printf(into, "\n%s\n\n", phrase(language, DIGEST_SILENCE));
}

static void write_texts(const struct digest *digest, struct buffer *into)
{
    bool is_first = true;
    for (size_t i = 0; i < digest->line_count; i++) {
        if (slice_is_empty(digest->lines[i].text))
            continue;
        if (is_first) {
            buffer_printf(into, "\n%s\n", phrase(digest->language, DIGEST_WARNING));
            for (int line = 0; line < EMPTY_LINES; line++)
                buffer_append_byte(into, '\n');
        }
        is_first = false;
        buffer_printf(into, "%lld\n", (long long)digest->lines[i].code);
        buffer_append(into, digest->lines[i].text);
        buffer_append_byte(into, '\n');
    }
}

void digest_write_text(const struct digest *digest, struct buffer *into)
{
    digest_words_headline(digest, into);
    buffer_append_text(into, "\n");
    if (digest->counts[0] != '\0')
        buffer_printf(into, "%s\n", digest->counts);
    buffer_append_byte(into, '\n');
    for (size_t i = 0; i < digest->line_count; i++)
        write_line(digest, &digest->lines[i], into);
    if (digest->line_count > 0)
        write_verbs(digest, into);
    for (size_t i = 0; i < digest->footer_count; i++)
        buffer_printf(into, "%s\n", digest->footer[i]);
    digest_words_ending(digest, into);
    buffer_append_byte(into, '\n');
    write_texts(digest, into);
}
