#include "policy/full_name.h"

#include "common/mail/fold.h"
#include "common/mail/lookalike.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define DISPLAY_BYTES 400 /* a longer one is no name */
#define WORD_LEAST 2      /* a letter alone is an initial */
#define SPELLED_LEAST 4   /* letters of a word that does not stand in a local part by chance */

static const char *const offices[] = {"abuse",
                                      "academica",
                                      "academico",
                                      "admin",
                                      "administracao",
                                      "administracion",
                                      "administrador",
                                      "administradora",
                                      "administration",
                                      "administrator",
                                      "admisiones",
                                      "admissoes",
                                      "ajuda",
                                      "alertas",
                                      "alerts",
                                      "area",
                                      "asociacion",
                                      "associacao",
                                      "atencion",
                                      "atendimento",
                                      "avisos",
                                      "ayuda",
                                      "ayuntamiento",
                                      "biblioteca",
                                      "boletim",
                                      "boletin",
                                      "centro",
                                      "clientes",
                                      "colectiva",
                                      "coletiva",
                                      "comite",
                                      "communications",
                                      "comunicacao",
                                      "comunicacion",
                                      "comunicaciones",
                                      "contabilidad",
                                      "contact",
                                      "contacto",
                                      "contato",
                                      "cooperativa",
                                      "coordenacao",
                                      "coordinacion",
                                      "correo",
                                      "correos",
                                      "cuarentena",
                                      "cuentas",
                                      "departamento",
                                      "department",
                                      "desk",
                                      "direccion",
                                      "directiva",
                                      "directivo",
                                      "diretoria",
                                      "do",
                                      "donaciones",
                                      "electronica",
                                      "eletronica",
                                      "email",
                                      "equipe",
                                      "equipo",
                                      "eventos",
                                      "events",
                                      "facturacion",
                                      "facturas",
                                      "finance",
                                      "financeiro",
                                      "finanzas",
                                      "foundation",
                                      "fundacao",
                                      "fundacion",
                                      "gerencia",
                                      "group",
                                      "grupo",
                                      "hello",
                                      "help",
                                      "helpdesk",
                                      "hola",
                                      "hostmaster",
                                      "humanas",
                                      "humanos",
                                      "imprensa",
                                      "info",
                                      "informacion",
                                      "informacoes",
                                      "inscricoes",
                                      "inscripciones",
                                      "invoice",
                                      "invoices",
                                      "it",
                                      "juridica",
                                      "juridico",
                                      "legal",
                                      "library",
                                      "list",
                                      "lista",
                                      "listas",
                                      "login",
                                      "mail",
                                      "mailbox",
                                      "mailer",
                                      "marketing",
                                      "mesa",
                                      "municipalidad",
                                      "news",
                                      "newsletter",
                                      "no",
                                      "noreply",
                                      "noticias",
                                      "notificaciones",
                                      "notifications",
                                      "office",
                                      "oficina",
                                      "online",
                                      "pagos",
                                      "post",
                                      "postmaster",
                                      "prefeitura",
                                      "prensa",
                                      "presidencia",
                                      "press",
                                      "quarantine",
                                      "quarentena",
                                      "recepcao",
                                      "recepcion",
                                      "reception",
                                      "recursos",
                                      "red",
                                      "rede",
                                      "redes",
                                      "reply",
                                      "resources",
                                      "root",
                                      "rrhh",
                                      "sales",
                                      "secretaria",
                                      "secretariado",
                                      "security",
                                      "seguranca",
                                      "seguridad",
                                      "seguros",
                                      "server",
                                      "service",
                                      "services",
                                      "servicio",
                                      "servicios",
                                      "servico",
                                      "servidor",
                                      "sistema",
                                      "sistemas",
                                      "sociales",
                                      "socias",
                                      "socios",
                                      "soporte",
                                      "staff",
                                      "suporte",
                                      "support",
                                      "talleres",
                                      "team",
                                      "tech",
                                      "tecnica",
                                      "tecnico",
                                      "tesoreria",
                                      "tesouraria",
                                      "test",
                                      "tienda",
                                      "universidad",
                                      "universidade",
                                      "university",
                                      "user",
                                      "usuario",
                                      "vendas",
                                      "ventas",
                                      "web",
                                      "webmail",
                                      "webmaster",
                                      "your"};

/* Left out of a name: titles, and what stands between its parts. */
static const char *const small_words[] = {
    "abg",  "adv", "arq",  "att",   "da",   "das", "de",   "del", "der",  "di",  "do",   "don",
    "dona", "dos", "dr",   "dra",   "drs",  "du",  "el",   "eng", "enga", "ing", "jr",   "la",
    "las",  "le",  "lic",  "los",   "miss", "mr",  "mrs",  "ms",  "mx",   "msc", "mtra", "mtro",
    "ph",   "phd", "prof", "profa", "sr",   "sra", "srta", "sta", "te",   "van", "von",  "y"};

static bool is_one_of(struct slice word, const char *const *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(word, table[i]))
            return true;
    return false;
}

bool full_name_is_office(struct slice folded_word)
{
    return is_one_of(folded_word, offices, COUNT(offices));
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (unsigned char)byte >= 0x80;
}

