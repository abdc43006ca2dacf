#include "common/base/settings.h"

#include "common/base/files.h"
#include "common/base/limits.h"
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_LINE 190 /* inih as Debian builds it has a line buffer of 200 bytes */

#define TEXT(name, field)                                                                          \
#name, OPTION_TEXT, offsetof(struct settings, field), 0,                                       \
        (int64_t)sizeof(((struct settings *)0)->field), NULL
#define NUMBER(name, field, least, most)                                                           \
#name, OPTION_NUMBER, offsetof(struct settings, field), least, most, NULL
#define YES_NO(name, field) #name, OPTION_YES_NO, offsetof(struct settings, field), 0, 0, NULL
#define CHOICE(name, field, choices)                                                               \
#name, OPTION_CHOICE, offsetof(struct settings, field), 0, 0, choices

static const char *const languages[] = {"es", "pt", "en", NULL};
static const char *const log_targets[] = {"stderr", "syslog", NULL};
static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};

const struct option_row settings_rows[] = {
    {TEXT(hostname, hostname), "localhost",
     "The name of this mail server. It stands in Authentication-Results and in the Received field "
     "of released mail. Use Postfix's myhostname."},
    {TEXT(domain, domain), "localhost",
     "The mail domain of the reply address, zaguan+TOKEN@domain. Use Postfix's mydomain."},
    {TEXT(reply_user, reply_user), "zaguan", "The local part of the reply address."},
    {TEXT(admin_address, admin_address), "postmaster",
     "Who is told when something needs a person. Members' mail is never sent there."},
    {TEXT(recipient_delimiter, recipient_delimiter), "+",
     "Postfix's recipient_delimiter: what stands between an address and its tag."},
    {CHOICE(language, language, languages), "es",
     "The language of an invitation when none is given with it, and of mail to the admin about "
     "lists of partners."},
    {TEXT(database, database), "/var/lib/zaguan/zaguan.db", "The SQLite database."},
    {TEXT(key_folder, key_folder), "/etc/zaguan/keys",
     "The folder of review.pub, review.key and digest.key. Only zaguan-review may read "
     "review.key."},
    {TEXT(list_folder, list_folder), "/etc/zaguan/lists",
     "The folder whose .zl files are active. Lists advise; only members decide."},
    {TEXT(partner_folder, partner_folder), "/var/lib/zaguan/partners",
     "Pinned keys, heads, floors and accepted lists of partner servers."},
    {TEXT(inbox_folder, inbox_folder), "/var/lib/zaguan/inbox",
     "Where zaguan-fetch puts what partners publish, before anything of it is trusted."},
    {TEXT(benign_folder, benign_folder), ZAGUAN_PREFIX "/share/zaguan/benign",
     "Benign texts (.csv). An entry of a partner's list that matches one of them stays out."},
    {TEXT(image, image), "/var/lib/zaguan/lists.image", "The compiled lists that the daemons map."},
    {TEXT(milter_socket, milter_socket), "inet:8891@127.0.0.1",
     "Where zaguan-milter listens: inet:PORT@ADDRESS or unix:PATH."},
    {TEXT(policy_socket, policy_socket), "inet:8892@127.0.0.1",
     "Where zaguan-policy listens: inet:PORT@ADDRESS or unix:PATH; several with commas."},
    {NUMBER(policy_connections, policy_connections, 1, 10000), "1000",
     "How many connections of Postfix zaguan-policy serves at a time. When all are taken, the one "
     "that was silent for longest is closed; Postfix opens it again when it needs it."},
    {TEXT(policy_rules, policy_rules), "/etc/zaguan/policy.rules",
     "The file of your own rules about senders and clients: the only ones by which zaguan-policy "
     "refuses mail for everybody. It need not be there."},
    {YES_NO(policy_received_spf, policy_received_spf), "no",
     "Whether zaguan-policy checks SPF of every mail and puts a Received-SPF field in front of it. "
     "Only for a server without zaguan-milter, which checks SPF itself."},
    {TEXT(submission_ports, submission_ports), "",
     "Ports, with commas, where your own people hand in mail without a login, such as by client "
     "certificate. Who logs in is known without this."},
    {NUMBER(ring_days, ring_days, 0, 14), "14",
     "How many days digests of the senders, domains and networks of the last 10000 looked-at "
     "messages are kept, so that a partner's new entries can be asked what they would have met. 0: "
     "none are kept, and the answer is \"unknown\"."},
    {NUMBER(flood_limit, flood_limit, 0, 1000000), "60",
     "How many strangers may write to a member in flood_window_seconds before more of them are put "
     "off, by turns, to try again later. 0: none is."},
    {NUMBER(flood_window_seconds, flood_window_seconds, 8, 86400), "600",
     "The time in which strangers are counted."},
    {NUMBER(outgoing_limit, outgoing_limit, 0, 1000000), "0",
     "The brake for a stolen account: to how many recipients one account may write in an hour. "
     "Beyond it more are put off, and the admin is told. 0: no brake."},
    {TEXT(release_server, release_server), "127.0.0.1:10026",
     "The Postfix listener without milters that takes released mail, digests and receipts."},
    {TEXT(dns_server, dns_server), "",
     "The resolver: an address, ADDRESS:PORT or [IPv6]:PORT; several with commas. Empty: those of "
     "resolv.conf."},
    {NUMBER(dns_timeout_milliseconds, dns_timeout_milliseconds, 100, 20000), "5000",
     "The time for all DNS work of one message. What is not answered by then is a temporary error, "
     "and the mail passes."},
    {NUMBER(scan_timeout_milliseconds, scan_timeout_milliseconds, 10, 10000), "250",
     "The processor's time for matching one message, however busy the machine is. What is not "
     "matched by then is marked unscanned."},
    {TEXT(trusted_networks, trusted_networks), "",
     "Clients whose mail is passed without a check, such as your own relays: addresses or CIDR "
     "networks, with commas."},
    {NUMBER(keep_days, keep_days, 1, 3650), "30",
     "How many days a held mail waits, unless the member chose otherwise."},
    {NUMBER(undo_days, undo_days, 1, 365), "7", "How many days a deletion can be undone."},
    {NUMBER(digest_poll_seconds, digest_poll_seconds, 1, 3600), "5",
     "How often zaguan-review looks whether a digest is due."},
    {CHOICE(log_to, log_to, log_targets), "stderr",
     "Where log lines go: stderr (systemd's journal) or syslog (facility mail)."},
    {CHOICE(log_level, log_level, log_levels), "info", "The least important lines to log."},
    {NULL, OPTION_TEXT, 0, 0, 0, NULL, NULL, NULL},
};

