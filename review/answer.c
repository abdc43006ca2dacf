#include "review/answer.h"

#include "common/base/limits.h"
#include "common/mail/header.h"
#include "policy/member_name.h"
#include "review/do.h"
#include "review/plain.h"
#include "review/reply.h"
#include <string.h>

#define ARENA_BYTES (256 * MIB) /* taken as needed: "see all" fifty times over */
#define SECONDS_OF_DAY 86400
#define REMEMBERED_SECONDS (14 * SECONDS_OF_DAY) /* longer than any queue tries */
#define MOST_UNKNOWN 3   /* lines of prose after which nothing more is read: an unmarked quote */
#define UNKNOWN_BYTES 40 /* of such a line, named back */
#define UNKNOWN_WORDS 3

struct lines {
    struct slice rest;
    int commands, unknown;
    bool is_too_long;
    char unknown_text[MOST_UNKNOWN][UNKNOWN_BYTES + 1];
};

/* "Hola", "gracias": no command, and nothing to complain about. */
static bool is_greeting(struct slice folded)
{
    static const char *const greetings[] = {
        "hola",          "hola zaguan", "oi",        "ola",         "hello",       "hi",
        "gracias",       "obrigada",    "obrigado",  "thanks",      "thank you",   "muchas gracias",
        "bom dia",       "buen dia",    "por favor", "please",      "buenos dias", "buenas tardes",
        "saludos",       "abrazo",      "abraco",    "un abrazo",   "um abraco",   "muito obrigada",
        "buenas noches", "boa tarde",   "boa noite", "good morning"};
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++)
        if (slice_is(folded, greetings[i]))
            return true;
    return false;
}

/* The first words of a line that was not understood, as she wrote them. */
static void note_unknown(struct lines *lines, struct slice line)
{
    char clean[4 * UNKNOWN_BYTES];
    struct slice words = plain_clean(line, clean, sizeof clean), rest = words, word;
    size_t size = 0;
    for (int i = 0; i < UNKNOWN_WORDS && slice_next_word(&rest, &word); i++)
        size = (size_t)(word.data - words.data) + word.size;
    if (lines->unknown < MOST_UNKNOWN) {
        char *text = lines->unknown_text[lines->unknown];
        struct slice named = plain_clean(slice_part(words, 0, size), text, UNKNOWN_BYTES);
        memmove(text, named.data, named.size);
        text[named.size] = '\0';
    }
    lines->unknown++;
}

static void say_wrong_state(struct conversation *talk)
{
    receipt_say(talk->receipt, "%s",
                talk->member.row.state == STORE_MEMBER_INVITED
                    ? conversation_say(talk, "You have not said \"yes\" yet, so there is nothing "
                                             "here to change.")
                    : conversation_say(talk, "You had stopped, so this was not done. To begin "
                                             "again, answer the mail that said so with \"yes\"."));
}

static void say_which(struct conversation *talk, const struct command_row *row)
{
    char word[COMMAND_WORD_BYTES];
    receipt_say(talk->receipt,
                conversation_say(talk, "\"%s\" needs the numbers of the summary behind it, such as "
                                       "\"1\", \"1 3-5\" or \"all\". Nothing was done for it."),
                command_word(row, talk->member.wishes.language, word));
}

static int run(struct conversation *talk, const struct command *command, struct error *err)
{
    if ((command->row->states & 1u << talk->member.row.state) == 0) {
        say_wrong_state(talk);
        return 0;
    }
    if (command->row->argument == ARGUMENT_CODES && command->codes.count == 0 &&
        !command->codes.is_all && !command->codes.is_lane) {
        say_which(talk, command->row);
        return 0;
    }
    if (command->row->run(talk, command, err) != 0)
        return error_context(err, "%s", command->row->name);
    return 0;
}

static int take_line(struct conversation *talk, struct slice line, struct lines *lines,
                     struct error *err)
{
    char text[PLAIN_LINE_BYTES];
    struct slice folded = plain_fold(line, text);
    struct command command;
    if (slice_is_empty(folded) || is_greeting(folded))
        return 0;
    int is_command = command_read(folded, talk->arena, &command, err);
    if (is_command < 0)
        return -1;
    if (is_command == 0) {
        note_unknown(lines, line);
        return 0;
    }
    if (lines->commands >= LIMIT_REPLY_COMMANDS) {
        lines->is_too_long = true;
        return 0;
    }
    lines->commands++;
    return run(talk, &command, err);
}

