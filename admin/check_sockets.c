#include "admin/check.h"

#include "common/base/files.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_SECONDS 5

static void set_timeouts(int fd)
{
    struct timeval wait = {WAIT_SECONDS, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

/* -1 with errno, or EADDRNOTAVAIL when the name is not understood. */
static int connect_tcp(const char *host, const char *port)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(host, port, &wanted, &found) != 0) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        set_timeouts(fd);
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
            file_close(&fd);
    }
    freeaddrinfo(found);
    return fd;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_timeouts(fd);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        file_close(&fd);
    return fd;
}

/* "inet:PORT@HOST" or "unix:PATH", as libmilter writes them. */
static int connect_socket(const char *where)
{
    if (strncmp(where, "unix:", 5) == 0)
        return connect_unix(where + 5);
    struct slice rest = slice_of(where);
    if (slice_starts_with(rest, "inet:"))
        rest = slice_from(rest, 5);
    char port[16], host[SETTINGS_NAME_BYTES];
    size_t at = slice_find_byte(rest, '@');
    if (!slice_to_text(slice_part(rest, 0, at), port, sizeof port) ||
        !slice_to_text(slice_from(rest, at + 1), host, sizeof host)) {
        errno = EINVAL;
        return -1;
    }
    size_t length = strlen(host);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') { /* IPv6 */
        host[length - 1] = '\0';
        return connect_tcp(host + 1, port);
    }
    return connect_tcp(host[0] == '\0' ? "127.0.0.1" : host, port);
}

/* SMFIC_OPTNEG, version 6, everything offered; the answer repeats the command 'O'. */
static bool milter_answers(int fd)
{
    static const unsigned char hello[] = {0, 0, 0, 13,   'O', 0,    0,    0,   6,
                                          0, 0, 1, 0xff, 0,   0x1f, 0xff, 0xff};
    unsigned char answer[17] = {0};
    if (send(fd, hello, sizeof hello, MSG_NOSIGNAL) != (ssize_t)sizeof hello)
        return false;
    return recv(fd, answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer &&
           answer[4] == 'O';
}

void check_milter(const struct settings *settings, struct check_finding *finding)
{
    CLEANUP_FD int fd = connect_socket(settings->milter_socket);
    if (fd < 0)
        check_say(finding, CHECK_BAD,
                  "%s: %s: start zaguan-milter; until then Postfix asks senders to try again",
                  settings->milter_socket, strerror(errno));
    else if (!milter_answers(fd))
        check_say(finding, CHECK_BAD, "%s: something listens that is no milter",
                  settings->milter_socket);
    else
        check_say(finding, CHECK_GOOD, "answers at %s", settings->milter_socket);
}

/* A question about nobody: any policy service must answer action=... and an empty line. */
static bool policy_answers(int fd)
{
    static const char question[] =
        "request=smtpd_access_policy\nprotocol_state=VRFY\nclient_address=127.0.0.1\n\n";
    char answer[1024];
    size_t used = 0;
    if (send(fd, question, sizeof question - 1, MSG_NOSIGNAL) != (ssize_t)sizeof question - 1)
        return false;
    while (used + 1 < sizeof answer) {
        ssize_t got = recv(fd, answer + used, sizeof answer - 1 - used, 0);
        if (got <= 0)
            return false;
        used += (size_t)got;
        answer[used] = '\0';
        if (strstr(answer, "\n\n") != NULL)
            return strncmp(answer, "action=", 7) == 0;
    }
    return false;
}

/* Each of the sockets; true when the finding is written. */
static bool check_policy_socket(const char *where, struct check_finding *finding)
{
    CLEANUP_FD int fd = connect_socket(where);
    if (fd < 0)
        check_say(finding, CHECK_BAD,
                  "%s: %s: start zaguan-policy; until then mail goes on without it, and nothing "
                  "slows a flood",
                  where, strerror(errno));
    else if (!policy_answers(fd))
        check_say(finding, CHECK_BAD, "%s: something listens that is no policy service", where);
    else
        return false;
    return true;
}

void check_policy(const struct settings *settings, struct check_finding *finding)
{
    struct slice rest = slice_of(settings->policy_socket), piece;
    char where[SETTINGS_PATH_BYTES];
    while (slice_next(&rest, ',', &piece))
        if (slice_to_text(slice_trim(piece), where, sizeof where) && where[0] != '\0' &&
            check_policy_socket(where, finding))
            return;
    check_say(finding, CHECK_GOOD, "answers at %s", settings->policy_socket);
}

/* One SMTP reply of one or more lines; its code, or 0. */
static int read_reply(int fd, char *text, size_t size)
{
    size_t used = 0;
    for (;;) {
        ssize_t got = recv(fd, text + used, size - 1 - used, 0);
        if (got <= 0)
            return 0;
        used += (size_t)got;
        text[used] = '\0';
        const char *line = text;
        for (const char *end = strstr(line, "\r\n"); end != NULL; end = strstr(line, "\r\n")) {
            if (end - line >= 3 && line[3] != '-')
                return atoi(line);
            line = end + 2;
        }
        if (used + 1 >= size)
            return 0;
    }
}

static int say_smtp(int fd, const char *words, char *text, size_t size)
{
    char line[SETTINGS_NAME_BYTES * 2 + 32];
    int length = snprintf(line, sizeof line, "%s\r\n", words);
    if (length < 0 || (size_t)length >= sizeof line ||
        send(fd, line, (size_t)length, MSG_NOSIGNAL) != length)
        return 0;
    return read_reply(fd, text, size);
}

/* Asks whether the listener would take a released mail, and takes the question back. */
static void try_release(int fd, const struct settings *settings, struct check_finding *finding)
{
    char text[8192], recipient[SETTINGS_NAME_BYTES * 2 + 16], helo[SETTINGS_NAME_BYTES + 8];
    snprintf(helo, sizeof helo, "EHLO %s", settings->hostname);
    snprintf(recipient, sizeof recipient, "RCPT TO:<%s@%s>", settings->reply_user,
             settings->domain);
    const char *const words[] = {helo, "MAIL FROM:<>", recipient, "RSET", "QUIT"};
    if (read_reply(fd, text, sizeof text) != 220) {
        check_say(finding, CHECK_BAD, "%s: does not greet as SMTP", settings->release_server);
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        int code = say_smtp(fd, words[i], text, sizeof text);
        if (code < 200 || code > 299) {
            check_say(finding, CHECK_BAD,
                      "%s: %.4s is answered with %d: `zaguan setup --dry-run` "
                      "shows the listener it needs",
                      settings->release_server, words[i], code);
            return;
        }
    }
    check_say(finding, CHECK_GOOD, "%s takes released mail", settings->release_server);
}

void check_release(const struct settings *settings, struct check_finding *finding)
{
    char host[SETTINGS_NAME_BYTES], port[16];
    struct slice server = slice_of(settings->release_server);
    size_t colon = slice_find_last_byte(server, ':');
    if (!slice_to_text(slice_part(server, 0, colon), host, sizeof host) ||
        !slice_to_text(slice_from(server, colon + 1), port, sizeof port)) {
        check_say(finding, CHECK_BAD, "release_server must be HOST:PORT");
        return;
    }
    CLEANUP_FD int fd = connect_tcp(host, port);
    if (fd < 0)
        check_say(finding, CHECK_BAD, "%s: %s: `zaguan setup --dry-run` shows the listener",
                  settings->release_server, strerror(errno));
    else
        try_release(fd, settings, finding);
}