/* The next run of letters; an apostrophe or a digit inside does not end it. */
static bool next_word(struct slice *rest, char *word, size_t size)
{
    size_t used = 0, i = 0;
    while (i < rest->size && !is_letter(rest->data[i]))
        i++;
    for (; i < rest->size && rest->data[i] != ' '; i++) {
        bool is_inside = rest->data[i] == '\'' || (rest->data[i] >= '0' && rest->data[i] <= '9');
        if (!is_letter(rest->data[i]) && !is_inside)
            break;
        if (is_letter(rest->data[i]) && used + 1 < size)
            word[used++] = rest->data[i];
    }
    word[used] = '\0';
    *rest = slice_from(*rest, i);
    return used > 0;
}

struct words {
    char texts[FULL_NAME_WORDS][FULL_NAME_BYTES];
    size_t count;
};

/* False: too many, or one of them is an office's. */
static bool read_words(struct slice folded, struct words *words_out)
{
    char word[FULL_NAME_BYTES];
    words_out->count = 0;
    while (next_word(&folded, word, sizeof word)) {
        struct slice text = slice_of(word);
        if (full_name_is_office(text))
            return false;
        if (text.size < WORD_LEAST || is_one_of(text, small_words, COUNT(small_words)))
            continue;
        if (words_out->count == FULL_NAME_WORDS ||
            !lookalike_letters(text, words_out->texts[words_out->count++], FULL_NAME_BYTES))
            return false;
    }
    return words_out->count >= 2;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool write_name(struct slice folded, struct full_name *name)
{
    struct words words;
    size_t used = 0;
    if (!read_words(folded, &words))
        return false;
    qsort(words.texts, words.count, sizeof words.texts[0], compare_words);
    for (size_t i = 0; i < words.count; i++) {
        size_t size = strlen(words.texts[i]);
        if (used + size + 2 > sizeof name->words)
            return false;
        if (i > 0)
            name->words[used++] = ' ';
        memcpy(name->words + used, words.texts[i], size + 1);
        used += size;
    }
    return true;
}

/* --- parts of a display name ------------------------------------------------------------------ */

/* Bytes of what ends a part at i; 0: nothing does. */
static size_t gap_at(struct slice text, size_t i, const char *signs)
{
    static const char *const words[] = {" - ", " via ", " / "};
    if (text.data[i] != '\0' && strchr(signs, text.data[i]) != NULL)
        return 1;
    for (size_t w = 0; w < COUNT(words); w++)
        if (slice_starts_with(slice_from(text, i), words[w]))
            return strlen(words[w]);
    return 0;
}

static size_t read_parts(struct slice folded, const char *signs, struct full_name *names,
                         size_t count)
{
    size_t begin = 0, gap = 0;
    for (size_t i = 0; i <= folded.size; i += gap == 0 ? 1 : gap) {
        gap = i == folded.size ? 1 : gap_at(folded, i, signs);
        if (gap == 0)
            continue;
        if (count < FULL_NAME_MOST &&
            write_name(slice_part(folded, begin, i - begin), &names[count]))
            count++;
        begin = i + gap;
    }
    return count;
}

static bool fold_short(struct slice text, struct arena *arena, struct slice *folded_out)
{
    struct folded folded;
    if (text.size > DISPLAY_BYTES || fold_text(text, FOLD_TIGHT, arena, &folded, NULL) != 0)
        return false;
    *folded_out = folded.text;
    return true;
}

size_t full_name_read(struct slice display, struct arena *arena,
                      struct full_name names_out[FULL_NAME_MOST])
{
    struct slice folded;
    if (!fold_short(display, arena, &folded))
        return 0;
    size_t count = read_parts(folded, "()[]{}<>\"|;:", names_out, 0);
    if (slice_find_byte(folded, ',') < folded.size) /* "Pérez, Ana" was one of those before */
        count = read_parts(folded, "()[]{}<>\"|;:,", names_out, count);
    return count;
}

bool full_name_of_local(struct slice local, struct arena *arena, struct full_name *name_out)
{
    char spaced[DISPLAY_BYTES];
    struct slice folded;
    if (local.size > sizeof spaced)
        return false;
    for (size_t i = 0; i < local.size; i++) {
        char byte = local.data[i];
        bool is_gap = strchr("._-", byte) != NULL || (byte >= '0' && byte <= '9');
        spaced[i] = is_gap ? ' ' : byte;
    }
    return fold_short(slice_new(spaced, local.size), arena, &folded) &&
           write_name(folded, name_out);
}

bool full_name_is_spelled_by(const struct full_name *name, struct slice local, struct arena *arena)
{
    char letters[DISPLAY_BYTES + 1];
    struct slice folded, rest = slice_of(name->words), word;
    if (!fold_short(local, arena, &folded) || !lookalike_letters(folded, letters, sizeof letters))
        return false;
    struct slice text = slice_of(letters);
    while (slice_next_word(&rest, &word))
        if (word.size >= SPELLED_LEAST && slice_find(text, word) < text.size)
            return true;
    return false;
}
