#include "common/mail/lookalike.h"

#include "common/mail/address.h"
#include "common/mail/fold.h"
#include <string.h>
#include <unicode/uidna.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define LABEL_BYTES 63 /* RFC 1035 section 2.3.4 */

enum {
    LABEL_LEAST = 4,  /* letters of a label that means somebody under any ending */
    WORD_LEAST = 4,   /* of a label to which a word was added behind a hyphen */
    JOINED_LEAST = 5, /* or without one */
    EDIT_LEAST = 6,
    EDIT_ANY_ENDING = 10
};

/* Second-level labels under which countries register. */
static const char *const second_levels[] = {"ac",  "art", "asso", "co",   "com", "edu", "gob",
                                            "gov", "go",  "gub",  "gouv", "inf", "int", "mil",
                                            "ne",  "net", "nom",  "or",   "org", "web"};

/* Words that many an owner has registered under some ending: they mean nobody. */
static const char *const common_words[] = {
    "blog",   "cloud", "correo", "email",    "example", "foro",    "forum", "group",
    "grupo",  "home",  "host",   "info",     "lists",   "listas",  "local", "mail",
    "mailer", "media", "news",   "noticias", "online",  "posta",   "radio", "server",
    "shop",   "site",  "team",   "test",     "tienda",  "webmail", "wiki"};

/* Hosts that everybody writes from: too near to somebody's name by chance. */
static const char *const providers[] = {
    "aol",       "apple",      "autistici", "disroot",  "facebook", "fastmail",
    "gitlab",    "github",     "gmail",     "gmx",      "google",   "hotmail",
    "icloud",    "instagram",  "inventati", "linkedin", "live",     "mailbox",
    "microsoft", "outlook",    "paypal",    "posteo",   "proton",   "protonmail",
    "riseup",    "rediffmail", "telegram",  "terra",    "tuta",     "tutanota",
    "twitter",   "whatsapp",   "yahoo",     "yandex",   "ymail",    "zoho"};

/* What is put beside a name to look like a part of it. */
static const char *const added_words[] = {
    "acceso",    "account", "accounts", "admin",    "alerta",  "app",      "auth",     "ayuda",
    "ajuda",     "centro",  "clientes", "com",      "conta",   "contas",   "correo",   "cuenta",
    "cuentas",   "email",   "equipe",   "equipo",   "group",   "help",     "helpdesk", "info",
    "it",        "login",   "mail",     "mails",    "net",     "notifica", "office",   "oficial",
    "official",  "online",  "org",      "portal",   "secure",  "security", "segura",   "seguridad",
    "seguranca", "seguro",  "server",   "servicio", "servico", "servidor", "service",  "services",
    "sistema",   "soporte", "suporte",  "support",  "team",    "validar",  "verify",   "verifica",
    "verificar", "web",     "webmail"};

static bool is_one_of(struct slice word, const char *const *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(word, table[i]))
            return true;
    return false;
}

bool lookalike_letters(struct slice folded, char *text, size_t size)
{
    static const char same[128] = {['0'] = 'o', ['1'] = 'l', ['3'] = 'e', ['4'] = 'a', ['5'] = 's',
                                   ['7'] = 't', ['8'] = 'b', ['i'] = 'l', ['|'] = 'l'};
    size_t used = 0;
    for (size_t i = 0; i < folded.size; i++) {
        unsigned char byte = (unsigned char)folded.data[i];
        char next = i + 1 < folded.size ? folded.data[i + 1] : '\0';
        char letter = byte < sizeof same && same[byte] != '\0' ? same[byte] : (char)byte;
        if ((byte == 'r' && next == 'n') || (byte == 'v' && next == 'v')) {
            letter = byte == 'r' ? 'm' : 'w';
            i++;
        }
        if (used + 1 >= size)
            return false;
        text[used++] = letter;
    }
    text[used] = '\0';
    return true;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The Unicode of an A-label; as it stands when it is none. */
static struct slice decode_label(struct slice label, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t size = 4 * LABEL_BYTES;
    char *text = arena_alloc(arena, (size_t)size);
    if (text == NULL || !slice_starts_with(label, "xn--"))
        return label;
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &status);
    if (idna == NULL || U_FAILURE(status))
        return label;
    int32_t written =
        uidna_labelToUnicodeUTF8(idna, label.data, (int32_t)label.size, text, size, &info, &status);
    uidna_close(idna);
    return U_FAILURE(status) || written <= 0 || written > size ? label
                                                               : slice_new(text, (size_t)written);
}