static int take_lines(struct conversation *talk, struct lines *lines, struct error *err)
{
    struct slice line;
    while (slice_next(&lines->rest, '\n', &line)) {
        if (take_line(talk, line, lines, err) != 0)
            return -1;
        if (talk->is_forgotten || lines->is_too_long || lines->unknown >= MOST_UNKNOWN)
            break;
    }
    return 0;
}

static void say_unknown(struct conversation *talk, const struct lines *lines)
{
    for (int i = 0; i < lines->unknown && i < MOST_UNKNOWN; i++)
        receipt_say(talk->receipt,
                    conversation_say(talk, "This was not understood, and nothing was done for it: "
                                           "\"%s\""),
                    lines->unknown_text[i]);
    if (lines->is_too_long)
        receipt_say(talk->receipt,
                    conversation_say(talk,
                                     "Only the first %d lines were done. Please send the rest "
                                     "in another answer."),
                    LIMIT_REPLY_COMMANDS);
}

/* At most once a day, so that two machines never keep each other busy. */
static int offer_help(struct conversation *talk, const struct reply *reply,
                      const struct lines *lines, bool *is_due_out, struct error *err)
{
    *is_due_out = talk->member.row.last_help_at + SECONDS_OF_DAY <= talk->now;
    if (!*is_due_out)
        return 0;
    talk->receipt->kind = "help";
    say_unknown(talk, lines);
    help_write(talk, reply->has_text_below
                         ? conversation_say(talk, "Your answer stood below the quoted mail. Only "
                                                  "what stands above it is read, so nothing was "
                                                  "done.")
                         : conversation_say(talk, "Your answer held no word that is known here, so "
                                                  "nothing was changed."));
    talk->member.row.last_help_at = talk->now;
    return store_member_put(talk->store, &talk->member.row, err);
}

static int queue_receipt(struct conversation *talk, const struct reply *reply, struct error *err)
{
    struct receipt_address address = {
        .to = talk->member.row.address,
        .member_id = talk->is_forgotten ? 0 : talk->member.row.id,
        .in_reply_to = reply->message_id,
    };
    return receipt_queue(talk->receipt, talk->store, talk->keys, talk->settings, &address,
                         talk->now, err);
}

static int answer_person(struct conversation *talk, const struct reply *reply,
                         struct answer_result *result, struct error *err)
{
    struct lines lines = {.rest = reply->own};
    if (take_lines(talk, &lines, err) != 0)
        return -1;
    result->commands = lines.commands;
    result->unknown = lines.unknown;
    result->ending = "answered";
    if (lines.commands == 0) {
        bool is_due;
        if (offer_help(talk, reply, &lines, &is_due, err) != 0)
            return -1;
        result->ending = is_due ? "helped" : "ignored";
        result->reason = "no command";
        return is_due ? queue_receipt(talk, reply, err) : 0;
    }
    say_unknown(talk, &lines);
    return queue_receipt(talk, reply, err);
}

/* What makes two deliveries the same reply: Postfix brings the same bytes again, a sender's server
 * the same Message-ID under a new Received field. */
static void identify(const struct keys *keys, const struct reply *reply, struct slice mail,
                     const struct store_token *token, unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    unsigned char of_mail[KEYED_DIGEST_BYTES];
    char both[3 * KEYED_DIGEST_BYTES];
    keyed_digest(keys->digest_key, "reply body", reply->message_id == NULL ? mail : reply->body,
                 of_mail);
    memcpy(both, token->digest, KEYED_DIGEST_BYTES);
    memcpy(both + KEYED_DIGEST_BYTES, of_mail, KEYED_DIGEST_BYTES);
    keyed_digest(keys->digest_key, "reply id", slice_of(reply->message_id), of_mail);
    memcpy(both + 2 * KEYED_DIGEST_BYTES, of_mail, KEYED_DIGEST_BYTES);
    keyed_digest(keys->digest_key, "answered reply", slice_new(both, sizeof both), digest_out);
}

