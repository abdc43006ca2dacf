#include "review/do.h"

/* Verbs whose words are known already, so that nobody is told "not understood". */
int do_later(struct conversation *talk, const struct command *command, struct error *err)
{
    char word[COMMAND_WORD_BYTES];
    (void)err;
    command_word(command->row, talk->member.wishes.language, word);
    receipt_say(talk->receipt,
                conversation_say(talk, "\"%s\" cannot be done here yet. Nothing was changed."),
                word);
    return 0;
}
