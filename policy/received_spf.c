#include "policy/received_spf.h"

#include "policy/porter.h"

#define VALUE_BYTES 200

static const char *const comments[] = {
    [SPF_NONE] = "no SPF record for this domain",
    [SPF_NEUTRAL] = "the domain says neither yes nor no to this client",
    [SPF_PASS] = "the domain permits this client",
    [SPF_FAIL] = "the domain does not permit this client",
    [SPF_SOFTFAIL] = "the domain probably does not permit this client",
    [SPF_TEMPERROR] = "the DNS did not answer in time",
    [SPF_PERMERROR] = "the record of this domain cannot be understood",
};

static bool is_atom_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == ':';
}

/* RFC 5322 section 3.2.3: a dot-atom has no empty part, and no colon: IPv6 goes in quotes. */
static bool is_dot_atom(struct slice value)
{
    char before = '.';
    for (size_t i = 0; i < value.size; before = value.data[i++])
        if (!is_atom_byte(value.data[i]) || value.data[i] == ':' ||
            (value.data[i] == '.' && before == '.'))
            return false;
    return value.size > 0 && before != '.';
}

static void write_pair(const char *key, struct slice value, struct buffer *into)
{
    value = slice_part(value, 0, VALUE_BYTES);
    buffer_printf(into, " %s=", key);
    if (is_dot_atom(value)) {
        buffer_printf(into, SLICE_FORMAT ";", SLICE_ARGUMENTS(value));
        return;
    }
    buffer_append_byte(into, '"');
    for (size_t i = 0; i < value.size; i++) {
        char byte = value.data[i];
        if (byte == '"' || byte == '\\')
            buffer_append_byte(into, '\\');
        buffer_append_byte(into, byte >= ' ' && byte <= '~' ? byte : '?');
    }
    buffer_append_text(into, "\";");
}

void received_spf_write(const struct request_facts *facts, struct buffer *into)
{
    bool is_of_sender =
        !slice_is_empty(facts->sender) &&
        (facts->spf_of_sender.result != SPF_NONE || facts->spf_of_helo.result == SPF_NONE);
    const struct spf_answer *answer = is_of_sender ? &facts->spf_of_sender : &facts->spf_of_helo;
    struct slice receiver = slice_of(facts->porter->settings.hostname);
    buffer_printf(into, "Received-SPF: %s (%s)", spf_result_name(answer->result),
                  comments[answer->result]);
    write_pair("receiver", receiver, into);
    write_pair("identity", slice_of(is_of_sender ? "mailfrom" : "helo"), into);
    write_pair("client-ip", facts->request->client_address, into);
    write_pair("helo", facts->request->helo_name, into);
    write_pair("envelope-from", facts->request->sender, into);
    into->size--; /* the last semicolon: pairs are separated, not ended */
    into->data[into->size] = '\0';
}
