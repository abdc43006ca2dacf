#include "review/digest_words.h"

#include "review/phrases.h"
#include <string.h>

static const char *const language_codes[] = {"es", "pt", "en"};

static void append_escaped(struct buffer *into, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '<':
            buffer_append_text(into, "&lt;");
            break;
        case '>':
            buffer_append_text(into, "&gt;");
            break;
        case '&':
            buffer_append_text(into, "&amp;");
            break;
        case '"':
            buffer_append_text(into, "&quot;");
            break;
        case '\'':
            buffer_append_text(into, "&#39;");
            break;
        default:
            buffer_append_byte(into, text.data[i]);
        }
    }
}

static void append_paragraph(struct buffer *into, const char *text)
{
    buffer_append_text(into, "<p>");
    append_escaped(into, slice_of(text));
    buffer_append_text(into, "</p>\n");
}

/* RFC 6068: everything but letters, digits and a few marks as %XX. */
static void append_percent(struct buffer *into, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            strchr("-._~@", *c) != NULL)
            buffer_append_byte(into, *c);
        else
            buffer_printf(into, "%%%02X", (unsigned)(unsigned char)*c);
    }
}

/* A link that writes her answer for her; only sending it does something. */
static void append_answer(const struct digest *digest, const char *verb, int64_t code,
                          struct buffer *into)
{
    char word[COMMAND_WORD_BYTES];
    command_word(command_find(verb), digest->language, word);
    buffer_append_text(into, "<a href=\"mailto:");
    append_percent(into, digest->reply_address);
    buffer_append_text(into, "?subject=");
    append_percent(into, phrase(digest->language, DIGEST_TITLE));
    buffer_append_text(into, "&amp;body=");
    append_percent(into, word);
    buffer_printf(into, "%%20%lld\">", (long long)code);
    append_escaped(into, slice_of(word));
    buffer_append_text(into, "</a>");
}

static void append_line(const struct digest *digest, const struct digest_line *line,
                        struct buffer *into)
{
    BUFFER_CLEANUP detail = buffer_new(400);
    digest_words_detail(digest, line, &detail);
    buffer_printf(into, "<p><b>%lld</b> ", (long long)line->code);
    append_escaped(into, slice_of(line->why));
    buffer_append_text(into, "<br>\n");
    append_escaped(into, buffer_slice(&detail));
    for (int i = 0; i < 2; i++) {
        const char *shown = i == 0 ? line->sender : line->subject;
        if (shown == NULL)
            continue;
        buffer_append_text(into, "<br>\n<bdi>");
        append_escaped(into, slice_of(shown));
        buffer_append_text(into, "</bdi>");
    }
    buffer_append_text(into, "<br>\n");
    for (size_t i = 0; digest_verbs[i] != NULL; i++) {
        buffer_append_text(into, i == 0 ? "" : " &middot; ");
        append_answer(digest, digest_verbs[i], line->code, into);
    }
    buffer_append_text(into, "</p>\n");
}

static void append_texts(const struct digest *digest, struct buffer *into)
{
    bool is_first = true;
    for (size_t i = 0; i < digest->line_count; i++) {
        if (slice_is_empty(digest->lines[i].text))
            continue;
        if (is_first) {
            append_paragraph(into, phrase(digest->language, DIGEST_WARNING));
            buffer_append_text(into, "<div style=\"height:40em\">&nbsp;</div>\n");
        }
        is_first = false;
        buffer_printf(into, "<p><b>%lld</b></p>\n<pre style=\"white-space:pre-wrap\">",
                      (long long)digest->lines[i].code);
        append_escaped(into, digest->lines[i].text);
        buffer_append_text(into, "</pre>\n");
    }
}

void digest_write_html(const struct digest *digest, struct buffer *into)
{
    BUFFER_CLEANUP headline = buffer_new(1000), ending = buffer_new(1000);
    digest_words_headline(digest, &headline);
    buffer_printf(into, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>",
                  language_codes[digest->language]);
    append_escaped(into, slice_of(phrase(digest->language, DIGEST_TITLE)));
    buffer_append_text(into, "</title></head><body>\n");
    append_paragraph(into, headline.data);
    if (digest->counts[0] != '\0')
        append_paragraph(into, digest->counts);
    for (size_t i = 0; i < digest->line_count; i++)
        append_line(digest, &digest->lines[i], into);
    if (digest->line_count > 0)
        append_paragraph(into, phrase(digest->language, DIGEST_SILENCE));
    buffer_append_text(into, "<hr>\n");
    for (size_t i = 0; i < digest->footer_count; i++)
        append_paragraph(into, digest->footer[i]);
    digest_words_ending(digest, &ending);
    append_paragraph(into, ending.data);
    append_texts(digest, into);
    buffer_append_text(into, "</body></html>\n");
}
