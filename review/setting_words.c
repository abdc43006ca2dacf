#include "review/setting_words.h"

#include <string.h>

struct word {
    const char *said, *meant;
};

static const struct word names[] = {
    {"idioma", "language"},
    {"correspondentes", "correspondents"},
    {"corresponsales", "correspondents"},
    {"contactos", "correspondents"},
    {"contatos", "correspondents"},
    {"contacts", "correspondents"},
    {"lingua", "language"},
    {"lenguaje", "language"},
    {"resumen", "digest"},
    {"resumo", "digest"},
    {"hora", "hour"},
    {"dia", "weekday"},
    {"dia de la semana", "weekday"},
    {"dia da semana", "weekday"},
    {"zona horaria", "time-zone"},
    {"fuso horario", "time-zone"},
    {"fuso", "time-zone"},
    {"timezone", "time-zone"},
    {"time zone", "time-zone"},
    {"mostrar", "reveal"},
    {"guardar", "keep"},
    {"conservar", "keep"},
    {"al vencer", "at-expiry"},
    {"ao vencer", "at-expiry"},
    {"at expiry", "at-expiry"},
    {"conocidos", "known-people"},
    {"conhecidos", "known-people"},
    {"known people", "known-people"},
    {"bloqueados", "blocked-sender"},
    {"blocked sender", "blocked-sender"},
    {"parecidos", "resembling"},
    {"parecidas", "resembling"},
    {"semejantes", "resembling"},
    {"semelhantes", "resembling"},
    {"lookalikes", "resembling"},
    {"aviso de calma", "quiet"},
    {"compartir", "share"},
    {"compartilhar", "share"},
    {"escudo", "shield"},
    {"amenaza", "category.threat"},
    {"amenazas", "category.threat"},
    {"ameaca", "category.threat"},
    {"ameacas", "category.threat"},
    {"acoso sexual", "category.sexual-harassment"},
    {"assedio sexual", "category.sexual-harassment"},
    {"sexual harassment", "category.sexual-harassment"},
    {"sextorsion", "category.sextortion"},
    {"sextorsao", "category.sextortion"},
    {"odio", "category.hate"},
    {"acecho", "category.stalking"},
    {"perseguicao", "category.stalking"},
    {"suplantacion", "category.impersonation"},
    {"impersonacion", "category.impersonation"},
    {"impersonacao", "category.impersonation"},
    {"falsa identidad", "category.impersonation"},
    {"falsa identidade", "category.impersonation"},
    {"mail bomb", "category.mail-bomb"},
    {"spear phish", "category.spear-phish"},
};

static const struct word values[] = {
    {"espanol", "es"},       {"castellano", "es"},   {"spanish", "es"},     {"portugues", "pt"},
    {"portuguese", "pt"},    {"ingles", "en"},       {"english", "en"},     {"apagado", "off"},
    {"encendido", "on"},     {"ligado", "on"},       {"desligado", "off"},  {"marcar", "tag"},
    {"retener", "hold"},     {"reter", "hold"},      {"ninguno", "none"},   {"nenhum", "none"},
    {"nunca", "never"},      {"cada", "each"},       {"cada uno", "each"},  {"cada um", "each"},
    {"diario", "daily"},     {"semanal", "weekly"},  {"numero", "count"},   {"cantidad", "count"},
    {"quantidade", "count"}, {"quien", "who"},       {"quem", "who"},       {"asunto", "subject"},
    {"assunto", "subject"},  {"texto", "text"},      {"borrar", "delete"},  {"apagar", "delete"},
    {"entregar", "deliver"}, {"rechazar", "refuse"}, {"recusar", "refuse"}, {"preguntar", "ask"},
    {"perguntar", "ask"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool ends_a_word(struct slice text, size_t size)
{
    return text.size == size || text.data[size] == ' ' || text.data[size] == '=' ||
           text.data[size] == ':';
}

static void consider(struct slice text, const char *said, const char *meant, size_t *longest,
                     const struct option_row **row_out)
{
    size_t size = strlen(said);
    if (size <= *longest || !slice_starts_with(text, said) || !ends_a_word(text, size))
        return;
    *longest = size;
    *row_out = option_find(wishes_rows, slice_of(meant));
}

const struct option_row *setting_find(struct slice *rest)
{
    const struct option_row *found = NULL;
    size_t longest = 0;
    for (const struct option_row *row = wishes_rows; row->name != NULL; row++) {
        consider(*rest, row->name, row->name, &longest, &found);
        if (strncmp(row->name, "category.", 9) == 0)
            consider(*rest, row->name + 9, row->name, &longest, &found);
    }
    for (size_t i = 0; i < COUNT(names); i++)
        consider(*rest, names[i].said, names[i].meant, &longest, &found);
    if (found != NULL)
        *rest = slice_from(*rest, longest);
    return found;
}

/* "of", "au", "es": Port_of_Spain, Port-au-Prince, Dar_es_Salaam */
static bool is_small_word(struct slice rest)
{
    static const char *const small[] = {"of_", "au-", "es_"};
    for (size_t i = 0; i < COUNT(small); i++)
        if (slice_starts_with_nocase(rest, small[i]))
            return true;
    return false;
}

static char raised(char byte)
{
    return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
}

static struct slice raise_letters(struct slice zone, struct arena *arena)
{
    char *text = arena_alloc(arena, zone.size + 1);
    bool is_first = true;
    if (text == NULL)
        return zone;
    for (size_t i = 0; i < zone.size; i++) {
        char byte = zone.data[i] == ' ' ? '_' : zone.data[i];
        bool is_raised =
            zone.size == 3 /* UTC */ || (is_first && !is_small_word(slice_from(zone, i)));
        text[i] = is_raised ? raised(byte) : byte;
        is_first = byte == '/' || byte == '_' || byte == '-';
    }
    return slice_new(text, zone.size);
}

struct slice setting_value(const struct option_row *row, struct slice value, struct arena *arena)
{
    if (row->type == OPTION_TEXT)
        return raise_letters(value, arena);
    for (size_t i = 0; i < COUNT(values); i++)
        if (row->type == OPTION_CHOICE && slice_is(value, values[i].said))
            return slice_of(values[i].meant);
    /* "30 days": the number alone */
    if (row->type == OPTION_NUMBER && slice_find_byte(value, ' ') < value.size)
        return slice_part(value, 0, slice_find_byte(value, ' '));
    return value;
}
