/*
 * null_milter: the ceiling of `make bench`: no-reply flags, the message copied, nothing else done.
 * usage: null_milter SOCKET
 */
#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_STEPS                                                                                \
    (SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | \
     SMFIP_NR_BODY)

struct copy {
    char *bytes;
    size_t size, capacity;
};

static void append(struct copy *copy, const void *bytes, size_t size)
{
    if (copy->size + size > copy->capacity) {
        copy->capacity = (copy->size + size) * 2;
        copy->bytes = realloc(copy->bytes, copy->capacity);
        if (copy->bytes == NULL)
            abort();
    }
    memcpy(copy->bytes + copy->size, bytes, size);
    copy->size += size;
}

static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long steps,
                             unsigned long unused_2, unsigned long unused_3,
                             unsigned long *actions_out, unsigned long *steps_out,
                             unsigned long *unused_2_out, unsigned long *unused_3_out)
{
    (void)unused_2, (void)unused_3, (void)actions;
    *actions_out = SMFIF_ADDHDRS;
    *steps_out = steps & (QUIET_STEPS | SMFIP_HDR_LEADSPC | SMFIP_NODATA | SMFIP_NOUNKNOWN);
    *unused_2_out = *unused_3_out = 0;
    struct copy *copy = calloc(1, sizeof *copy);
    smfi_setpriv(context, copy);
    return copy == NULL ? SMFIS_TEMPFAIL : SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *context, char *name, struct sockaddr *address)
{
    (void)context, (void)name, (void)address;
    return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *context, char *name)
{
    (void)context, (void)name;
    return SMFIS_NOREPLY;
}

static sfsistat on_path(SMFICTX *context, char **words)
{
    (void)context, (void)words;
    return SMFIS_NOREPLY;
}

static sfsistat on_field(SMFICTX *context, char *name, char *value)
{
    struct copy *copy = smfi_getpriv(context);
    append(copy, name, strlen(name));
    append(copy, ":", 1);
    append(copy, value, strlen(value));
    append(copy, "\r\n", 2);
    return SMFIS_NOREPLY;
}

static sfsistat on_end_of_header(SMFICTX *context)
{
    append(smfi_getpriv(context), "\r\n", 2);
    return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *context, unsigned char *bytes, size_t size)
{
    append(smfi_getpriv(context), bytes, size);
    return SMFIS_NOREPLY;
}

static sfsistat on_end(SMFICTX *context)
{
    struct copy *copy = smfi_getpriv(context);
    copy->size = 0;
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
    struct copy *copy = smfi_getpriv(context);
    if (copy != NULL)
        free(copy->bytes);
    free(copy);
    smfi_setpriv(context, NULL);
    return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
    static char name[] = "null";
    struct smfiDesc description = {.xxfi_name = name,
                                   .xxfi_version = SMFI_VERSION,
                                   .xxfi_flags = SMFIF_ADDHDRS,
                                   .xxfi_negotiate = on_negotiate,
                                   .xxfi_connect = on_connect,
                                   .xxfi_helo = on_helo,
                                   .xxfi_envfrom = on_path,
                                   .xxfi_envrcpt = on_path,
                                   .xxfi_header = on_field,
                                   .xxfi_eoh = on_end_of_header,
                                   .xxfi_body = on_body,
                                   .xxfi_eom = on_end,
                                   .xxfi_close = on_close};
    if (argc != 2 || smfi_register(description) != MI_SUCCESS ||
        smfi_setconn(argv[1]) != MI_SUCCESS || smfi_opensocket(true) != MI_SUCCESS) {
        fputs("usage: null_milter SOCKET\n", stderr);
        return 64;
    }
    smfi_setmaxdatasize(1 << 20);
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
