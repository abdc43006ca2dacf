#include "policy/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum attribute_type { ATTRIBUTE_TEXT, ATTRIBUTE_NUMBER };

#define TEXT(name)                                                                                 \
    {                                                                                              \
#name, sizeof #name - 1, ATTRIBUTE_TEXT, offsetof(struct request, name)                    \
    }
#define NUMBER(name)                                                                               \
    {                                                                                              \
#name, sizeof #name - 1, ATTRIBUTE_NUMBER, offsetof(struct request, name)                  \
    }

/* In the order in which Postfix says them: looking for one starts behind the one before. */
static const struct attribute_row {
    const char *name;
    size_t name_size;
    enum attribute_type type;
    size_t field;
} attributes[] = {
    TEXT(request),
    TEXT(protocol_state),
    TEXT(protocol_name),
    TEXT(client_address),
    TEXT(client_name),
    NUMBER(client_port),
    TEXT(reverse_client_name),
    TEXT(server_address),
    NUMBER(server_port),
    TEXT(helo_name),
    TEXT(sender),
    TEXT(recipient),
    NUMBER(recipient_count),
    TEXT(queue_id),
    TEXT(instance),
    NUMBER(size),
    TEXT(etrn_domain),
    TEXT(stress),
    TEXT(sasl_method),
    TEXT(sasl_username),
    TEXT(sasl_sender),
    TEXT(ccert_subject),
    TEXT(ccert_issuer),
    TEXT(ccert_fingerprint),
    TEXT(ccert_pubkey_fingerprint),
    TEXT(encryption_protocol),
    TEXT(encryption_cipher),
    NUMBER(encryption_keysize),
    TEXT(policy_context),
    TEXT(compatibility_level),
    TEXT(mail_version),
};

#define ATTRIBUTE_COUNT (sizeof attributes / sizeof attributes[0])

size_t request_find_end(struct slice text, size_t looked_at)
{
    /* The line before may have ended with the last byte that was looked at. */
    size_t from = looked_at > 2 ? looked_at - 2 : 0;
    while (from < text.size) {
        size_t at = from + slice_find_byte(slice_from(text, from), '\n');
        if (at == text.size)
            return 0;
        bool is_empty_line = at == 0 || text.data[at - 1] == '\n' ||
                             (text.data[at - 1] == '\r' && (at == 1 || text.data[at - 2] == '\n'));
        if (is_empty_line)
            return at + 1;
        from = at + 1;
    }
    return 0;
}

/* NULL: one that this table does not name. */
static const struct attribute_row *find_row(struct slice name, size_t *next)
{
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        size_t at = (*next + i) % ATTRIBUTE_COUNT;
        const struct attribute_row *row = &attributes[at];
        if (row->name_size == name.size && memcmp(row->name, name.data, name.size) == 0) {
            *next = at + 1;
            return row;
        }
    }
    return NULL;
}

static void put(const struct attribute_row *row, struct slice value, struct request *request)
{
    char *field = (char *)request + row->field;
    long long number = 0;
    switch (row->type) {
    case ATTRIBUTE_TEXT:
        memcpy(field, &value, sizeof value);
        break;
    case ATTRIBUTE_NUMBER:
        if (!slice_to_number(value, 0, INT64_MAX, &number))
            number = 0;
        memcpy(field, &(int64_t){number}, sizeof(int64_t));
        break;
    }
}

static struct slice without_return(struct slice line)
{
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

int request_read(struct slice text, struct request *request_out, struct error *err)
{
    struct request request = {.request = {NULL, 0}};
    struct slice line;
    size_t next = 0;
    if (slice_find_byte(text, '\0') < text.size)
        return error_set(err, ERROR_INPUT, "a request with a NUL byte");
    for (int number = 1; slice_next(&text, '\n', &line); number++) {
        line = without_return(line);
        if (slice_is_empty(line))
            break;
        if (number > REQUEST_MOST_ATTRIBUTES)
            return error_set(err, ERROR_LIMIT, "a request with more than %d lines",
                             REQUEST_MOST_ATTRIBUTES);
        size_t equals = slice_find_byte(line, '=');
        if (equals == line.size || equals == 0)
            return error_set(err, ERROR_INPUT, "line %d of a request is not name=value", number);
        const struct attribute_row *row = find_row(slice_part(line, 0, equals), &next);
        if (row != NULL)
            put(row, slice_from(line, equals + 1), &request);
    }
    if (!slice_is(request.request, "smtpd_access_policy"))
        return error_set(err, ERROR_INPUT, "a request that is not request=smtpd_access_policy");
    *request_out = request;
    return 0;
}
