#include "review/quote.h"

#include "review/plain.h"
#include <stdio.h>
#include <string.h>

#define ATTRIBUTION_LINES 4 /* "El lun, 23 nov 2026 a las 9:00, / zaguan (<...>) / escribió:" */

/* How a quoted mail, a signature or a phone's line begins, as plain_fold() writes it. */
static const char *const beginnings[] = {
    /* the header of a quoted mail, as Outlook writes it */
    "de:",
    "from:",
    "para:",
    "to:",
    "enviado:",
    "enviada:",
    "enviada em:",
    "enviado el:",
    "enviado em:",
    "sent:",
    "asunto:",
    "assunto:",
    "subject:",
    "fecha:",
    "date:",
    "reply-to:",
    /* separators */
    "-----",
    "_____",
    "=====",
    "- - -",
    "mensaje original",
    "mensagem original",
    "original message",
    "begin forwarded",
    "inicio del mensaje",
    "inicio da mensagem",
    /* phones and programs that advertise themselves */
    "enviado desde ",
    "enviado do ",
    "enviado de ",
    "enviado a partir ",
    "enviado con ",
    "enviado com ",
    "enviado por ",
    "enviado via ",
    "sent from ",
    "sent with ",
    "sent via ",
    "get outlook",
    "obtener outlook",
    "obten outlook",
    "obter o outlook",
    "obtenha o outlook",
    "yahoo mail",
};

static const char *const attribution_verbs[] = {
    "wrote:",     "escribio:",   "escreveu:", "wrote :", "escribio :",
    "escreveu :", "ha scritto:", "a ecrit :", "schrieb:"};
static const char *const attribution_starts[] = {"on ", "el ", "em ", "a ",  "no ", "na ",   "le ",
                                                 "il ", "am ", "al ", "la ", "o ",  "zaguan"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool starts_attribution(struct slice folded)
{
    for (size_t i = 0; i < COUNT(attribution_starts); i++)
        if (slice_starts_with(folded, attribution_starts[i]))
            return true;
    return folded.size > 0 && folded.data[0] >= '0' && folded.data[0] <= '9';
}

static bool holds_verb(struct slice raw)
{
    char text[PLAIN_LINE_BYTES + 1];
    /* plain_fold() takes the final colon off; it is what makes the line an attribution. */
    struct slice folded = plain_fold(raw, text);
    if (slice_is_empty(folded) || !slice_ends_with_nocase(slice_trim(raw), ":"))
        return false;
    text[(size_t)(folded.data - text) + folded.size] = ':';
    folded.size++;
    for (size_t i = 0; i < COUNT(attribution_verbs); i++)
        if (slice_ends_with_nocase(folded, attribution_verbs[i]))
            return true;
    return false;
}

/* "On ... wrote:", also over a few lines, before the next empty one. */
static bool is_attribution(struct slice folded, struct slice from_here)
{
    struct slice line;
    bool may_continue = starts_attribution(folded);
    for (int i = 0; i < ATTRIBUTION_LINES && slice_next(&from_here, '\n', &line); i++) {
        if (slice_is_empty(slice_trim(line)))
            return false;
        if (holds_verb(line))
            return true;
        if (!may_continue)
            return false;
    }
    return false;
}

static bool is_end_of_own(struct slice raw, struct slice from_here, const char *reply_user)
{
    char text[PLAIN_LINE_BYTES], address[300];
    struct slice line = slice_trim(raw);
    if (slice_starts_with(line, ">") || slice_starts_with(line, "|") || slice_is(line, "--"))
        return true;
    struct slice folded = plain_fold(line, text);
    for (size_t i = 0; i < COUNT(beginnings); i++)
        if (slice_starts_with(folded, beginnings[i]) ||
            slice_starts_with_nocase(line, beginnings[i]))
            return true;
    /* "De:" alone on its line: plain_fold() took the colon */
    if (slice_ends_with_nocase(line, ":") && folded.size > 0 && folded.size < 20) {
        char with_colon[24];
        snprintf(with_colon, sizeof with_colon, SLICE_FORMAT ":", SLICE_ARGUMENTS(folded));
        for (size_t i = 0; i < COUNT(beginnings); i++)
            if (strcmp(with_colon, beginnings[i]) == 0)
                return true;
    }
    snprintf(address, sizeof address, "%s+", reply_user);
    return slice_find_nocase(line, slice_of(address)) < line.size ||
           is_attribution(folded, from_here);
}

/* Behind lines with ">", lines without. */
static bool has_text_below(struct slice rest)
{
    struct slice line;
    bool is_below_quote = false;
    while (slice_next(&rest, '\n', &line)) {
        line = slice_trim(line);
        if (slice_is(line, "--"))
            return false;
        if (slice_starts_with(line, ">"))
            is_below_quote = true;
        else if (is_below_quote && line.size > 0)
            return true;
    }
    return false;
}

struct quote_cut quote_cut_text(struct slice text, const char *reply_user)
{
    struct quote_cut cut = {text, false};
    struct slice rest = text, line;
    for (;;) {
        struct slice from_here = rest;
        if (!slice_next(&rest, '\n', &line))
            return cut;
        if (!is_end_of_own(line, from_here, reply_user))
            continue;
        cut.own = slice_part(text, 0, (size_t)(line.data - text.data));
        cut.has_text_below = has_text_below(from_here);
        return cut;
    }
}
