/*
 * listener: an SMTP server in a thread on loopback, for tests of what is submitted. It answers by a
 * table and keeps what it was told.
 */
#ifndef ZAGUAN_TESTS_MAIL_LISTENER_H
#define ZAGUAN_TESTS_MAIL_LISTENER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENER_MAIL_BYTES (64u * 1024 * 1024)

/* Replies; NULL is the good one, "" is none at all (the client's time-out). */
struct listener_script {
    const char *greeting, *ehlo, *mail, *rcpt, *data, *end;
};

static struct listener {
    int socket;
    char server[32]; /* "127.0.0.1:PORT" */
    pthread_t thread;
    struct listener_script script;
    char mail_line[4096], rcpt_line[4096], helo_line[4096];
    char *message; /* with its dots undone */
    size_t size;
    int accepted; /* messages answered with 250 */
    int sessions;
} listener;

static void listener_say(FILE *to, const char *scripted, const char *usual)
{
    const char *reply = scripted == NULL ? usual : scripted;
    if (reply[0] != '\0')
        fprintf(to, "%s\r\n", reply);
    fflush(to);
}

/* Reads one line with its line end, any bytes; 0 at the end. */
static size_t listener_line(FILE *from, char *line, size_t room)
{
    size_t size = 0;
    int byte;
    while (size < room - 1 && (byte = getc(from)) != EOF) {
        line[size++] = (char)byte;
        if (size >= 2 && line[size - 2] == '\r' && byte == '\n')
            break;
    }
    line[size] = '\0';
    return size;
}

static void listener_take_message(FILE *from)
{
    char *line = malloc(LISTENER_MAIL_BYTES);
    size_t size;
    listener.size = 0;
    while ((size = listener_line(from, line, LISTENER_MAIL_BYTES)) > 0) {
        if (strcmp(line, ".\r\n") == 0)
            break;
        size_t skip = line[0] == '.' ? 1 : 0;
        memcpy(listener.message + listener.size, line + skip, size - skip);
        listener.size += size - skip;
    }
    free(line);
}

static void listener_cut_line_end(char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
}

static void listener_serve(FILE *in, FILE *out)
{
    char line[4096];
    const struct listener_script *script = &listener.script;
    listener_say(out, script->greeting, "220 listener ESMTP");
    while (listener_line(in, line, sizeof line) > 0) {
        if (strncmp(line, "EHLO", 4) == 0) {
            memcpy(listener.helo_line, line, sizeof line);
            listener_say(out, script->ehlo,
                         "250-listener\r\n250-SIZE 100000000\r\n250-8BITMIME\r\n250 SMTPUTF8");
        } else if (strncmp(line, "MAIL", 4) == 0) {
            memcpy(listener.mail_line, line, sizeof line);
            listener_cut_line_end(listener.mail_line);
            listener_say(out, script->mail, "250 2.1.0 Ok");
        } else if (strncmp(line, "RCPT", 4) == 0) {
            memcpy(listener.rcpt_line, line, sizeof line);
            listener_cut_line_end(listener.rcpt_line);
            listener_say(out, script->rcpt, "250 2.1.5 Ok");
        } else if (strncmp(line, "DATA", 4) == 0) {
            listener_say(out, script->data, "354 go on");
            if (script->data != NULL)
                continue;
            listener_take_message(in);
            listener.accepted += script->end == NULL;
            listener_say(out, script->end, "250 2.0.0 Ok");
        } else if (strncmp(line, "QUIT", 4) == 0) {
            listener_say(out, NULL, "221 bye");
            return;
        } else {
            listener_say(out, NULL, "502 what?");
        }
    }
}

static void *listener_run(void *context)
{
    (void)context;
    for (;;) {
        int client = accept(listener.socket, NULL, NULL);
        if (client < 0)
            return NULL;
        listener.sessions++;
        FILE *in = fdopen(client, "r"), *out = fdopen(dup(client), "w");
        listener_serve(in, out);
        fclose(in);
        fclose(out);
    }
}

static int listener_open(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    memset(&listener, 0, sizeof listener);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener.message = malloc(LISTENER_MAIL_BYTES);
    listener.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener.socket, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener.socket, 16) != 0 ||
        getsockname(listener.socket, (struct sockaddr *)&address, &size) != 0)
        return -1;
    snprintf(listener.server, sizeof listener.server, "127.0.0.1:%u", ntohs(address.sin_port));
    return pthread_create(&listener.thread, NULL, listener_run, NULL);
}

static void listener_close(void)
{
    shutdown(listener.socket, SHUT_RDWR);
    pthread_join(listener.thread, NULL);
    close(listener.socket);
    free(listener.message);
}

#endif
