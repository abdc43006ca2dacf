/*
 * zaguan-answer: takes one reply mail from Postfix's pipe(8) on standard input and carries it out.
 *
 *     zaguan-answer unix - n n - 4 pipe flags= null_sender= user=zaguan-review
 *         argv=/usr/local/bin/zaguan-answer -c FILE --sender=${sender}
 *         --recipient ${original_recipient}
 *
 * What cannot be done now (database, disk, settings, the command line itself) is 75: Postfix keeps
 * the mail and tries again. Everything else is 0, so that no person and no machine ever gets a
 * bounce from here. No network connection is opened.
 */
#include "common/base/args.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/limits.h"
#include "common/base/log.h"
#include "review/answer.h"
#include "review/phrases.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct wanted {
    struct args_list recipients, recipients_short;
    const char *sender, *settings_path;
    bool asks_for_help;
};

static const struct args_row rows[] = {
    {"recipient", ARGS_LIST, offsetof(struct wanted, recipients), "ADDRESS",
     "the reply address with its token; several are done one after the other"},
    {"a", ARGS_LIST, offsetof(struct wanted, recipients_short), "ADDRESS", "the same"},
    {"sender", ARGS_VALUE, offsetof(struct wanted, sender), "ADDRESS",
     "the envelope sender; empty or <>: the null sender, then the mail is ignored"},
    {"c", ARGS_VALUE, offsetof(struct wanted, settings_path), "FILE",
     "settings (default " SETTINGS_DEFAULT_PATH ")"},
    {"help", ARGS_FLAG, offsetof(struct wanted, asks_for_help), NULL, "print this and do nothing"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static void print_help(void)
{
    BUFFER_CLEANUP text = buffer_new(8 * KIB);
    args_print_help(rows, &text);
    printf("usage: zaguan-answer [-c FILE] --recipient ADDRESS [--sender ADDRESS] < MAIL\n"
           "Carries out a member's reply. Started by Postfix's pipe(8).\n%s",
           text.data);
}

/* The top of the mail is enough: commands stand there. The rest is read and let go, because pipe(8)
 * takes a reader that leaves early for a failure. */
static int read_mail(struct buffer *mail, struct error *err)
{
    char piece[16 * 1024];
    for (;;) {
        ssize_t size = read(STDIN_FILENO, piece, sizeof piece);
        if (size < 0)
            return error_system(err, "standard input");
        if (size == 0)
            return 0;
        size_t room = mail->max_bytes - mail->size;
        size_t taken = (size_t)size < room ? (size_t)size : room;
        if (taken > 0 && buffer_append(mail, slice_new(piece, taken)) != 0)
            return error_set(err, ERROR_SYSTEM, "standard input: no memory");
    }
}

static int answer_recipient(struct store *store, const struct keys *keys,
                            const struct settings *settings, struct slice mail,
                            const struct wanted *wanted, const char *recipient, struct error *err)
{
    struct answer_envelope envelope = {.recipient = slice_of(recipient),
                                       .sender = slice_of(wanted->sender)};
    struct answer_result result;
    if (answer_mail(store, keys, settings, mail, &envelope, clock_now(), &result, err) != 0)
        return -1;
    log_event(LOG_LEVEL_INFO, "answer", "result=%s reason=\"%s\" commands=%d unknown=%d",
              result.ending, result.reason[0] == '\0' ? "-" : result.reason, result.commands,
              result.unknown);
    return 0;
}

static int answer_all(const struct wanted *wanted, const struct settings *settings,
                      const struct keys *keys, const struct args_list *recipients,
                      struct error *err)
{
    BUFFER_CLEANUP mail = buffer_new(LIMIT_REPLY_BYTES);
    struct store *store = NULL;
    if (read_mail(&mail, err) != 0 || store_open(settings->database, &store, err) != 0)
        return -1;
    int failed = 0;
    for (size_t i = 0; i < recipients->count && failed == 0; i++)
        failed = answer_recipient(store, keys, settings, buffer_slice(&mail), wanted,
                                  recipients->words[i], err);
    store_close(store);
    return failed;
}

static int prepare_and_answer(struct wanted *wanted, struct error *err)
{
    struct settings settings;
    struct keys keys = {0};
    const char *path =
        wanted->settings_path != NULL ? wanted->settings_path : getenv("ZAGUAN_CONF");
    const struct args_list *recipients =
        wanted->recipients.count > 0 ? &wanted->recipients : &wanted->recipients_short;
    if (recipients->count == 0)
        return error_set(err, ERROR_USAGE, "--recipient is missing: see zaguan-answer --help");
    if (settings_read(path, &settings, err) != 0)
        return -1;
    if (keys_read(&settings, KEYS_SECRET, &keys, err) != 0)
        return -1;
    log_open("zaguan-answer", (enum log_target)settings.log_to, (enum log_level)settings.log_level,
             keys.digest_key);
    phrases_open();
    int failed = answer_all(wanted, &settings, &keys, recipients, err);
    sodium_memzero(&keys, sizeof keys);
    return failed;
}

int main(int argc, char **argv)
{
    struct wanted wanted = {0};
    struct args_list words = {0};
    struct error err = {0};
    log_open("zaguan-answer", LOG_TARGET_STDERR, LOG_LEVEL_INFO, NULL);
    int failed = sodium_init() < 0 ? error_set(&err, ERROR_BUG, "libsodium does not start") : 0;
    if (failed == 0)
        failed = args_parse(rows, argc, argv, &wanted, &words, &err);
    if (failed == 0 && wanted.asks_for_help)
        print_help();
    else if (failed == 0)
        failed = prepare_and_answer(&wanted, &err);
    args_list_free(&wanted.recipients);
    args_list_free(&wanted.recipients_short);
    args_list_free(&words);
    if (failed == 0)
        return EX_OK;
    log_error("answer_failed", &err);
    return EX_TEMPFAIL;
}
