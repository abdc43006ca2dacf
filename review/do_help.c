#include "review/do.h"

static const char *example_of(enum command_argument argument)
{
    switch (argument) {
    case ARGUMENT_NONE:
    case ARGUMENT_TEXT:
        return "";
    case ARGUMENT_CODES:
        return " 1";
    case ARGUMENT_CODES_OR_NONE:
        return "";
    }
    return "";
}

void help_write(struct conversation *talk, const char *reason)
{
    struct receipt *receipt = talk->receipt;
    char word[COMMAND_WORD_BYTES];
    if (reason != NULL)
        receipt_say(receipt, "%s", reason);
    receipt_say(receipt, "%s",
                conversation_say(talk,
                                 "Write one or more of these lines at the top of your answer, "
                                 "above the quoted mail. The numbers are those of the "
                                 "summary: \"1\", \"1 3-5\" or \"all\" are fine."));
    for (const struct command_row *row = command_rows; row->name != NULL; row++) {
        if (row->help == NULL || (row->states & 1u << talk->member.row.state) == 0)
            continue;
        command_word(row, receipt->language, word);
        buffer_printf(&receipt->done, "  %s%s\n      %s\n", word, example_of(row->argument),
                      conversation_say(talk, row->help));
    }
    buffer_append_byte(&receipt->done, '\n');
    receipt_say(receipt, "%s",
                conversation_say(talk,
                                 "What is not understood is named back to you, and nothing is "
                                 "done for it. You cannot break anything."));
}

int do_help(struct conversation *talk, const struct command *command, struct error *err)
{
    (void)command;
    (void)err;
    help_write(talk, NULL);
    return 0;
}