static bool append_label(struct slice label, struct arena *arena, struct domain_look *look)
{
    struct folded folded = {.text = label};
    size_t used = strlen(look->letters);
    if (slice_starts_with(label, "xn--") &&
        fold_text(decode_label(label, arena), FOLD_PLAIN, arena, &folded, NULL) != 0)
        return false;
    if (used > 0 && used + 1 < sizeof look->letters)
        look->letters[used++] = '.';
    char *begin = look->letters + used;
    if (slice_is_empty(folded.text))
        folded.text = label;
    if (!lookalike_letters(folded.text, begin, sizeof look->letters - used))
        return false;
    for (; *begin != '\0'; begin++)
        if (*begin == '.' || *begin == ' ') /* no label has one: it must not become two */
            *begin = '-';
    return true;
}

/* Labels that belong to the ending. */
static size_t ending_labels(struct slice name)
{
    size_t last = slice_find_last_byte(name, '.');
    struct slice before = slice_part(name, 0, last);
    size_t second = slice_find_last_byte(before, '.');
    if (name.size - last - 1 != 2 || second == before.size)
        return 1;
    return is_one_of(slice_from(before, second + 1), second_levels, COUNT(second_levels)) ? 2 : 1;
}

/* Where the last `count` labels begin. */
static size_t last_labels(struct slice text, size_t count)
{
    size_t at = text.size;
    while (at > 0 && (text.data[at - 1] != '.' || --count > 0))
        at--;
    return at;
}

static void copy_without(struct slice text, const char *signs, char *into)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr(signs, text.data[i]) == NULL)
            *into++ = text.data[i];
    *into = '\0';
}

static void split(struct domain_look *look)
{
    struct slice name = slice_of(look->name), letters = slice_of(look->letters);
    size_t ending = ending_labels(name);
    look->own_name = last_labels(name, ending + 1);
    look->own = last_labels(letters, ending + 1);
    look->ending = last_labels(letters, ending);
    if (look->ending == 0)
        return;
    copy_without(slice_part(letters, look->own, look->ending - 1 - look->own), "-", look->label);
    copy_without(slice_part(letters, 0, look->ending - 1), "-.", look->flat);
}

bool lookalike_read(struct slice domain, struct arena *arena, struct domain_look *look_out)
{
    struct domain_look look = {.own = 0};
    struct slice rest, label;
    if (address_domain_to_ascii(domain, look.name, sizeof look.name, NULL) != 0)
        return false;
    rest = slice_of(look.name);
    if (slice_find_byte(rest, '.') == rest.size)
        return false;
    while (slice_next(&rest, '.', &label))
        if (!append_label(label, arena, &look))
            return false;
    split(&look);
    *look_out = look;
    return true;
}

/* --- comparing -------------------------------------------------------------------------------- */

bool lookalike_is_within(const struct domain_look *inner, const struct domain_look *outer)
{
    size_t a = strlen(inner->name), b = strlen(outer->name);
    return a >= b && (a == b || inner->name[a - b - 1] == '.') &&
           strcmp(inner->name + a - b, outer->name) == 0;
}

/* "kefir.example" in "mail.kefir.example.evil.test" */
static bool is_inside(const struct domain_look *other, const struct domain_look *ours)
{
    size_t size = strlen(ours->letters);
    for (size_t at = 0; at < other->own; at += strcspn(other->letters + at, ".") + 1)
        if (strncmp(other->letters + at, ours->letters, size) == 0 &&
            other->letters[at + size] == '.')
            return true;
    return false;
}

static struct slice registered_label(const struct domain_look *look)
{
    return slice_new(look->name + look->own_name, strcspn(look->name + look->own_name, "."));
}

static bool has_same_ending(const struct domain_look *a, const struct domain_look *b)
{
    return strcmp(a->letters + a->ending, b->letters + b->ending) == 0;
}

bool lookalike_is_common(const struct domain_look *look)
{
    return strlen(look->label) < LABEL_LEAST ||
           is_one_of(registered_label(look), common_words, COUNT(common_words));
}

/* Both labels look the same but for hyphens. */
static enum lookalike compare_endings(const struct domain_look *other,
                                      const struct domain_look *ours)
{
    if (has_same_ending(other, ours))
        return strcmp(other->letters + other->own, ours->letters + ours->own) == 0
                   ? LOOKALIKE_LETTERS
                   : LOOKALIKE_WORDS;
    return lookalike_is_common(ours) ? LOOKALIKE_NONE : LOOKALIKE_ENDING;
}