void settings_set_defaults(struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    option_set_defaults(settings_rows, settings);
}

struct reading {
    struct slice rest; /* not read yet */
    int line;          /* the one inih has now: Debian's inih does not hand it to its handler */
    struct settings *settings;
    const char *name;
    struct error *err;
    bool has_failed;
    int lines_of_rows[sizeof settings_rows / sizeof settings_rows[0]];
};

static char *read_line(char *line, int size, void *context)
{
    struct reading *reading = context;
    struct slice piece;
    if (!slice_next(&reading->rest, '\n', &piece))
        return NULL;
    reading->line++;
    snprintf(line, (size_t)size, SLICE_FORMAT "\n", SLICE_ARGUMENTS(piece));
    return line;
}

static int take_setting(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    int line = reading->line;
    if (reading->has_failed)
        return 0;
    reading->has_failed = true;
    if (section[0] != '\0') {
        error_set(reading->err, ERROR_INPUT, "%s:%d: sections like [%s] are not used here",
                  reading->name, line, section);
        return 0;
    }
    const struct option_row *row = option_find(settings_rows, slice_of(name));
    if (row == NULL) {
        error_set(reading->err, ERROR_INPUT, "%s:%d: there is no setting \"%.60s\"", reading->name,
                  line, name);
        return 0;
    }
    int *first_line = &reading->lines_of_rows[row - settings_rows];
    if (*first_line != 0) {
        error_set(reading->err, ERROR_INPUT, "%s:%d: %s stands in line %d already", reading->name,
                  line, name, *first_line);
        return 0;
    }
    *first_line = line;
    if (option_set(row, reading->settings, slice_of(value), reading->err) != 0) {
        error_context(reading->err, "%s:%d", reading->name, line);
        return 0;
    }
    reading->has_failed = false;
    return 1;
}

/* inih reads what it can and says only the first bad line: these it would pass over in silence. */
static int check_lines(struct slice text, const char *name, struct error *err)
{
    struct slice line;
    for (int number = 1; slice_next(&text, '\n', &line); number++) {
        if (line.size > LONGEST_LINE)
            return error_set(err, ERROR_INPUT, "%s:%d: the line is too long", name, number);
        if (slice_find_byte(line, '\0') != line.size)
            return error_set(err, ERROR_INPUT, "%s:%d: a NUL byte", name, number);
        if (line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t') &&
            slice_trim(line).size > 0)
            return error_set(err, ERROR_INPUT, "%s:%d: a setting starts at the line's beginning",
                             name, number);
    }
    return 0;
}

int settings_parse(struct slice text, const char *name, struct settings *settings,
                   struct error *err)
{
    struct settings read;
    settings_set_defaults(&read);
    if (text.size > LIMIT_SETTINGS_BYTES)
        return error_set(err, ERROR_LIMIT, "%s: longer than %zu bytes", name, LIMIT_SETTINGS_BYTES);
    if (check_lines(text, name, err) != 0)
        return -1;
    struct reading reading = {.rest = text, .settings = &read, .name = name, .err = err};
    int bad_line = ini_parse_stream(read_line, &reading, take_setting, &reading);
    if (reading.has_failed)
        return -1;
    if (bad_line != 0)
        return error_set(err, ERROR_INPUT, "%s:%d: not of the form \"name = value\"", name,
                         bad_line);
    *settings = read;
    return 0;
}

int settings_read(const char *path, struct settings *settings, struct error *err)
{
    if (path == NULL) {
        if (access(SETTINGS_DEFAULT_PATH, F_OK) != 0) {
            settings_set_defaults(settings);
            return 0;
        }
        path = SETTINGS_DEFAULT_PATH;
    }
    BUFFER_CLEANUP text = buffer_new(LIMIT_SETTINGS_BYTES);
    if (file_read(path, &text, err) != 0)
        return -1;
    return settings_parse(buffer_slice(&text), path, settings, err);
}
