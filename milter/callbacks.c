#include "milter/callbacks.h"

#include "common/base/limits.h"
#include "common/base/log.h"
#include "milter/session.h"
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKLOG 256

/* Where no reply of ours can differ; a reply per event would double what libmilter costs. */
#define QUIET_STEPS                                                                                \
    (SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | \
     SMFIP_NR_BODY)
#define WANTED_STEPS (QUIET_STEPS | SMFIP_HDR_LEADSPC | SMFIP_NODATA | SMFIP_NOUNKNOWN)
#define WANTED_ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT)

/* What libmilter keeps for a connection. */
struct connection {
    struct session *session;
    unsigned long steps; /* negotiated */
};

static struct service *service; /* of this process; libmilter hands nothing through */

static sfsistat reply(SMFICTX *context, unsigned long quiet_step)
{
    const struct connection *connection = smfi_getpriv(context);
    bool is_quiet = connection != NULL && (connection->steps & quiet_step) != 0;
    return is_quiet ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static struct session *session_of(SMFICTX *context)
{
    const struct connection *connection = smfi_getpriv(context);
    return connection == NULL ? NULL : connection->session;
}

static sfsistat on_negotiate(SMFICTX *context, unsigned long offered_actions,
                             unsigned long offered_steps, unsigned long unused_2,
                             unsigned long unused_3, unsigned long *actions_out,
                             unsigned long *steps_out, unsigned long *unused_2_out,
                             unsigned long *unused_3_out)
{
    (void)unused_2, (void)unused_3;
    unsigned long wanted = WANTED_STEPS;
    if (service->trusted.count > 0)
        wanted &= ~(unsigned long)SMFIP_NR_CONN;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || (offered_actions & WANTED_ACTIONS) != WANTED_ACTIONS ||
        (connection->session = session_new(service)) == NULL) {
        log_event(LOG_LEVEL_ERROR, "negotiate", "reason=\"no memory, or too little is allowed\"");
        free(connection);
        return SMFIS_TEMPFAIL; /* libmilter then closes the connection */
    }
    connection->steps = offered_steps & wanted;
    session_set_leading_space(connection->session, (connection->steps & SMFIP_HDR_LEADSPC) != 0);
    smfi_setpriv(context, connection);
    *actions_out = WANTED_ACTIONS;
    *steps_out = connection->steps;
    *unused_2_out = *unused_3_out = 0;
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *context, char *name, struct sockaddr *address)
{
    if (session_connect(session_of(context), name, address) == SESSION_ACCEPT &&
        reply(context, SMFIP_NR_CONN) == SMFIS_CONTINUE)
        return SMFIS_ACCEPT;
    return reply(context, SMFIP_NR_CONN);
}

static sfsistat on_helo(SMFICTX *context, char *name)
{
    session_helo(session_of(context), name);
    return reply(context, SMFIP_NR_HELO);
}

static sfsistat on_sender(SMFICTX *context, char **words)
{
    char login_macro[] = "{auth_authen}";
    session_sender(session_of(context), words);
    session_login(session_of(context), smfi_getsymval(context, login_macro));
    return reply(context, SMFIP_NR_MAIL);
}

static sfsistat on_recipient(SMFICTX *context, char **words)
{
    session_recipient(session_of(context), words[0]);
    return reply(context, SMFIP_NR_RCPT);
}

static sfsistat on_field(SMFICTX *context, char *name, char *value)
{
    session_field(session_of(context), name, value);
    return reply(context, SMFIP_NR_HDR);
}

static sfsistat on_end_of_header(SMFICTX *context)
{
    session_end_of_header(session_of(context));
    return reply(context, SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
    session_body(session_of(context), slice_new((const char *)bytes, size));
    return reply(context, SMFIP_NR_BODY);
}

static int remove_field(void *context, const char *name, int place)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s", name);
    return smfi_chgheader(context, copy, place, NULL) == MI_SUCCESS ? 0 : -1;
}

/* Place 0 is above everything, Postfix's own Received field too. With SMFIP_HDR_LEADSPC the value
 * begins right behind the colon. */
