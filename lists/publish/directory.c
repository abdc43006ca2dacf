#include "lists/publish/directory.h"

#include "common/mail/fold.h"
#include "lists/format/type.h"
#include <string.h>

#define NAME_LEAST_BYTES 4

/* Local parts that are offices, not people. */
static const char *const offices[] = {
    "abuse",    "admin",  "administracion", "ayuda",  "contacto", "contact",  "contato",  "help",
    "hello",    "hola",   "hostmaster",     "info",   "list",     "listas",   "mail",     "noreply",
    "no-reply", "office", "postmaster",     "prensa", "press",    "root",     "security", "soporte",
    "support",  "team",   "test",           "ventas", "sales",    "webmaster"};

struct looking {
    const struct directory *directory;
    const struct entry *entry;
    struct findings *findings;
    struct arena *arena;
    bool has_found;
};

static void refuse(struct looking *l, const char *what)
{
    if (l->has_found)
        return;
    l->has_found = true;
    finding_add(l->findings, FINDING_ERROR, l->entry, l->entry->value_place, "%s: it stays here",
                what);
}

static bool is_allowed(const struct directory *directory, struct slice word)
{
    for (size_t i = 0; i < sizeof offices / sizeof offices[0]; i++)
        if (slice_is(word, offices[i]))
            return true;
    for (size_t i = 0; i < directory->allowed_count; i++)
        if (slice_is_nocase(word, directory->allowed_words[i]))
            return true;
    return false;
}

/* "ana.perez+x" as " ana perez "; false: no name. */
static bool write_name(struct slice local, char name[160], size_t *words_out)
{
    size_t size = 0, words = 0;
    local = slice_part(local, 0, slice_find_byte(local, '+'));
    if (local.size > 120)
        return false;
    name[size++] = ' ';
    for (size_t i = 0; i < local.size; i++) {
        char c = local.data[i];
        bool is_gap = strchr("._-'", c) != NULL || (c >= '0' && c <= '9');
        if (is_gap && name[size - 1] == ' ')
            continue;
        name[size++] = (char)(is_gap ? ' ' : c);
        words += is_gap;
    }
    if (name[size - 1] != ' ') {
        name[size++] = ' ';
        words++;
    }
    name[size] = '\0';
    *words_out = words;
    return size >= NAME_LEAST_BYTES + 2;
}

/* Folded words with a space around each, so that names are found as words. */
static struct slice spaced_words(struct looking *l, struct slice text)
{
    struct folded folded;
    struct keyed_words words;
    struct error err = {0};
    if (fold_text(text, FOLD_PLAIN, l->arena, &folded, &err) != 0 ||
        keyed_words_find(folded.text, l->arena, &words, &err) != 0)
        return (struct slice){NULL, 0};
    return slice_of(arena_printf(l->arena, " " SLICE_FORMAT, SLICE_ARGUMENTS(words.text)));
}

static void look_at_text(struct looking *l, struct slice text, bool has_names)
{
    char name[160];
    size_t words;
    struct slice spaced = has_names ? spaced_words(l, text) : text;
    for (size_t i = 0; i < l->directory->address_count && !l->has_found; i++) {
        struct slice address = l->directory->addresses[i];
        struct slice local = slice_part(address, 0, slice_find_last_byte(address, '@'));
        if (slice_find_nocase(text, address) < text.size)
            refuse(l, "the text has the address of a member");
        if (has_names && write_name(local, name, &words) && !is_allowed(l->directory, local) &&
            !(words == 1 && is_allowed(l->directory, slice_trim(slice_of(name)))) &&
            slice_find(spaced, slice_of(name)) < spaced.size)
            refuse(l, "the text has the name of a member (a word of the language? --allow-word)");
    }
}

