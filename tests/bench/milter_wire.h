/*
 * milter_wire: the MTA's side of the milter protocol, version 6, as Postfix speaks it: enough to
 * play mails to a milter and to see its answers. For tests and benchmarks; failing ends the
 * program.
 */
#ifndef ZAGUAN_TESTS_BENCH_MILTER_WIRE_H
#define ZAGUAN_TESTS_BENCH_MILTER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    int fd;
    uint32_t steps;        /* what the milter chose */
    unsigned char *packet; /* the last one that came: command and data */
    uint32_t packet_size, packet_capacity;
    unsigned char *out; /* waits to be written */
    size_t out_size, out_capacity;
};

#define WIRE_ALL_STEPS 0x1fffffU

/* "inet:PORT@ADDRESS" or "unix:PATH"; negotiates and says who connected. `steps`: what is offered,
 * WIRE_ALL_STEPS as Postfix 3.7, 0 as the oldest mail server. */
void wire_open(struct wire *wire, const char *socket, const char *client_ip, const char *helo,
               uint32_t steps);
void wire_close(struct wire *wire);

struct wire_mail {
    const char *bytes; /* LF or CRLF */
    size_t size;
    const char *sender; /* with < > */
    const char *login;  /* NULL: nobody logged in */
    const char *const *recipients;
    size_t recipient_count;
    const char *queue_id;
};

/* Everything but the end of the message. */
void wire_send(struct wire *wire, const struct wire_mail *mail);
/* The end: its answer, 'a' accept or 'c' continue, 'd' discard, 't' try again; edits go to `edit`
 * (NULL: not wanted). */
char wire_end(struct wire *wire, const char *queue_id,
              void (*edit)(const unsigned char *packet, uint32_t size));

#endif
