/* Sender, network and signers: values that are equal or not. */
#include "lists/match/matcher.h"

#include <string.h>
#include <sys/socket.h>

#define MOST_SAME 100000 /* entries with one fingerprint that are looked at */

void exact_find(struct matching *m, char kind, struct slice value,
                void (*found)(void *context, uint32_t entry), void *context)
{
    const struct image *image = &m->matcher->image;
    const struct image_entry *entry;
    const struct image_class *class;
    struct slice own;
    unsigned char digest[KEYED_DIGEST_BYTES];
    if (value.size == 0 || image->exact.slot_count == 0)
        return;
    uint32_t at = exact_table_find(&image->exact, exact_fingerprint(&image->exact, kind, value));
    for (int left = MOST_SAME; at != 0 && left > 0; left--, at = entry->next) {
        if (!image_entry_at(image, at, &entry, &class, &own) || !matching_goes_on(m))
            return;
        if (exact_kind(class) == kind && slice_equals(exact_value(kind, own, digest), value))
            found(context, at);
    }
}

struct exact_search {
    struct matching *m;
    const char *where_name;
    struct slice text; /* what the hit shows */
    bool is_proven;    /* address: nobody else can have written it */
    bool is_above;     /* domain: the value is a parent of the one looked for */
};

static void found_exact(void *context, uint32_t entry)
{
    struct exact_search *s = context;
    struct slice value;
    const struct image_class *class = matching_wants(s->m, entry, &value);
    if (class == NULL || (class->needs_dmarc && !s->is_proven) ||
        (s->is_above && !class->has_subdomains))
        return;
    matching_add_hit(s->m, entry, (enum text_where)0, s->where_name, s->text);
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
        exact_find(s->m, EXACT_DOMAIN, domain, found_exact, s);
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
    exact_find(m, EXACT_ADDRESS, text, found_exact, &s);
    match_keyed_address(m, text, where_name, is_proven);
    match_domain(&s, slice_from(text, at + 1));
}

/* All entries of one network. */
static void found_network(void *context, uint32_t place)
{
    struct exact_search *s = context;
    const struct image_entry *entry;
    const struct image_class *class;
    struct slice value;
    for (int left = MOST_SAME; place != 0 && left > 0; left--, place = entry->next) {
        if (!image_entry_at(&s->m->matcher->image, place, &entry, &class, &value) ||
            !matching_goes_on(s->m))
            return;
        found_exact(s, place);
    }
}

static void match_network(struct matching *m)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct network client;
    if (m->input->client_ip.size == 0 || !network_read(m->input->client_ip, &client))
        return;
    if (client.family == AF_INET6 && memcmp(client.address, mapped, sizeof mapped) == 0) {
        memmove(client.address, client.address + 12, 4);
        memset(client.address + 4, 0, 12);
        client.family = AF_INET;
        client.prefix = 32;
    }
    struct exact_search s = {m, "network", m->input->client_ip, true, false};
    int family = client.family == AF_INET ? 0 : 1;
    radix_find(m->matcher->image.networks[family], m->matcher->image.network_counts[family],
               client.address, client.prefix, found_network, &s);
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
        exact_find(m, EXACT_SIGNER, domain, found_exact, &s);
        exact_find(m, EXACT_SIGNER, slice_of(both), found_exact, &s);
    }
}

void match_exact(struct matching *m)
{
    const struct auth_answer *auth = m->input->auth;
    match_address(m, m->input->sender, "sender", auth != NULL && auth->spf.result == SPF_PASS);
    match_address(m, m->input->from_address, "from",
                  auth != NULL && auth->dmarc.result == DMARC_PASS);
    match_network(m);
    if (auth != NULL)
        match_signers(m);
}
