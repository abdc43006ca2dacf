#include "policy/normal_address.h"

#include "common/base/limits.h"
#include "common/mail/address.h"
#include <string.h>

/*
 * By hand, and only what a host says of itself; a dot means a dot everywhere else (outlook.com and
 * yahoo.com give first.last and firstlast to two people).
 */
static const struct host {
    const char *domain, *same_as;
    const char *ignored; /* signs in the local part */
} hosts[] = {
    /* Google: "dots don't matter"; googlemail.com is the name it had in some countries. Domains of
     * its customers have dots of their own. */
    {"gmail.com", "gmail.com", "."},
    {"googlemail.com", "gmail.com", "."},
    /* Proton gives all its names to one account, and nobody a name that differs in these signs. */
    {"proton.me", "proton.me", ".-_"},
    {"protonmail.com", "proton.me", ".-_"},
    {"protonmail.ch", "proton.me", ".-_"},
    {"pm.me", "proton.me", ".-_"},
    /* Yandex: a dot and a hyphen are the same sign, every domain the same mailbox. */
    {"yandex.ru", "yandex.ru", ".-"},
    {"yandex.com", "yandex.ru", ".-"},
    {"yandex.by", "yandex.ru", ".-"},
    {"yandex.kz", "yandex.ru", ".-"},
    {"ya.ru", "yandex.ru", ".-"},
    /* Apple renamed the service twice; old addresses go on. */
    {"icloud.com", "icloud.com", ""},
    {"me.com", "icloud.com", ""},
    {"mac.com", "icloud.com", ""},
};

static const struct host *find_host(struct slice domain)
{
    char ascii[LIMIT_DOMAIN_BYTES + 1];
    struct error ignored = {0};
    if (address_domain_to_ascii(domain, ascii, sizeof ascii, &ignored) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (strcmp(ascii, hosts[i].domain) == 0)
            return &hosts[i];
    return NULL;
}

static struct slice without_signs(struct slice local, const char *signs, struct arena *arena)
{
    char *text = arena_alloc(arena, local.size);
    size_t size = 0;
    if (text == NULL)
        return local;
    for (size_t i = 0; i < local.size; i++)
        if (local.data[i] == '\0' || strchr(signs, local.data[i]) == NULL)
            text[size++] = local.data[i];
    return size == 0 ? local : slice_new(text, size);
}

struct slice normal_address(struct slice written, struct arena *arena)
{
    struct address address;
    struct error ignored = {0};
    if (slice_is_empty(written) || address_parse_path(written, arena, &address, &ignored) != 0 ||
        slice_is_empty(address.local) || slice_is_empty(address.domain))
        return slice_of(NULL);
    const struct host *host = find_host(address.domain);
    if (host != NULL) {
        address.local = without_signs(address.local, host->ignored, arena);
        address.domain = slice_of(host->same_as);
    }
    return address_canonical(&address, "+", arena);
}
