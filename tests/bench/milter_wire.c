#include "milter_wire.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)65535)
#define ALL_ACTIONS 0x1ffU

/* What a milter may choose: a step that is not sent, and one that is not answered. */
enum step {
    STEP_NO_DATA = 0x200,
    STEP_QUIET_HEADER = 0x80,
    STEP_QUIET_CONNECT = 0x1000,
    STEP_QUIET_HELO = 0x2000,
    STEP_QUIET_MAIL = 0x4000,
    STEP_QUIET_RCPT = 0x8000,
    STEP_QUIET_DATA = 0x10000,
    STEP_QUIET_EOH = 0x40000,
    STEP_QUIET_BODY = 0x80000,
    STEP_LEADING_SPACE = 0x100000
};

_Noreturn static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void put(struct wire *wire, const void *bytes, size_t size)
{
    if (wire->out_size + size > wire->out_capacity) {
        wire->out_capacity = (wire->out_size + size) * 2;
        wire->out = realloc(wire->out, wire->out_capacity);
        if (wire->out == NULL)
            die("memory");
    }
    if (size > 0)
        memcpy(wire->out + wire->out_size, bytes, size);
    wire->out_size += size;
}

static void put_head(struct wire *wire, char command, size_t size)
{
    uint32_t length = htonl((uint32_t)size + 1);
    put(wire, &length, sizeof length);
    put(wire, &command, 1);
}

static void put_command(struct wire *wire, char command, const void *bytes, size_t size)
{
    put_head(wire, command, size);
    put(wire, bytes, size);
}

static void flush(struct wire *wire)
{
    for (size_t done = 0; done < wire->out_size;) {
        ssize_t sent = send(wire->fd, wire->out + done, wire->out_size - done, MSG_NOSIGNAL);
        if (sent <= 0)
            die("milter is gone");
        done += (size_t)sent;
    }
    wire->out_size = 0;
}

static void get(struct wire *wire, void *into, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = recv(wire->fd, (char *)into + done, size - done, 0);
        if (got <= 0)
            die("milter is gone");
        done += (size_t)got;
    }
}

static char get_packet(struct wire *wire)
{
    uint32_t length;
    get(wire, &length, sizeof length);
    wire->packet_size = ntohl(length);
    if (wire->packet_size == 0 || wire->packet_size > (1U << 24))
        die("a packet of a wrong size");
    if (wire->packet_size > wire->packet_capacity) {
        wire->packet = realloc(wire->packet, wire->packet_size);
        wire->packet_capacity = wire->packet_size;
        if (wire->packet == NULL)
            die("memory");
    }
    get(wire, wire->packet, wire->packet_size);
    return (char)wire->packet[0];
}

/* Waits for the answer unless the milter said that there is none. */
static void answer(struct wire *wire, uint32_t quiet_step)
{
    if ((wire->steps & quiet_step) != 0)
        return;
    flush(wire);
    char reply = get_packet(wire);
    if (reply != 'c' && reply != 's' && reply != 'a') {
        fprintf(stderr, "an early answer '%c'\n", reply);
        exit(1);
    }
}

static int connect_to(const char *socket_name)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in remote = {.sin_family = AF_INET};
    int port;
    char host[64];
    int fd;
    if (sscanf(socket_name, "inet:%d@%63s", &port, host) == 2) {
        remote.sin_port = htons((uint16_t)port);
        fd = inet_pton(AF_INET, host, &remote.sin_addr) == 1 ? socket(AF_INET, SOCK_STREAM, 0) : -1;
        if (fd >= 0 && connect(fd, (struct sockaddr *)&remote, sizeof remote) == 0) {
            int yes = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            return fd;
        }
    } else if (strncmp(socket_name, "unix:", 5) == 0) {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", socket_name + 5);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *)&local, sizeof local) == 0)
            return fd;
    }
    die(socket_name);
}

static void negotiate(struct wire *wire, uint32_t offered)
{
    uint32_t offer[3] = {htonl(6), htonl(ALL_ACTIONS), htonl(offered)};
    put_command(wire, 'O', offer, sizeof offer);
    flush(wire);
    if (get_packet(wire) != 'O' || wire->packet_size < 13)
        die("no negotiation");
    uint32_t steps;
    memcpy(&steps, wire->packet + 9, sizeof steps);
    wire->steps = ntohl(steps);
}

void wire_open(struct wire *wire, const char *socket, const char *client_ip, const char *helo,
               uint32_t steps)
{
    char text[256];
    memset(wire, 0, sizeof *wire);
    wire->fd = connect_to(socket);
    negotiate(wire, steps);
    bool is_ipv6 = strchr(client_ip, ':') != NULL;
    int name = snprintf(text, sizeof text, "client.example%c%c", 0, is_ipv6 ? '6' : '4');
    uint16_t port = htons(12345);
    put_head(wire, 'C', (size_t)name + sizeof port + strlen(client_ip) + 1);
    put(wire, text, (size_t)name);
    put(wire, &port, sizeof port);
    put(wire, client_ip, strlen(client_ip) + 1);
    answer(wire, STEP_QUIET_CONNECT);
    put_command(wire, 'H', helo, strlen(helo) + 1);
    answer(wire, STEP_QUIET_HELO);
}

