/* Links in a message, as targets or written out in its text, against host and path. */
#include "lists/match/matcher.h"

#include "common/base/limits.h"
#include "common/mail/address.h"
#include <string.h>

#define MOST_LINKS 10000

struct link {
    struct matching *m;
    const struct text_piece *piece;
    struct slice path;
    struct slice written;
};

static void found_host(void *context, uint32_t entry)
{
    struct link *link = context;
    struct slice host, path, value;
    if (matching_wants(link->m, entry, &value) == NULL)
        return;
    url_split(value, &host, &path);
    if (link->path.size < path.size || !slice_equals(slice_part(link->path, 0, path.size), path))
        return;
    bool is_target = link->piece->where == TEXT_URL;
    matching_add_hit(link->m, entry, link->piece->where,
                     is_target ? "url" : scope_name((unsigned)link->piece->where), link->written);
}

/* Where the host begins: behind the scheme and a user, if there are any. */
static struct slice authority_of(struct slice link, struct slice *behind_out)
{
    size_t scheme = slice_find(link, SLICE_LITERAL("://"));
    struct slice rest = scheme < link.size ? slice_from(link, scheme + 3) : link;
    size_t end = 0;
    while (end < rest.size && strchr("/?#\\", rest.data[end]) == NULL)
        end++;
    *behind_out = slice_from(rest, end);
    struct slice authority = slice_part(rest, 0, end);
    size_t at = slice_find_last_byte(authority, '@');
    if (at < authority.size)
        authority = slice_from(authority, at + 1);
    authority.size = slice_find_byte(authority, ':');
    return authority;
}

static bool is_closing(char c)
{
    return strchr(".,;:!?)]}>'\"*_", c) != NULL && c != '\0';
}

/* What writers put around a link is not part of it. */
static struct slice strip(struct slice word)
{
    while (word.size > 0 && (strchr("(<[{'\"*_", word.data[0]) != NULL && word.data[0] != '\0'))
        word = slice_from(word, 1);
    while (word.size > 0 && is_closing(word.data[word.size - 1]))
        word.size--;
    return word;
}

static void try_link(struct matching *m, const struct text_piece *piece, struct slice written)
{
    struct slice behind;
    struct slice authority = authority_of(written, &behind);
    char host[LIMIT_DOMAIN_BYTES + 1];
    if (slice_find_byte(authority, '.') == authority.size || authority.size > LIMIT_DOMAIN_BYTES ||
        address_domain_to_ascii(authority, host, sizeof host, NULL) != 0)
        return;
    struct link link = {m, piece, behind, written};
    exact_find(m, EXACT_HOST, slice_of(host), found_host, &link);
    if (strncmp(host, "www.", 4) == 0)
        exact_find(m, EXACT_HOST, slice_of(host + 4), found_host, &link);
}

void match_links(struct matching *m, const struct text_piece *piece)
{
    struct slice rest = piece->text, word;
    if ((m->matcher->image.header.scopes & IMAGE_HAS_HOSTS) == 0 || m->has_stopped)
        return;
    if (piece->where == TEXT_URL) {
        try_link(m, piece, slice_trim(piece->text));
        return;
    }
    if (piece->where != TEXT_SUBJECT && piece->where != TEXT_BODY)
        return;
    for (size_t count = 0; slice_next_word(&rest, &word);) {
        word = strip(word);
        if (slice_find_byte(word, '.') == word.size)
            continue;
        if (++count > MOST_LINKS)
            matching_stop(m, "lists: too many links in one text");
        if (!matching_goes_on(m))
            return;
        try_link(m, piece, word);
    }
}
