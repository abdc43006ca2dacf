/*
 * A whole reply mail, as zaguan-answer gets it. Promises: no crash, no hang; what counts as hers is
 * the beginning of the text; every line is a command with sound numbers or none; nothing is read
 * from a mail of a machine; what is named back or shown holds no control character and no line of
 * it stands without its mark.
 */
#include "common/base/limits.h"
#include "review/commands.h"
#include "review/plain.h"
#include "review/quote.h"
#include "review/reply.h"
#include "review/setting_words.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_codes(const struct codes *codes)
{
    if (codes->count > CODES_MOST_RANGES)
        abort();
    for (size_t i = 0; i < codes->count; i++)
        if (codes->ranges[i].first < 0 || codes->ranges[i].first > codes->ranges[i].last)
            abort();
}

static void check_line(struct slice line, struct arena *arena)
{
    char text[PLAIN_LINE_BYTES], clean[200];
    struct command command = {0};
    struct slice folded = plain_fold(line, text);
    if (folded.size >= PLAIN_LINE_BYTES)
        abort();
    if (command_read(folded, arena, &command, NULL) == 1) {
        check_codes(&command.codes);
        struct slice rest = command.text;
        const struct option_row *row = setting_find(&rest);
        if (row != NULL && setting_value(row, slice_trim(rest), arena).size > PLAIN_LINE_BYTES)
            abort();
    }
    struct slice named = plain_clean(line, clean, sizeof clean);
    for (size_t i = 0; i < named.size; i++)
        if ((unsigned char)named.data[i] < ' ')
            abort();
}

static void check_shown(struct slice text)
{
    BUFFER_CLEANUP shown = buffer_new(4 * MIB);
    plain_show(text, 64 * KIB, &shown);
    struct slice rest = buffer_slice(&shown), line;
    while (slice_next(&rest, '\n', &line))
        if (line.size > 0 && !slice_starts_with(line, "| "))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings;
    static struct arena *arena;
    struct reply reply;
    struct slice mail = slice_new((const char *)data, size), line;
    if (arena == NULL) {
        settings_set_defaults(&settings);
        arena = arena_new(64 * MIB);
    }
    arena_reset(arena);
    if (reply_read(mail, slice_of("a@example.org"), &settings, arena, &reply, NULL) == 0) {
        if (reply.automatic != NULL && reply.own.size > 0)
            abort();
        while (slice_next(&reply.own, '\n', &line))
            check_line(line, arena);
    }
    struct quote_cut cut = quote_cut_text(mail, "zaguan");
    if (cut.own.size > mail.size || (cut.own.size > 0 && cut.own.data != mail.data))
        abort();
    while (slice_next(&cut.own, '\n', &line))
        check_line(line, arena);
    check_shown(mail);
    return 0;
}
