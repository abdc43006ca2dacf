#include "review/outbox.h"

#include "common/base/limits.h"
#include "common/mail/submit.h"
#include <string.h>

#define SECONDS_OF_DAY 86400
#define FIRST_WAIT_SECONDS 30
#define LONGEST_WAIT_SECONDS 3600
#define LIST_BYTES (8 * MIB)

static int send_mail(const struct settings *settings, struct slice plain, struct error *err)
{
    size_t end = slice_find_byte(plain, '\0');
    if (end == plain.size)
        return error_set(err, ERROR_INPUT, "a queued mail without a recipient");
    struct slice piece = slice_from(plain, end + 1);
    return submit_message(settings->release_server, settings->hostname, slice_of(""),
                          slice_part(plain, 0, end), &piece, 1, err);
}

/* Opens it and sends it; what is not there any more counts as sent by somebody else. */
static int try_mail(struct store *store, const struct keys *keys, const struct settings *settings,
                    int64_t id, struct error *err)
{
    BUFFER_CLEANUP plain = buffer_new(OUTBOX_MAIL_BYTES);
    ARENA_CLEANUP *arena = arena_new(2 * OUTBOX_MAIL_BYTES);
    struct slice sealed;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for a mail of ours");
    int found = store_outbox_read(store, id, arena, &sealed, err);
    if (found <= 0)
        return found;
    if (keys_open(keys, sealed, &plain, err) != 0)
        return -1;
    return send_mail(settings, buffer_slice(&plain), err);
}

/* Sent: its row goes and, for a digest, what stood in it counts as told; both or neither. */
static int finish(struct store *store, const struct store_outgoing *mail, int64_t now,
                  struct error *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    if ((mail->digest_id != 0 && store_digest_accepted(store, mail->digest_id, now, err) != 0) ||
        store_outbox_done(store, mail->id, err) != 0 || store_commit(store, err) != 0) {
        store_rollback(store);
        return -1;
    }
    return 0;
}

static int64_t next_try(const struct store_outgoing *mail, int64_t now)
{
    int64_t wait = FIRST_WAIT_SECONDS;
    for (int64_t i = 0; i < mail->try_count && wait < LONGEST_WAIT_SECONDS; i++)
        wait *= 2;
    return now + (wait < LONGEST_WAIT_SECONDS ? wait : LONGEST_WAIT_SECONDS);
}

/* A refusal for good is tried on as well: a mailbox over quota answers 552. */
static int put_back(struct store *store, const struct store_outgoing *mail, int64_t now,
                    struct outbox_counts *counts, struct error *err)
{
    if (mail->created_at + OUTBOX_DAYS * (int64_t)SECONDS_OF_DAY < now) {
        counts->given_up++;
        return store_outbox_done(store, mail->id, err);
    }
    counts->postponed++;
    return store_outbox_postpone(store, mail->id, next_try(mail, now), err);
}

int outbox_run(struct store *store, const struct keys *keys, const struct settings *settings,
               int64_t now, struct outbox_counts *counts_out, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_BYTES);
    struct store_outgoing *mails;
    size_t count;
    memset(counts_out, 0, sizeof *counts_out);
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the outbox");
    if (store_outbox_list(store, now, arena, &mails, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (try_mail(store, keys, settings, mails[i].id, &counts_out->trouble) == 0) {
            if (finish(store, &mails[i], now, err) != 0)
                return -1;
            counts_out->sent++;
        } else if (put_back(store, &mails[i], now, counts_out, err) != 0) {
            return -1;
        }
    }
    return 0;
}
