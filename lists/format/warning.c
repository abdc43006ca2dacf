/*
 * What no list should name: it would hit thousands who have done nothing. Short and by hand: a
 * public suffix is recognised by its shape, as far as that goes.
 */
#include "lists/format/type.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

static const char *const freemail[] = {
    "126.com",        "163.com",         "aol.com",        "autistici.org",
    "bol.com.br",     "ciudad.com.ar",   "disroot.org",    "duck.com",
    "fastmail.com",   "fibertel.com.ar", "free.fr",        "gmail.com",
    "gmx.com",        "gmx.de",          "gmx.net",        "googlemail.com",
    "hey.com",        "hotmail.cl",      "hotmail.co.uk",  "hotmail.com",
    "hotmail.com.ar", "hotmail.com.br",  "hotmail.com.mx", "hotmail.es",
    "hotmail.fr",     "icloud.com",      "ig.com.br",      "inventati.org",
    "laposte.net",    "live.cl",         "live.com",       "live.com.ar",
    "live.com.mx",    "mac.com",         "mail.com",       "mail.ru",
    "mailbox.org",    "me.com",          "msn.com",        "orange.fr",
    "outlook.cl",     "outlook.com",     "outlook.com.ar", "outlook.com.br",
    "outlook.es",     "pm.me",           "posteo.de",      "posteo.net",
    "prodigy.net.mx", "proton.me",       "protonmail.ch",  "protonmail.com",
    "qq.com",         "r7.com",          "rediffmail.com", "riseup.net",
    "speedy.com.ar",  "systemli.org",    "t-online.de",    "terra.com",
    "terra.com.br",   "tuta.com",        "tuta.io",        "tutanota.com",
    "tutamail.com",   "uol.com.br",      "web.de",         "wanadoo.fr",
    "yahoo.cl",       "yahoo.co.uk",     "yahoo.com",      "yahoo.com.ar",
    "yahoo.com.br",   "yahoo.com.co",    "yahoo.com.mx",   "yahoo.com.pe",
    "yahoo.com.ve",   "yahoo.es",        "yandex.com",     "yandex.ru",
    "ymail.com",      "zoho.com",        "zohomail.com",   NULL};

static const char *const shared[] = {"altervista.org",
                                     "amazonaws.com",
                                     "amazonses.com",
                                     "azurewebsites.net",
                                     "bit.ly",
                                     "blogspot.com",
                                     "bsky.app",
                                     "chat.whatsapp.com",
                                     "cloudfront.net",
                                     "discord.com",
                                     "discord.gg",
                                     "docs.google.com",
                                     "drive.google.com",
                                     "dropbox.com",
                                     "facebook.com",
                                     "firebaseapp.com",
                                     "fly.dev",
                                     "forms.gle",
                                     "github.com",
                                     "github.io",
                                     "gitlab.io",
                                     "glitch.me",
                                     "goo.gl",
                                     "google.com",
                                     "googlegroups.com",
                                     "googleusercontent.com",
                                     "herokuapp.com",
                                     "instagram.com",
                                     "linkedin.com",
                                     "linktr.ee",
                                     "mailchimp.com",
                                     "mailgun.org",
                                     "medium.com",
                                     "microsoft.com",
                                     "myshopify.com",
                                     "netlify.app",
                                     "noblogs.org",
                                     "notion.site",
                                     "onmicrosoft.com",
                                     "onrender.com",
                                     "pages.dev",
                                     "pastebin.com",
                                     "reddit.com",
                                     "sendgrid.net",
                                     "sharepoint.com",
                                     "sites.google.com",
                                     "squarespace.com",
                                     "substack.com",
                                     "t.co",
                                     "t.me",
                                     "telegram.me",
                                     "tiktok.com",
                                     "tinyurl.com",
                                     "tumblr.com",
                                     "twitter.com",
                                     "vercel.app",
                                     "wa.me",
                                     "web.app",
                                     "weebly.com",
                                     "whatsapp.com",
                                     "wikipedia.org",
                                     "windows.net",
                                     "wixsite.com",
                                     "wordpress.com",
                                     "workers.dev",
                                     "x.com",
                                     "youtu.be",
                                     "youtube.com",
                                     NULL};

/* Second labels under which a country registers: com.ar, co.uk, org.br, gob.mx. */
static const char *const second_labels[] = {
    "ac",  "adm", "adv", "art", "blog", "co",  "com", "edu", "eng", "gob", "gov", "go",
    "gub", "ind", "inf", "int", "ltd",  "me",  "mil", "mus", "ne",  "net", "nom", "ong",
    "or",  "org", "plc", "pro", "psc",  "sch", "tur", "tv",  "web", NULL};

static bool is_among(struct slice word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (slice_is(word, *words))
            return true;
    return false;
}

static bool is_public_suffix(struct slice domain)
{
    size_t dot = slice_find_byte(domain, '.');
    struct slice top = slice_from(domain, dot + 1);
    if (dot >= domain.size)
        return true;
    return top.size == 2 && slice_find_byte(top, '.') == top.size &&
           is_among(slice_part(domain, 0, dot), second_labels);
}

const char *domain_warning(struct slice domain)
{
    if (is_public_suffix(domain))
        return "a public suffix: everybody below it would be hit";
    if (is_among(domain, freemail))
        return "a provider of mail for everybody: name the address (addr) or a pattern instead";
    if (is_among(domain, shared))
        return "a host that many people share: name the exact host or path instead";
    return NULL;
}

bool domain_is_shared(struct slice domain)
{
    for (;; domain = slice_from(domain, slice_find_byte(domain, '.') + 1)) {
        if (is_among(domain, freemail) || is_among(domain, shared))
            return true;
        if (slice_find_byte(domain, '.') >= domain.size)
            return false;
    }
}

static bool is_within(const struct network *network, const char *wide)
{
    struct network outer, inner = *network;
    if (!network_read(slice_of(wide), &outer) || outer.family != network->family ||
        network->prefix < outer.prefix)
        return false;
    inner.prefix = outer.prefix;
    network_mask(&inner);
    return memcmp(inner.address, outer.address, sizeof inner.address) == 0;
}

const char *network_warning(const struct network *network, bool *is_error_out)
{
    static const char *const ours[] = {"10.0.0.0/8",  "172.16.0.0/12",  "192.168.0.0/16",
                                       "127.0.0.0/8", "169.254.0.0/16", "::1/128",
                                       "fc00::/7",    "fe80::/10",      NULL};
    *is_error_out = true;
    if (is_within(network, "100.64.0.0/10"))
        return "addresses behind a provider's NAT (RFC 6598): many people share each of them";
    if (is_within(network, "224.0.0.0/4") || is_within(network, "ff00::/8"))
        return "a multicast network sends no mail";
    *is_error_out = false;
    for (size_t i = 0; ours[i] != NULL; i++)
        if (is_within(network, ours[i]))
            return "a private network: only your own machines have such addresses";
    return NULL;
}