/* 1 seen now for the first time, 0 carried out before, -1. */
static int remember(struct conversation *talk, const unsigned char digest[KEYED_DIGEST_BYTES],
                    struct error *err)
{
    struct store_token before, mark = {.member_id = talk->member.row.id,
                                       .use = STORE_TOKEN_ANSWERED,
                                       .created_at = talk->now,
                                       .expires_at = talk->now + REMEMBERED_SECONDS};
    int found = store_token_find(talk->store, digest, talk->arena, &before, err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    memcpy(mark.digest, digest, KEYED_DIGEST_BYTES);
    return store_token_put(talk->store, &mark, err) != 0 ? -1 : 1;
}

/* 1 she is known and everything is at hand, 0 the token opens nothing, -1. */
static int enter(struct conversation *talk, struct slice token, struct error *err)
{
    int found = token_find(talk->store, token, talk->now, talk->arena, &talk->token, err);
    if (found == 1 && talk->token.use == STORE_TOKEN_ANSWERED)
        found = 0;
    if (found == 1)
        found = member_get(talk->store, talk->token.member_id, talk->arena, &talk->member, err);
    if (found != 1)
        return found;
    if (talk->token.digest_id != 0 &&
        store_digest_size(talk->store, talk->token.digest_id, &talk->digest_size, err) != 0)
        return -1;
    talk->receipt->language = talk->member.wishes.language;
    size_t size = token.size < TOKEN_LETTERS ? token.size : TOKEN_LETTERS;
    for (size_t i = 0; i < size; i++) /* as it was given: only the mail knows its text */
        talk->receipt->token[i] = token.data[i] >= 'A' && token.data[i] <= 'Z'
                                      ? (char)(token.data[i] + 32)
                                      : token.data[i];
    return 1;
}

/* The token says that it is her: the name on top of it is one she signs with. */
static int learn_name(struct conversation *talk, struct slice mail, struct error *err)
{
    struct header_field from;
    struct error why = {0};
    if (talk->is_forgotten || !header_find(mail, "From", &from) ||
        member_name_learn(talk->store, talk->keys, talk->settings, &talk->member, from.value,
                          talk->arena, talk->now, &why) == 0)
        return 0;
    /* A From beyond every limit is no reason not to do what she says. */
    return why.kind == ERROR_LIMIT ? 0 : error_set(err, why.kind, "name: %s", why.text);
}

static int answer_inside(struct conversation *talk, struct slice token, const struct reply *reply,
                         struct slice mail, struct answer_result *result, struct error *err)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    int known = enter(talk, token, err);
    if (known <= 0) {
        result->reason = "token";
        return known;
    }
    identify(talk->keys, reply, mail, &talk->token, digest);
    int is_new = remember(talk, digest, err);
    if (is_new <= 0) {
        result->reason = "answered before";
        return is_new;
    }
    if (answer_person(talk, reply, result, err) != 0)
        return -1;
    /* A reply without a command changes nothing. */
    return result->commands == 0 ? 0 : learn_name(talk, mail, err);
}

static int answer_in_transaction(struct conversation *talk, struct slice token,
                                 const struct reply *reply, struct slice mail,
                                 struct answer_result *result, struct error *err)
{
    if (store_begin(talk->store, err) != 0)
        return -1;
    if (answer_inside(talk, token, reply, mail, result, err) != 0 ||
        store_commit(talk->store, err) != 0) {
        store_rollback(talk->store);
        return -1;
    }
    return 0;
}

int answer_mail(struct store *store, const struct keys *keys, const struct settings *settings,
                struct slice mail, const struct answer_envelope *envelope, int64_t now,
                struct answer_result *result_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    RECEIPT_CLEANUP receipt = receipt_new(settings->language);
    struct answer_result result = {.ending = "ignored", .reason = ""};
    struct reply reply;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "answer: no memory");
    struct conversation talk = {.store = store,
                                .keys = keys,
                                .settings = settings,
                                .arena = arena,
                                .now = now,
                                .receipt = &receipt};
    struct slice token = token_in_address(settings, envelope->recipient);
    if (slice_is_empty(token)) {
        result.reason = "no token";
        *result_out = result;
        return 0;
    }
    struct error why = {0};
    if (reply_read(mail, envelope->sender, settings, arena, &reply, &why) != 0) {
        /* A bomb stays one however often Postfix brings it. */
        if (why.kind != ERROR_LIMIT && why.kind != ERROR_INPUT)
            return error_set(err, why.kind, "%s", why.text);
        result.reason = "unreadable";
    } else if (reply.automatic != NULL) {
        result.reason = reply.automatic;
    } else if (answer_in_transaction(&talk, token, &reply, mail, &result, err) != 0) {
        return -1;
    }
    *result_out = result;
    return 0;
}
