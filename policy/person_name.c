#include "policy/person_name.h"

#include "common/mail/fold.h"
#include "policy/full_name.h"
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 16
#define NAME_BYTES ((size_t)512)
#define LEAST_WORD_LETTERS 2
#define LEAST_LETTERS 8 /* of a single word */

/* Beside the words of offices (full_name.h): what stands with them in names that say a role and no
 * person. A name of these words alone is nobody's. */
static const char *const roles[] = {"a",
                                    "account",
                                    "accounts",
                                    "al",
                                    "alert",
                                    "anonima",
                                    "anonimo",
                                    "anonimous",
                                    "anonymous",
                                    "ao",
                                    "asistencia",
                                    "auto",
                                    "automated",
                                    "automatic",
                                    "automatica",
                                    "automatico",
                                    "aviso",
                                    "banco",
                                    "bank",
                                    "billing",
                                    "bolsa",
                                    "bookings",
                                    "bounce",
                                    "bounces",
                                    "care",
                                    "center",
                                    "cliente",
                                    "cobranca",
                                    "cobranza",
                                    "cobros",
                                    "colegio",
                                    "comercial",
                                    "compras",
                                    "confirmacion",
                                    "confirmation",
                                    "consejo",
                                    "conselho",
                                    "convocatoria",
                                    "convocatorias",
                                    "coordenador",
                                    "coordenadora",
                                    "coordinador",
                                    "coordinadora",
                                    "customer",
                                    "customers",
                                    "daemon",
                                    "de",
                                    "del",
                                    "delivery",
                                    "director",
                                    "directora",
                                    "diretor",
                                    "diretora",
                                    "e",
                                    "el",
                                    "empleo",
                                    "empleos",
                                    "entrega",
                                    "escola",
                                    "escuela",
                                    "factura",
                                    "farmacia",
                                    "for",
                                    "from",
                                    "general",
                                    "geral",
                                    "gobierno",
                                    "governo",
                                    "hospital",
                                    "human",
                                    "humana",
                                    "humano",
                                    "informacao",
                                    "information",
                                    "informes",
                                    "invitaciones",
                                    "invitations",
                                    "jobs",
                                    "junta",
                                    "la",
                                    "loja",
                                    "mailing",
                                    "mensagem",
                                    "mensagens",
                                    "mensaje",
                                    "mensajes",
                                    "message",
                                    "messages",
                                    "ministerio",
                                    "nao",
                                    "nomina",
                                    "not",
                                    "notificacion",
                                    "notificacoes",
                                    "notification",
                                    "novedades",
                                    "of",
                                    "order",
                                    "orders",
                                    "para",
                                    "partes",
                                    "payable",
                                    "payroll",
                                    "pedido",
                                    "pedidos",
                                    "presidenta",
                                    "presidente",
                                    "promociones",
                                    "promocoes",
                                    "receivable",
                                    "recipients",
                                    "registro",
                                    "registros",
                                    "reservas",
                                    "respond",
                                    "responda",
                                    "responder",
                                    "returned",
                                    "rh",
                                    "servicos",
                                    "shipping",
                                    "shop",
                                    "store",
                                    "subsystem",
                                    "system",
                                    "talento",
                                    "the",
                                    "ticket",
                                    "tickets",
                                    "trabajo",
                                    "trabalho",
                                    "undeliverable",
                                    "undisclosed",
                                    "unknown",
                                    "update",
                                    "updates",
                                    "vagas",
                                    "ventanilla",
                                    "via"};

struct name {
    struct slice words[MOST_WORDS];
    size_t count;
};

static bool is_word_byte(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static void split(struct slice text, struct name *name)
{
    name->count = 0;
    for (size_t i = 0; i < text.size && name->count < MOST_WORDS;) {
        size_t begin = i;
        while (i < text.size && is_word_byte((unsigned char)text.data[i]))
            i++;
        if (i > begin)
            name->words[name->count++] = slice_part(text, begin, i - begin);
        else
            i++;
    }
}

static size_t count_letters(struct slice word)
{
    size_t letters = 0;
    for (size_t i = 0; i < word.size; i++)
        letters += ((unsigned char)word.data[i] & 0xc0) != 0x80 ? 1 : 0;
    return letters;
}

static bool is_role(struct slice word)
{
    if (full_name_is_office(word))
        return true;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (slice_is(word, roles[i]))
            return true;
    return false;
}

static bool is_specific(const struct name *name)
{
    size_t letters = 0, long_words = 0, persons = 0;
    for (size_t i = 0; i < name->count; i++) {
        size_t word = count_letters(name->words[i]);
        letters += word;
        long_words += word >= LEAST_WORD_LETTERS ? 1 : 0;
        persons += is_role(name->words[i]) ? 0 : 1;
    }
    return persons > 0 && (long_words >= 2 || letters >= LEAST_LETTERS);
}

static int compare(const void *a, const void *b)
{
    const struct slice *one = a, *other = b;
    return slice_compare(*one, *other);
}

static struct slice join(struct name *name, struct arena *arena)
{
    char *text = arena_alloc(arena, NAME_BYTES + MOST_WORDS);
    size_t size = 0;
    if (text == NULL)
        return slice_of(NULL);
    qsort(name->words, name->count, sizeof name->words[0], compare);
    for (size_t i = 0; i < name->count && size + name->words[i].size <= NAME_BYTES; i++) {
        if (i > 0)
            text[size++] = ' ';
        memcpy(text + size, name->words[i].data, name->words[i].size);
        size += name->words[i].size;
    }
    return slice_new(text, size);
}

static bool read_name(struct slice written, struct arena *arena, struct name *name)
{
    struct folded folded;
    struct error ignored = {0};
    if (written.size == 0 || written.size > NAME_BYTES ||
        fold_text(written, FOLD_TIGHT, arena, &folded, &ignored) != 0)
        return false;
    split(folded.text, name);
    return name->count > 0;
}

struct slice person_name(struct slice display, struct arena *arena)
{
    struct name name;
    if (slice_find_byte(display, '@') < display.size || !read_name(display, arena, &name) ||
        !is_specific(&name))
        return slice_of(NULL);
    return join(&name, arena);
}

struct slice person_name_of_address(struct slice canonical_address, struct arena *arena)
{
    struct name name;
    size_t at = slice_find_last_byte(canonical_address, '@');
    if (!read_name(slice_part(canonical_address, 0, at), arena, &name))
        return slice_of(NULL);
    return join(&name, arena);
}
