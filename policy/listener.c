#include "policy/listener.h"

#include "common/base/files.h"
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static int start(int fd, const struct sockaddr *address, socklen_t size)
{
    return bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0 ? 0 : -1;
}

static int open_unix(struct slice path, struct listener *listener, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    if (slice_is_empty(path) || !slice_to_text(path, address.sun_path, sizeof address.sun_path))
        return error_set(err, ERROR_INPUT, "a path of 1 to %zu bytes is needed",
                         sizeof address.sun_path - 1);
    if (lstat(address.sun_path, &status) == 0 && S_ISSOCK(status.st_mode))
        unlink(address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || start(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(address.sun_path, 0666) != 0) { /* Postfix runs as a user of its own */
        error_system(err, "it cannot be opened");
        file_close(&fd);
        return -1;
    }
    snprintf(listener->paths[listener->count], sizeof listener->paths[0], "%s", address.sun_path);
    listener->fds[listener->count++] = fd;
    return 0;
}

static int open_address(const struct addrinfo *address)
{
    const int yes = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (start(fd, address->ai_addr, address->ai_addrlen) != 0)
        file_close(&fd);
    return fd;
}

/* "8892@127.0.0.1", "8892@[::1]", "8892" */
static int open_inet(struct slice where, struct listener *listener, struct error *err)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[8], host[64];
    size_t at = slice_find_byte(where, '@');
    struct slice name = slice_from(where, at + 1);
    if (name.size > 2 && name.data[0] == '[' && name.data[name.size - 1] == ']')
        name = slice_part(name, 1, name.size - 2);
    if (slice_is_empty(name))
        name = slice_of("127.0.0.1");
    if (!slice_to_text(slice_part(where, 0, at), port, sizeof port) ||
        !slice_to_text(name, host, sizeof host) || getaddrinfo(host, port, &wanted, &found) != 0)
        return error_set(err, ERROR_INPUT, "it is not inet:PORT@ADDRESS");
    int fd = open_address(found);
    freeaddrinfo(found);
    if (fd < 0)
        return error_system(err, "it cannot be opened");
    listener->fds[listener->count++] = fd;
    return 0;
}

static int open_one(struct slice where, struct listener *listener, struct error *err)
{
    if (listener->count == LISTENER_MOST)
        return error_set(err, ERROR_INPUT, "more than %d sockets", LISTENER_MOST);
    if (slice_starts_with(where, "unix:"))
        return open_unix(slice_from(where, 5), listener, err);
    if (slice_starts_with(where, "local:"))
        return open_unix(slice_from(where, 6), listener, err);
    if (slice_starts_with(where, "inet:"))
        return open_inet(slice_from(where, 5), listener, err);
    return error_set(err, ERROR_INPUT, "it is neither inet:PORT@ADDRESS nor unix:PATH");
}

int listener_open(struct slice sockets, struct listener *listener_out, struct error *err)
{
    struct listener listener = {.count = 0};
    struct slice piece;
    while (slice_next(&sockets, ',', &piece)) {
        piece = slice_trim(piece);
        if (slice_is_empty(piece))
            continue;
        if (open_one(piece, &listener, err) != 0) {
            listener_close(&listener);
            return error_context(err, "policy_socket: \"" SLICE_FORMAT "\"",
                                 SLICE_ARGUMENTS(slice_part(piece, 0, 120)));
        }
    }
    if (listener.count == 0)
        return error_set(err, ERROR_INPUT, "policy_socket: it names no socket");
    *listener_out = listener;
    return 0;
}

void listener_close(struct listener *listener)
{
    for (size_t i = 0; i < listener->count; i++) {
        close(listener->fds[i]);
        if (listener->paths[i][0] != '\0')
            unlink(listener->paths[i]);
    }
    listener->count = 0;
}
