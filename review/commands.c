#include "review/commands.h"

#include "review/do.h"
#include "review/plain.h"
#include <stdio.h>
#include <string.h>

#define INVITED (1u << STORE_MEMBER_INVITED)
#define ON (1u << STORE_MEMBER_ON)
#define OFF (1u << STORE_MEMBER_OFF)
#define ANY (INVITED | ON | OFF)

/* name, es, pt, en, argument, when, what it does, one line of help */
const struct command_row command_rows[] = {
    {"release", "soltar|suelta|suelte|liberar|libera", "soltar|solta|solte|liberar|libera|libere",
     "release", ARGUMENT_CODES, ON | OFF, do_release,
     PHRASE("sends you the mail as it came, to you alone")},
    {"delete", "borrar|borra|borre|eliminar|elimina", "apagar|apaga|apague|excluir|exclua|deletar",
     "delete|erase", ARGUMENT_CODES, ON | OFF, do_delete,
     PHRASE("deletes it; for some days you can take that back")},
    {"undo", "deshacer|deshaz", "desfazer|desfaz|desfaça", "undo", ARGUMENT_CODES_OR_NONE, ON | OFF,
     do_undo, PHRASE("takes back your last deletion")},
    {"keep", "guardar|guarda|conservar", "guardar|guarda|guarde|manter", "keep|save",
     ARGUMENT_CODES, ON | OFF, do_keep, PHRASE("keeps it as evidence; it does not expire")},
    {"unkeep", "no guardar|dejar de guardar", "não guardar|deixar de guardar", "unkeep|do not keep",
     ARGUMENT_CODES, ON | OFF, do_unkeep, PHRASE("does not keep it as evidence any more")},
    {"see", "ver|mostrar|muestra", "ver|mostrar|mostra|mostre", "see|show|view", ARGUMENT_CODES,
     ON | OFF, do_see, PHRASE("shows a step more of it: who, then the subject, then the text")},
    {"let-through", "dejar pasar|deja pasar|permitir", "deixar passar|deixa passar|deixe passar",
     "let through|allow", ARGUMENT_CODES, ON, do_let_through,
     PHRASE("releases it, and this sender passes from now on")},
    {"block", "bloquear|bloquea|bloquee", "bloquear|bloqueia|bloqueie", "block", ARGUMENT_CODES, ON,
     do_block, PHRASE("holds everything of this sender from now on")},
    {"not-abuse", "no es abuso|no abuso", "não é abuso|não abuso", "not abuse|no abuse",
     ARGUMENT_CODES, ON | OFF, do_not_abuse,
     PHRASE("releases it, and counts that the list was wrong")},
    {"shield", "escudo", "escudo", "shield", ARGUMENT_TEXT, ON, do_shield,
     PHRASE("with \"3 days\" behind it: holds mail of everybody you never wrote to, and ends by "
            "itself; with \"off\": ends it now")},
    {"settings", "ajustes|configuración", "ajustes|configurações|configuração", "settings",
     ARGUMENT_NONE, ANY, do_settings, PHRASE("shows what you can change")},
    {"set", "ajuste|ajustar|cambiar", "ajuste|ajustar|definir|mudar", "set|change", ARGUMENT_TEXT,
     ANY, do_set, PHRASE("with a name and a value behind it: changes a setting")},
    {"stop", "parar|detener|basta|pare", "parar|pare|chega", "stop|unsubscribe", ARGUMENT_NONE, ANY,
     do_stop, PHRASE("ends everything; your mail is delivered untouched")},
    {"forget-me", "olvídame|olvidarme|olvídenme", "esquece-me|esqueça-me|me esqueça|esquecer-me",
     "forget me", ARGUMENT_NONE, ANY, do_forget_me,
     PHRASE("removes everything about you; asks once more before it does")},
    {"yes", "sí|acepto|sí acepto|sí quiero", "sim|aceito|sim aceito|sim quero",
     "yes|i accept|i agree", ARGUMENT_NONE, ANY, do_yes, NULL},
    {"no", "no|no quiero", "não|não quero", "no", ARGUMENT_NONE, ANY, do_no, NULL},
    {"help", "ayuda", "ajuda", "help|?", ARGUMENT_NONE, ANY, do_help, PHRASE("sends these lines")},
    /* Known words whose work comes later: nobody is told that they were not understood. */
    {"export", "exportar", "exportar", "export", ARGUMENT_TEXT, ANY, do_later, NULL},
    {"share", "compartir", "compartilhar|partilhar", "share", ARGUMENT_TEXT, ANY, do_later, NULL},
    {"unshare", "no compartir|dejar de compartir", "não compartilhar|deixar de compartilhar",
     "unshare", ARGUMENT_TEXT, ANY, do_later, NULL},
    {"reviewer", "revisora|revisor", "revisora|revisor", "reviewer", ARGUMENT_TEXT, ANY, do_later,
     NULL},
    {"remove-reviewer", "quitar revisora|quitar revisor", "remover revisora|remover revisor",
     "remove reviewer", ARGUMENT_TEXT, ANY, do_later, NULL},
    {NULL, NULL, NULL, NULL, ARGUMENT_NONE, 0, NULL, NULL},
};