static int insert_field(void *context, const char *name, const char *value)
{
    const struct connection *connection = smfi_getpriv(context);
    bool needs_space = (connection->steps & SMFIP_HDR_LEADSPC) != 0;
    char copy[64];
    snprintf(copy, sizeof copy, "%s", name);
    BUFFER_CLEANUP whole = buffer_new(128 * 1024);
    buffer_append_text(&whole, needs_space ? " " : "");
    if (buffer_append_text(&whole, value) != 0)
        return -1;
    return smfi_insheader(context, 0, copy, whole.data) == MI_SUCCESS ? 0 : -1;
}

static int remove_recipient(void *context, const char *path)
{
    BUFFER_CLEANUP copy = buffer_new(128 * 1024);
    if (buffer_append_text(&copy, path) != 0)
        return -1;
    return smfi_delrcpt(context, copy.data) == MI_SUCCESS ? 0 : -1;
}

static sfsistat on_end(SMFICTX *context)
{
    static const sfsistat replies[] = {[SESSION_CONTINUE] = SMFIS_CONTINUE,
                                       [SESSION_ACCEPT] = SMFIS_ACCEPT,
                                       [SESSION_DISCARD] = SMFIS_DISCARD,
                                       [SESSION_TEMPFAIL] = SMFIS_TEMPFAIL};
    char queue_id_macro[] = "i";
    const struct session_edits edits = {.context = context,
                                        .remove_field = remove_field,
                                        .insert_field = insert_field,
                                        .remove_recipient = remove_recipient};
    return replies[session_end(session_of(context), smfi_getsymval(context, queue_id_macro),
                               &edits)];
}

static sfsistat on_abort(SMFICTX *context)
{
    if (session_of(context) != NULL)
        session_abort(session_of(context));
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
    struct connection *connection = smfi_getpriv(context);
    if (connection != NULL)
        session_free(connection->session);
    free(connection);
    smfi_setpriv(context, NULL);
    return SMFIS_CONTINUE;
}

static char filter_name[] = "zaguan";

static struct smfiDesc description = {
    .xxfi_name = filter_name,
    .xxfi_version = SMFI_VERSION,
    .xxfi_flags = WANTED_ACTIONS,
    .xxfi_negotiate = on_negotiate,
    .xxfi_connect = on_connect,
    .xxfi_helo = on_helo,
    .xxfi_envfrom = on_sender,
    .xxfi_envrcpt = on_recipient,
    .xxfi_header = on_field,
    .xxfi_eoh = on_end_of_header,
    .xxfi_body = on_body,
    .xxfi_eom = on_end,
    .xxfi_abort = on_abort,
    .xxfi_close = on_close,
};

/*
 * An edit and the reply are two writes of libmilter: by Nagle's algorithm the second waits 40 ms
 * for the delayed acknowledgement of the first. Connections inherit the option from the listening
 * socket, which libmilter does not show; it is the one of this process that listens on TCP.
 */
static void send_at_once(void)
{
    for (int fd = 3; fd < 64; fd++) {
        int is_listening = 0, yes = 1;
        socklen_t size = sizeof is_listening;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 && is_listening)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
}

int callbacks_open(struct service *of, struct error *err)
{
    service = of;
    char *socket = service->settings.milter_socket;
    if (smfi_register(description) != MI_SUCCESS || smfi_setconn(socket) != MI_SUCCESS ||
        smfi_setbacklog(BACKLOG) != MI_SUCCESS)
        return error_set(err, ERROR_INPUT, "milter_socket: \"%s\" is not understood", socket);
    /* libmilter would hang up on a field longer than 64 KiB; Postfix sends up to 100. */
    smfi_setmaxdatasize(LIMIT_HEADER_BYTES);
    if (smfi_opensocket(true) != MI_SUCCESS)
        return error_system(err, "milter_socket: cannot listen on %s", socket);
    send_at_once();
    return 0;
}

int callbacks_run(struct error *err)
{
    if (smfi_main() != MI_SUCCESS)
        return error_set(err, ERROR_SYSTEM, "libmilter stopped with an error");
    return 0;
}
