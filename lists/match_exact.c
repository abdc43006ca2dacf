/* Sender, network and signers: values that are equal or not. */
#include "lists/matcher.h"

#include <string.h>
#include <sys/socket.h>

void exact_find(const struct matcher *matcher, const char *kind, struct slice value,
                void (*found)(void *context, uint32_t target), void *context)
{
    char bytes[EXACT_KEY_BYTES];
    if (value.size == 0 || value.size >= sizeof bytes)
        return;
    bytes[0] = kind[0];
    memcpy(bytes + 1, value.data, value.size);
    struct slice key = slice_new(bytes, value.size + 1);
    size_t low = 0, high = matcher->key_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(matcher->keys[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < matcher->key_count && slice_equals(matcher->keys[low].key, key); low++)
        found(context, matcher->keys[low].target);
}

struct exact_search {
    struct matching *m;
    const char *where_name;
    struct slice text; /* what the hit shows */
    bool is_proven;    /* address: nobody else can have written it */
    bool is_above;     /* domain: the value is a parent of the one looked for */
};

static void found_exact(void *context, uint32_t target)
{
    struct exact_search *s = context;
    const struct entry *entry = s->m->matcher->targets[target].entry;
    if (!matching_wants(s->m, target) || (entry->needs_dmarc && !s->is_proven) ||
        (s->is_above && !entry->has_subdomains))
        return;
    matching_add_hit(s->m, target, (enum text_where)0, s->where_name, s->text);
}

static struct slice lower(struct arena *arena, struct slice text)
{
    struct slice copy = arena_copy(arena, text);
    char *bytes = arena_alloc(arena, text.size);
    if (copy.data == NULL || bytes == NULL)
        return (struct slice){NULL, 0};
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bytes[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return slice_new(bytes, text.size);
}

static void match_domain(struct exact_search *s, struct slice domain)
{
    s->is_above = false;
    while (domain.size > 0) {
        exact_find(s->m->matcher, EXACT_DOMAIN, domain, found_exact, s);
        domain = slice_from(domain, slice_find_byte(domain, '.') + 1);
        s->is_above = true;
    }
}

static void match_address(struct matching *m, struct slice address, const char *where_name,
                          bool is_proven)
{
    struct slice text = lower(m->arena, address);
    struct exact_search s = {m, where_name, text, is_proven, false};
    size_t at = slice_find_last_byte(text, '@');
    if (text.size == 0 || at >= text.size)
        return;
    exact_find(m->matcher, EXACT_ADDRESS, text, found_exact, &s);
    match_domain(&s, slice_from(text, at + 1));
}

static void match_network(struct matching *m)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct network client;
    char bytes[2 + sizeof client.address];
    if (m->input->client_ip.size == 0 || !network_read(m->input->client_ip, &client))
        return;
    if (client.family == AF_INET6 && memcmp(client.address, mapped, sizeof mapped) == 0) {
        memmove(client.address, client.address + 12, 4);
        memset(client.address + 4, 0, 12);
        client.family = AF_INET;
        client.prefix = 32;
    }
    struct exact_search s = {m, "network", m->input->client_ip, true, false};
    const bool *used = m->matcher->has_networks[client.family == AF_INET ? 0 : 1];
    for (int prefix = client.prefix; prefix >= 0; prefix--) {
        if (!used[prefix])
            continue;
        client.prefix = prefix;
        exact_find(m->matcher, EXACT_NETWORK, network_key(&client, bytes), found_exact, &s);
    }
}

/* A signature that did not verify says nothing of its domain. */
static void match_signers(struct matching *m)
{
    const struct dkim_answer *dkim = &m->input->auth->dkim;
    for (size_t i = 0; i < dkim->count; i++) {
        const struct dkim_signature *signature = &dkim->signatures[i];
        if (signature->result != DKIM_PASS)
            continue;
        struct slice domain = lower(m->arena, signature->domain);
        struct slice selector = lower(m->arena, signature->selector);
        const char *both = arena_printf(m->arena, SLICE_FORMAT " " SLICE_FORMAT,
                                        SLICE_ARGUMENTS(domain), SLICE_ARGUMENTS(selector));
        struct exact_search s = {m, "dkim", domain, true, false};
        exact_find(m->matcher, EXACT_SIGNER, domain, found_exact, &s);
        exact_find(m->matcher, EXACT_SIGNER, slice_of(both), found_exact, &s);
    }
}

void match_exact(struct matching *m)
{
    const struct auth_answer *auth = m->input->auth;
    if (m->matcher->key_count == 0)
        return;
    match_address(m, m->input->sender, "sender", auth != NULL && auth->spf.result == SPF_PASS);
    match_address(m, m->input->from_address, "from",
                  auth != NULL && auth->dmarc.result == DMARC_PASS);
    match_network(m);
    if (auth != NULL)
        match_signers(m);
}