/* "kefir-example.org", "kefirexample.com" for kefir.example and kefir.example.org */
static bool is_written_in_one(const struct domain_look *other, const struct domain_look *ours)
{
    char whole[LOOKALIKE_BYTES];
    if (strcmp(ours->flat, ours->label) != 0 &&
        (strcmp(other->label, ours->flat) == 0 || strcmp(other->flat, ours->flat) == 0))
        return strlen(ours->flat) >= EDIT_LEAST;
    copy_without(slice_of(ours->letters), "-.", whole);
    return strlen(whole) >= EDIT_LEAST && strcmp(other->label, whole) == 0;
}

static bool is_added_word(struct slice text)
{
    char letters[LABEL_BYTES];
    if (slice_is_empty(text))
        return true;
    for (size_t i = 0; i < COUNT(added_words); i++)
        if (lookalike_letters(slice_of(added_words[i]), letters, sizeof letters) &&
            slice_is(text, letters))
            return true;
    return false;
}

/* "kefir-soporte", "login-kefir", "kefircuentas" */
static bool has_added_words(const struct domain_look *other, const struct domain_look *ours)
{
    struct slice label = slice_of(other->label), name = registered_label(other);
    bool has_hyphen = slice_find_byte(name, '-') < name.size;
    size_t size = strlen(ours->label), at = slice_find(label, slice_of(ours->label));
    if (size < (has_hyphen ? WORD_LEAST : JOINED_LEAST) || at == label.size)
        return false;
    return is_added_word(slice_part(label, 0, at)) && is_added_word(slice_from(label, at + size));
}

/* One letter more, less, other, or two swapped (Damerau). */
static bool is_one_edit(struct slice a, struct slice b)
{
    if (a.size > b.size)
        return is_one_edit(b, a);
    size_t at = 0;
    while (at < a.size && a.data[at] == b.data[at])
        at++;
    if (a.size + 1 == b.size)
        return slice_equals(slice_from(a, at), slice_from(b, at + 1));
    if (a.size != b.size || at == a.size)
        return false;
    if (slice_equals(slice_from(a, at + 1), slice_from(b, at + 1)))
        return true;
    return at + 1 < a.size && a.data[at] == b.data[at + 1] && a.data[at + 1] == b.data[at] &&
           slice_equals(slice_from(a, at + 2), slice_from(b, at + 2));
}

/* "grupo1" and "grupo2" are neighbours, not copies. */
static bool is_series(struct slice a, struct slice b)
{
    static const char digits[] = "0123456789";
    char left[LIMIT_DOMAIN_BYTES + 1], right[LIMIT_DOMAIN_BYTES + 1];
    copy_without(a, digits, left);
    copy_without(b, digits, right);
    return strlen(left) < a.size && strlen(right) < b.size && strcmp(left, right) == 0;
}

static bool is_edited(const struct domain_look *other, const struct domain_look *ours)
{
    size_t size = strlen(ours->label);
    if (size < EDIT_LEAST || (size < EDIT_ANY_ENDING && !has_same_ending(other, ours)))
        return false;
    return is_one_edit(slice_of(other->label), slice_of(ours->label)) &&
           !is_series(registered_label(other), registered_label(ours));
}

static bool is_provider(const struct domain_look *other, const struct domain_look *ours)
{
    struct slice label = registered_label(other);
    return is_one_of(label, providers, COUNT(providers)) &&
           !slice_equals(label, registered_label(ours));
}

enum lookalike lookalike_compare(const struct domain_look *other, const struct domain_look *ours)
{
    if (lookalike_is_within(other, ours) || lookalike_is_within(ours, other))
        return LOOKALIKE_NONE;
    if (strcmp(other->letters, ours->letters) == 0)
        return LOOKALIKE_LETTERS;
    if (strcmp(other->name + other->own_name, ours->name + ours->own_name) == 0)
        return LOOKALIKE_NONE;
    if (is_inside(other, ours))
        return LOOKALIKE_INSIDE;
    if (is_provider(other, ours))
        return LOOKALIKE_NONE;
    if (is_written_in_one(other, ours))
        return LOOKALIKE_WORDS;
    if (strcmp(other->label, ours->label) == 0)
        return compare_endings(other, ours);
    if (has_added_words(other, ours))
        return LOOKALIKE_WORDS;
    return is_edited(other, ours) ? LOOKALIKE_EDIT : LOOKALIKE_NONE;
}
