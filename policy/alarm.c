#include "policy/alarm.h"

#include "common/base/limits.h"
#include "common/mail/compose.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNT_BYTES 200

static int compose(const struct settings *settings, const char *to, struct slice text, int64_t now,
                   struct buffer *mail, struct error *err)
{
    char from[SETTINGS_NAME_BYTES * 2 + 2], id[SETTINGS_NAME_BYTES + 64], random[33];
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(random, sizeof random, bytes, sizeof bytes);
    snprintf(from, sizeof from, "%s@%s", settings->reply_user, settings->domain);
    snprintf(id, sizeof id, "%s@%s", random, settings->hostname);
    const struct compose_mail letter = {.from_name = "zaguan",
                                        .from_address = from,
                                        .to_address = to,
                                        .subject = "An account writes to unusually many people",
                                        .auto_submitted = "auto-generated",
                                        .language = "en",
                                        .date = now,
                                        .message_id = id,
                                        .text = text};
    return compose_write(&letter, mail, err);
}

int alarm_brake(struct store *store, const struct keys *keys, const struct settings *settings,
                struct slice account, int64_t now, struct error *err)
{
    char to[SETTINGS_NAME_BYTES * 2 + 2], name[ACCOUNT_BYTES];
    BUFFER_CLEANUP text = buffer_new(4 * KIB);
    BUFFER_CLEANUP mail = buffer_new(64 * KIB);
    bool is_whole = strchr(settings->admin_address, '@') != NULL;
    snprintf(to, sizeof to, "%s%s%s", settings->admin_address, is_whole ? "" : "@",
             is_whole ? "" : settings->domain);
    snprintf(name, sizeof name, SLICE_FORMAT, SLICE_ARGUMENTS(account));
    for (char *c = name; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    buffer_printf(&text,
                  "The account \"%s\" has written to more than %lld recipients within an hour.\n\n"
                  "Its mail is put off (450 4.7.1) until an hour has fewer; nothing is lost, and "
                  "nobody else is slowed. If its password was stolen, change it and look at the "
                  "queue (postqueue -p). If it is a newsletter of yours, raise outgoing_limit in "
                  "zaguan.conf.\n\nYou are told at most once a day about one account.\n",
                  name, (long long)settings->outgoing_limit);
    if (buffer_check(&text, "alarm", err) != 0 ||
        compose(settings, to, buffer_slice(&text), now, &mail, err) != 0)
        return -1;
    return outgoing_queue(store, keys, "alarm", 0, slice_of(to), buffer_slice(&mail), 0, now, err);
}