/* Politeness around a command is welcome and means nothing. */
static const char *const polite_before[] = {"por favor", "please", "quiero", "quero", "hola", "oi"};
static const char *const polite_after[] = {"por favor", "please",   "gracias",   "muchas gracias",
                                           "obrigada",  "obrigado", "thank you", "thanks"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *words_of(const struct command_row *row, int language)
{
    return language == SETTINGS_LANGUAGE_ES   ? row->es
           : language == SETTINGS_LANGUAGE_PT ? row->pt
                                              : row->en;
}

const char *command_word(const struct command_row *row, int language, char text[COMMAND_WORD_BYTES])
{
    struct slice words = slice_of(words_of(row, language));
    snprintf(text, COMMAND_WORD_BYTES, SLICE_FORMAT,
             SLICE_ARGUMENTS(slice_part(words, 0, slice_find_byte(words, '|'))));
    return text;
}

const struct command_row *command_find(const char *name)
{
    for (const struct command_row *row = command_rows; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static struct slice skip(struct slice text)
{
    while (text.size > 0 && strchr(" ,:;.!=", text.data[0]) != NULL)
        text = slice_from(text, 1);
    while (text.size > 0 && strchr(" ,:;.!=", text.data[text.size - 1]) != NULL)
        text.size--;
    return text;
}

static struct slice without_politeness(struct slice text)
{
    for (size_t i = 0; i < COUNT(polite_before); i++) {
        size_t size = strlen(polite_before[i]);
        if (text.size > size && slice_starts_with(text, polite_before[i]) &&
            strchr(" ,:", text.data[size]) != NULL)
            text = skip(slice_from(text, size));
    }
    for (size_t i = 0; i < COUNT(polite_after); i++) {
        size_t size = strlen(polite_after[i]);
        if (text.size > size && slice_ends_with_nocase(text, polite_after[i]) &&
            strchr(" ,.!", text.data[text.size - size - 1]) != NULL)
            text = skip(slice_part(text, 0, text.size - size));
    }
    return text;
}

/* A verb ends where no letter follows: "release1" is one, "releases" is none. */
static bool ends_a_verb(struct slice text, size_t size)
{
    return text.size == size || strchr(" ,:;.!=#(0123456789", text.data[size]) != NULL;
}

/* The size of the longest of the words at the front of text; 0: none. */
static size_t match_words(struct slice text, const char *words)
{
    struct slice rest = slice_of(words), word;
    size_t longest = 0;
    while (slice_next(&rest, '|', &word)) {
        char folded_text[PLAIN_LINE_BYTES];
        struct slice folded = plain_fold(word, folded_text);
        if (folded.size == 0) /* "?" and the like */
            folded = word;
        if (folded.size > longest && text.size >= folded.size &&
            slice_equals(slice_part(text, 0, folded.size), folded) &&
            ends_a_verb(text, folded.size))
            longest = folded.size;
    }
    return longest;
}

static const struct command_row *find_verb(struct slice text, size_t *size_out)
{
    const struct command_row *found = NULL;
    *size_out = 0;
    for (const struct command_row *row = command_rows; row->name != NULL; row++) {
        for (int language = SETTINGS_LANGUAGE_ES; language <= SETTINGS_LANGUAGE_EN; language++) {
            size_t size = match_words(text, words_of(row, language));
            if (size > *size_out) {
                *size_out = size;
                found = row;
            }
        }
    }
    return found;
}

static int read_argument(struct slice rest, struct arena *arena, struct command *command,
                         struct error *err)
{
    switch (command->row->argument) {
    case ARGUMENT_NONE:
        return slice_is_empty(rest) ? 1 : 0;
    case ARGUMENT_TEXT:
        command->text = arena_copy(arena, rest);
        return rest.size > 0 && command->text.data == NULL ? arena_error(arena, err) : 1;
    case ARGUMENT_CODES:
    case ARGUMENT_CODES_OR_NONE:
        return codes_read(rest, arena, &command->codes, err);
    }
    return 0;
}

int command_read(struct slice folded, struct arena *arena, struct command *command_out,
                 struct error *err)
{
    struct command command = {0};
    size_t size;
    struct slice text = without_politeness(folded);
    command.row = find_verb(text, &size);
    if (command.row == NULL)
        return 0;
    int is_read = read_argument(skip(slice_from(text, size)), arena, &command, err);
    if (is_read == 1)
        *command_out = command;
    return is_read;
}