/* a.example and x.a.example: one is the other or stands above it. */
static bool is_within(struct slice inner, struct slice outer)
{
    return slice_equals_nocase(inner, outer) ||
           (inner.size > outer.size && inner.data[inner.size - outer.size - 1] == '.' &&
            slice_equals_nocase(slice_from(inner, inner.size - outer.size), outer));
}

static void look_at_domain(struct looking *l, struct slice domain)
{
    for (size_t i = 0; i < l->directory->address_count; i++) {
        struct slice address = l->directory->addresses[i];
        struct slice own = slice_from(address, slice_find_last_byte(address, '@') + 1);
        if (own.size > 0 && (is_within(domain, own) || is_within(own, domain)))
            refuse(l, "the value is the domain of a member");
    }
}

static void look_at_value(struct looking *l)
{
    const struct entry *entry = l->entry;
    struct slice host, path;
    switch (entry->type) {
    case ENTRY_DOMAIN:
        look_at_domain(l, entry->value);
        return;
    case ENTRY_DKIM:
        look_at_domain(l, slice_part(entry->value, 0, slice_find_byte(entry->value, ' ')));
        return;
    case ENTRY_URL:
        url_split(entry->value, &host, &path);
        look_at_domain(l, host);
        look_at_text(l, path, true);
        return;
    case ENTRY_ADDR:
        look_at_text(l, entry->value, false);
        look_at_domain(l, slice_from(entry->value, slice_find_last_byte(entry->value, '@') + 1));
        return;
    case ENTRY_RE:
    case ENTRY_PHRASE:
        look_at_text(l, entry->value, true);
        return;
    case ENTRY_CIDR:
    case ENTRY_KPHRASE:
    case ENTRY_PHONE:
    case ENTRY_WALLET:
    case ENTRY_OTHER:
        return;
    }
}

static bool has_digest_of(struct looking *l, const struct group_key *key, struct slice value,
                          const unsigned char wanted[KEYED_DIGEST_BYTES])
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    struct slice normal;
    size_t words;
    if (keyed_entry_normalise(l->entry->type_name, value, l->arena, &normal, &words, NULL) != 0)
        return false;
    keyed_entry_digest(key, l->entry->type_name, normal, digest);
    return memcmp(digest, wanted, sizeof digest) == 0;
}

/* Without the key nobody here can tell whom it means. */
static void look_at_digest(struct looking *l)
{
    unsigned char wanted[KEYED_DIGEST_BYTES];
    struct slice key_name;
    struct group_key key;
    char name[160];
    size_t words;
    if (!keyed_entry_read(l->entry->value, &key_name, wanted))
        return;
    if (group_key_read(l->directory->settings, key_name, &key, NULL) != 0) {
        refuse(l, "its group key is not here, so nobody can tell whom it means");
        return;
    }
    for (size_t i = 0; i < l->directory->address_count; i++) {
        struct slice address = l->directory->addresses[i];
        if (slice_is(l->entry->type_name, "addr") && has_digest_of(l, &key, address, wanted))
            refuse(l, "the digest is of a member's address");
        if (slice_is(l->entry->type_name, "kphrase") &&
            write_name(slice_part(address, 0, slice_find_last_byte(address, '@')), name, &words) &&
            words >= KEYED_ENTRY_LEAST_WORDS && has_digest_of(l, &key, slice_of(name), wanted))
            refuse(l, "the digest is of a member's name");
    }
}

int directory_lint(const struct directory *directory, const struct list *list,
                   struct findings *findings, struct error *err)
{
    for (size_t i = 0; i < list->entry_count; i++) {
        struct looking l = {directory, &list->entries[i], findings, findings->arena, false};
        look_at_value(&l);
        look_at_digest(&l);
        look_at_text(&l, l.entry->why, true);
        for (size_t k = 0; k < l.entry->test_count; k++)
            look_at_text(&l, l.entry->tests[k].text, true);
        if (arena_is_exhausted(findings->arena))
            return arena_error(findings->arena, err);
    }
    return 0;
}