void wire_close(struct wire *wire)
{
    put_command(wire, 'Q', "", 0);
    flush(wire);
    close(wire->fd);
    free(wire->packet);
    free(wire->out);
}

static size_t line_size(const char *bytes, size_t size)
{
    const char *end = memchr(bytes, '\n', size);
    return end == NULL ? size : (size_t)(end - bytes) + 1;
}

/* The field at the beginning, with its folded lines; 0 at the empty line or at what is no field. */
static size_t field_size(const char *bytes, size_t size)
{
    size_t used = line_size(bytes, size);
    const char *colon = memchr(bytes, ':', used);
    if (size == 0 || colon == NULL || colon == bytes)
        return 0;
    while (used < size && (bytes[used] == ' ' || bytes[used] == '\t'))
        used += line_size(bytes + used, size - used);
    return used;
}

/* Lines of a folded value are separated by LF, as Postfix does it. */
static void put_field(struct wire *wire, const char *bytes, size_t size)
{
    char *text = malloc(size + 2);
    size_t used = 0;
    if (text == NULL)
        die("memory");
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != '\r')
            text[used++] = bytes[i];
    if (used > 0 && text[used - 1] == '\n')
        used--;
    char *colon_at = memchr(text, ':', used);
    if (colon_at == NULL)
        die("a field without colon");
    size_t colon = (size_t)(colon_at - text);
    size_t skipped =
        colon + 1 < used && text[colon + 1] == ' ' && (wire->steps & STEP_LEADING_SPACE) == 0;
    text[colon] = '\0';
    put_head(wire, 'L', used + 1 - skipped);
    put(wire, text, colon + 1);
    put(wire, text + colon + 1 + skipped, used - colon - 1 - skipped);
    put(wire, "", 1);
    free(text);
    answer(wire, STEP_QUIET_HEADER);
}

static void send_body(struct wire *wire, const char *bytes, size_t size)
{
    char *text = malloc(size * 2 + 1);
    size_t used = 0;
    if (text == NULL)
        die("memory");
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'))
            text[used++] = '\r';
        text[used++] = bytes[i];
    }
    for (size_t done = 0; done < used; done += CHUNK_BYTES) {
        size_t part = used - done < CHUNK_BYTES ? used - done : CHUNK_BYTES;
        put_command(wire, 'B', text + done, part);
        answer(wire, STEP_QUIET_BODY);
    }
    free(text);
}

static void put_login(struct wire *wire, const char *login)
{
    char macros[256];
    int size = snprintf(macros, sizeof macros, "M{auth_authen}%c%s", 0, login);
    if (size >= (int)sizeof macros)
        die("a login that long");
    put_command(wire, 'D', macros, (size_t)size + 1);
}

void wire_send(struct wire *wire, const struct wire_mail *mail)
{
    if (mail->login != NULL)
        put_login(wire, mail->login);
    put_command(wire, 'M', mail->sender, strlen(mail->sender) + 1);
    answer(wire, STEP_QUIET_MAIL);
    for (size_t i = 0; i < mail->recipient_count; i++) {
        put_command(wire, 'R', mail->recipients[i], strlen(mail->recipients[i]) + 1);
        answer(wire, STEP_QUIET_RCPT);
    }
    if ((wire->steps & STEP_NO_DATA) == 0) {
        put_command(wire, 'T', "", 0);
        answer(wire, STEP_QUIET_DATA);
    }
    const char *bytes = mail->bytes;
    size_t size = mail->size, used;
    while ((used = field_size(bytes, size)) > 0) {
        put_field(wire, bytes, used);
        bytes += used;
        size -= used;
    }
    put_command(wire, 'N', "", 0);
    answer(wire, STEP_QUIET_EOH);
    if (size > 0 && (bytes[0] == '\n' || bytes[0] == '\r')) {
        used = line_size(bytes, size);
        bytes += used;
        size -= used;
    }
    send_body(wire, bytes, size);
    flush(wire);
}

char wire_end(struct wire *wire, const char *queue_id,
              void (*edit)(const unsigned char *packet, uint32_t size))
{
    char macros[64];
    int size = snprintf(macros, sizeof macros, "Ei%c%s", 0, queue_id);
    put_command(wire, 'D', macros, (size_t)size + 1);
    put_command(wire, 'E', "", 0);
    flush(wire);
    for (;;) {
        char reply = get_packet(wire);
        if (strchr("acdty", reply) != NULL)
            return reply;
        if (reply != 'p' && edit != NULL)
            edit(wire->packet, wire->packet_size);
    }
}
