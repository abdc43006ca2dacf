#include "admin/command_list.h"

#include "common/base/limits.h"
#include "lists/format/parse.h"
#include <stdio.h>
#include <string.h>

static const struct list_verb verbs[] = {
    {"fmt", list_format_rows, list_verb_format, "[FILE...] [--write]",
     "print a list as canonical text, or rewrite the files"},
    {"lint", list_check_rows, list_verb_lint, "[FILE...] [--json]",
     "say what is wrong with a list, with line and column; 1: something is"},
    {"test", list_test_rows, list_verb_test, "[--corpus FILE.csv] [FILE...] [--json]",
     "match the yes and no texts of every entry; 1: one failed. With --corpus: say how much of its "
     "abuse is caught, and which benign texts are hit"},
    {"show", list_show_rows, list_verb_show, "[FILE...] [--id ID] [--json]",
     "print the entries, and why one is not active"},
    {"add", list_add_rows, list_verb_add,
     "FILE TYPE VALUE --cat CATEGORY [--sev N] [--lang L] [--yes TEXT...] [--no TEXT...] "
     "[--expires DATE] [--why TEXT] ...",
     "add an entry, after lint and its tests; makes the file when there is none"},
    {"remove", list_remove_rows, list_verb_remove, "FILE ID [--why WORD]",
     "retract an entry: a line says that it was taken back"},
    {"retract", list_retract_rows, list_verb_retract, "FILE ID --why WORD",
     "the same for a list that is published: partners undo the entry at its next publication"},
    {"sign", list_sign_rows, list_verb_sign, "FILE...",
     "write FILE.minisig with the list key; `minisign -V` verifies it too"},
    {"verify", list_verify_rows, list_verb_verify, "FILE... [--key RWS... | --partner NAME]",
     "check FILE against FILE.minisig, with our own keys unless told"},
    {"publish", list_publish_rows, list_verb_publish,
     "DIR [FILE...] [--scope TEXT] [--appeals ADDRESS] [--audience WHO] [--fresh-days N] "
     "[--drop NAME...] [--allow-word WORD...] [--saw]",
     "sign lists and write the files that any web server can serve; without FILE: those of "
     "list_folder that carry our %publisher"},
    {"diff", list_diff_rows, list_verb_diff, "PARTNER/LIST",
     "what would change if the newest number of a partner's list acted"},
    {"accept", list_accept_rows, list_verb_accept, "[--undo] PARTNER/LIST",
     "let the newest number act now, or bring back what acted before"},
    {"park", list_park_rows, list_verb_park, "PARTNER/LIST ENTRY... [--as none|tag] [--why TEXT]",
     "keep single entries of a partner out, or let them tag at most"},
    {"import", list_import_rows, list_verb_import,
     "--partner NAME FOLDER | --format FORMAT FILE --out FILE.zl [--cat CATEGORY]",
     "take signed lists by hand, with the same checks; or a list of another program"},
    {"export", list_export_rows, list_verb_export, "--format FORMAT [FILE...] [--hold]",
     "write lists for another program; says what is lost"},
    {NULL, NULL, NULL, NULL, NULL},
};

int list_files(const struct command_context *context, const struct list_wanted *wanted,
               struct arena *arena, const char *const **paths_out, size_t *count_out,
               struct error *err)
{
    struct settings settings;
    *paths_out = wanted->words.words;
    *count_out = wanted->words.count;
    if (wanted->words.count > 0)
        return 0;
    if (command_read_settings(context, &settings, err) != 0)
        return -1;
    return list_find_files(settings.list_folder, arena, paths_out, count_out, err);
}

json_t *list_json_text(struct slice text)
{
    return json_stringn(text.data == NULL ? "" : text.data, text.size);
}

int list_print_json(json_t *json, struct error *err)
{
    int failed = json == NULL || json_dumpf(json, stdout, JSON_INDENT(2)) != 0;
    json_decref(json);
    if (failed)
        return error_set(err, ERROR_SYSTEM, "no memory for the answer");
    puts("");
    return 0;
}

static void print_help(const struct list_verb *verb)
{
    BUFFER_CLEANUP help = buffer_new(64 * KIB);
    for (const struct list_verb *row = verbs; row->name != NULL; row++)
        if (verb == NULL || verb == row)
            buffer_printf(&help, "usage: zaguan list %s %s\n       %s\n", row->name, row->synopsis,
                          row->help);
    if (verb != NULL)
        args_print_help(verb->rows, &help);
    else
        buffer_append_text(&help, "Without FILE: the .zl files of the setting list_folder. See "
                                  "zaguan-list(5).\n");
    fputs(help.data, stdout);
}

static const struct list_verb *find_verb(const char *name)
{
    for (const struct list_verb *verb = verbs; verb->name != NULL; verb++)
        if (name != NULL && strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}

int command_list(const struct command_context *context, int argc, char **argv, struct error *err)
{
    const struct list_verb *verb = find_verb(argc > 1 ? argv[1] : NULL);
    if (verb == NULL && argc > 1 && strcmp(argv[1], "help") == 0) {
        print_help(find_verb(argc > 2 ? argv[2] : NULL));
        return 0;
    }
    if (verb == NULL)
        return error_set(err, ERROR_USAGE,
                         argc > 1 ? "there is no `list %.40s`; `zaguan list help` has them all"
                                  : "what? `zaguan list help` has them all",
                         argc > 1 ? argv[1] : "");
    struct list_wanted wanted = {0};
    int answer = args_parse(verb->rows, argc - 1, argv + 1, &wanted, &wanted.words, err);
    if (answer == 0)
        answer = verb->run(context, &wanted, err);
    args_list_free(&wanted.yes);
    args_list_free(&wanted.no);
    args_list_free(&wanted.allowed_words);
    args_list_free(&wanted.dropped);
    args_list_free(&wanted.words);
    return answer;
}
