/*
 * Writes common/mail/fold_table.c: what every code point becomes in a folded text (norm 1).
 *
 *   cc -o generate contrib/unicode/generate_fold_table.c $(pkg-config --cflags --libs icu-i18n)
 *   ./generate > common/mail/fold_table.c
 *
 * Compatibility decomposition and case folding are Unicode's, look-alikes Unicode's confusables,
 * both as the installed ICU has them, and the names of letters ("LATIN SMALL LETTER O WITH
 * STROKE"). The table is committed: digests of lists depend on it, so a new ICU must not change it.
 * A change is a new norm.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

enum { BLOCK = 128, BLOCKS = 0x110000 / BLOCK, POOL_BYTES = 65536, UNITS = 256, BYTES = 256 };

static const UNormalizer2 *casefold, *decompose, *compose;
static USpoofChecker *spoof;
static char pool[POOL_BYTES];
static size_t pool_size = 2; /* 0: unchanged, 1: removed */
static uint16_t table[BLOCKS][BLOCK];

static void check(UErrorCode status)
{
    if (U_FAILURE(status)) {
        fprintf(stderr, "generate_fold_table: %s\n", u_errorName(status));
        exit(1);
    }
}

/* Scripts whose letters are taken for Latin ones. Those of the other scripts (Arabic alef for l)
 * are too many of a real text to lose. */
static bool is_script_with_lookalikes(UChar32 c)
{
    static const UScriptCode scripts[] = {USCRIPT_LATIN,    USCRIPT_GREEK,     USCRIPT_CYRILLIC,
                                          USCRIPT_ARMENIAN, USCRIPT_COPTIC,    USCRIPT_CHEROKEE,
                                          USCRIPT_COMMON,   USCRIPT_LISU,      USCRIPT_DESERET,
                                          USCRIPT_GOTHIC,   USCRIPT_OLD_ITALIC};
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(c, &status);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        if (script == scripts[i])
            return true;
    return false;
}

static bool is_accent(UChar32 c)
{
    UErrorCode status = U_ZERO_ERROR;
    int8_t type = u_charType(c);
    bool is_mark = type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
    bool is_kana_mark = c == 0x3099 || c == 0x309a;
    UScriptCode script = uscript_getScript(c, &status);
    return is_mark && !is_kana_mark && (script == USCRIPT_INHERITED || script == USCRIPT_CYRILLIC);
}

static bool is_removed(UChar32 c)
{
    int8_t type = u_charType(c);
    return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || type == U_FORMAT_CHAR ||
           type == U_CONTROL_CHAR || is_accent(c);
}

/* The lower-case Latin letter that is the skeleton of c without its accents; false: it is none. */
static bool skeleton_letters(UChar32 c, char letters[BYTES])
{
    UChar text[2], skeleton[UNITS];
    int32_t size = 0;
    size_t written = 0;
    UErrorCode status = U_ZERO_ERROR;
    U16_APPEND_UNSAFE(text, size, c);
    size = uspoof_getSkeleton(spoof, 0, text, size, skeleton, UNITS, &status);
    check(status);
    for (int32_t i = 0; i < size;) {
        UChar32 part;
        U16_NEXT_UNSAFE(skeleton, i, part);
        if (is_accent(part))
            continue;
        if (!((part >= 'a' && part <= 'z') || (part >= 'A' && part <= 'Z')))
            return false;
        letters[written++] = (char)(part | 0x20);
    }
    letters[written] = '\0';
    if (strcmp(letters, "rn") == 0) /* Unicode's skeleton of m */
        strcpy(letters, "m");
    return letters[0] != '\0' && letters[1] == '\0';
}

/* The letter that a name tells: LATIN LETTER SMALL CAPITAL B, NEGATIVE SQUARED LATIN ... LETTER B,
 * LATIN SMALL LETTER O WITH STROKE, LATIN SMALL LETTER TURNED E. */
static bool named_letter(UChar32 c, char letters[BYTES])
{
    static const char *const beginnings[] = {
        "LATIN LETTER SMALL CAPITAL ",
        "LATIN SMALL LETTER TURNED ",
        "LATIN SMALL LETTER REVERSED ",
        "LATIN SMALL LETTER DOTLESS ",
        "LATIN SMALL LETTER SCRIPT ",
        "LATIN SMALL LETTER OPEN ",
        "LATIN SMALL LETTER LONG ",
        "LATIN SMALL LETTER ",
        "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
        "NEGATIVE CIRCLED LATIN CAPITAL LETTER ",
        "REGIONAL INDICATOR SYMBOL LETTER ",
        "PARENTHESIZED LATIN SMALL LETTER ",
        "PARENTHESIZED LATIN CAPITAL LETTER ",
    };
    char name[BYTES];
    UErrorCode status = U_ZERO_ERROR;
    u_charName(c, U_UNICODE_CHAR_NAME, name, sizeof name, &status);
    check(status);
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        size_t size = strlen(beginnings[i]);
        if (c < 0x80 || strncmp(name, beginnings[i], size) != 0 || name[size] < 'A' ||
            name[size] > 'Z')
            continue;
        if (name[size + 1] != '\0' && strncmp(name + size + 1, " WITH ", 6) != 0)
            continue;
        letters[0] = (char)(name[size] | 0x20);
        letters[1] = '\0';
        return true;
    }
    return false;
}

/* What typing programs make of ' " - and of two letters. */
static const char *plain_sign(UChar32 c)
{
    if ((c >= 0x2018 && c <= 0x201b) || c == 0x2bc || c == 0x2b9 || c == 0x2032 || c == 0xb4)
        return "'";
    if ((c >= 0x201c && c <= 0x201f) || c == 0x2033)
        return "\"";
    if (c == 0xe6 || c == 0x153)
        return c == 0xe6 ? "ae" : "oe";
    if (c == 0x2044)
        return "/";
    return (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2043 ? "-" : NULL;
}

static bool look_alike(UChar32 c, char letters[BYTES])
{
    const char *sign = plain_sign(c);
    if (sign != NULL) {
        strcpy(letters, sign);
        return true;
    }
    if (c < 0x80 || !is_script_with_lookalikes(c))
        return false;
    return skeleton_letters(c, letters) ||
           (u_toupper(c) != c && skeleton_letters(u_toupper(c), letters)) ||
           (u_tolower(c) != c && skeleton_letters(u_tolower(c), letters));
}

static int32_t append_ascii(UChar *into, int32_t size, const char *text)
{
    while (*text != '\0')
        into[size++] = (UChar)*text++;
    return size;
}

/* One step for one code point; what it becomes is appended to `into`. */
static int32_t map_once(UChar32 c, UChar *into, int32_t size)
{
    UChar text[2], folded[UNITS], parts[UNITS];
    char letters[BYTES];
    int32_t text_size = 0;
    UErrorCode status = U_ZERO_ERROR;
    if (u_isUWhiteSpace(c) || c == 0x2800)
        return append_ascii(into, size, " ");
    if (is_removed(c))
        return size;
    if (c >= 0xac00 && c <= 0xd7a3) { /* Hangul syllables stay whole */
        into[size++] = (UChar)c;
        return size;
    }
    if (named_letter(c, letters))
        return append_ascii(into, size, letters);
    U16_APPEND_UNSAFE(text, text_size, c);
    int32_t folded_size = unorm2_normalize(casefold, text, text_size, folded, UNITS, &status);
    int32_t part_size = unorm2_normalize(decompose, folded, folded_size, parts, UNITS, &status);
    check(status);
    bool is_unchanged = part_size == text_size && u_memcmp(parts, text, text_size) == 0;
    if (is_unchanged && look_alike(c, letters))
        return append_ascii(into, size, letters);
    memcpy(into + size, parts, (size_t)part_size * sizeof *parts);
    return size + part_size;
}

static void map_fully(UChar32 c, char utf8[BYTES])
{
    UChar text[UNITS], next[UNITS];
    int32_t size = 0, next_size, written;
    UErrorCode status = U_ZERO_ERROR;
    U16_APPEND_UNSAFE(text, size, c);
    for (int step = 0; step < 6; step++) {
        next_size = 0;
        for (int32_t i = 0; i < size;) {
            UChar32 part;
            U16_NEXT_UNSAFE(text, i, part);
            next_size = map_once(part, next, next_size);
        }
        memcpy(text, next, (size_t)next_size * sizeof *next);
        size = next_size;
    }
    for (int32_t i = 0; i < size; i++) {
        if (text[i] >= 0x1100 && text[i] <= 0x11ff) { /* Hangul as syllables again */
            size = unorm2_normalize(compose, text, size, next, UNITS, &status);
            memcpy(text, next, (size_t)size * sizeof *next);
            break;
        }
    }
    u_strToUTF8(utf8, BYTES, &written, text, size, &status);
    check(status);
}

static uint16_t pool_add(const char *utf8)
{
    size_t size = strlen(utf8);
    for (size_t i = 2; i < pool_size; i += 1 + (size_t)pool[i])
        if ((size_t)pool[i] == size && memcmp(pool + i + 1, utf8, size) == 0)
            return (uint16_t)i;
    if (size > 127 || pool_size + size + 1 > POOL_BYTES) {
        fprintf(stderr, "generate_fold_table: no room in the pool\n");
        exit(1);
    }
    size_t offset = pool_size;
    pool[offset] = (char)size;
    memcpy(pool + offset + 1, utf8, size);
    pool_size += size + 1;
    return (uint16_t)offset;
}

static void fill_table(void)
{
    for (UChar32 c = 0; c < 0x110000; c++) {
        char utf8[BYTES], itself[8] = "";
        int32_t size = 0;
        if (U_IS_SURROGATE(c) || (u_charType(c) == U_UNASSIGNED &&
                                  !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)))
            continue;
        U8_APPEND_UNSAFE(itself, size, c);
        map_fully(c, utf8);
        if (utf8[0] == '\0')
            table[c / BLOCK][c % BLOCK] = 1;
        else if (strcmp(itself, utf8) != 0)
            table[c / BLOCK][c % BLOCK] = pool_add(utf8);
    }
}

static void print_numbers(const char *head, const uint16_t *numbers, size_t count)
{
    printf("\n%s = {", head);
    for (size_t i = 0; i < count; i++)
        printf("%s%u,", i % 18 == 0 ? "\n    " : " ", (unsigned)numbers[i]);
    printf("\n};\n");
}

static void print_table(void)
{
    static uint16_t first[BLOCKS], unique[BLOCKS];
    static uint16_t numbers[BLOCKS * BLOCK / 8];
    size_t count = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        size_t k = 0;
        while (k < count && memcmp(table[unique[k]], table[i], sizeof table[i]) != 0)
            k++;
        if (k == count)
            unique[count++] = (uint16_t)i;
        first[i] = (uint16_t)k;
    }
    for (size_t k = 0; k < count; k++)
        memcpy(numbers + k * BLOCK, table[unique[k]], sizeof table[0]);
    printf("/* Written by contrib/unicode/generate_fold_table.c (Unicode %s); not for editing. */\n"
           "/* clang-format off */\n#include \"common/mail/fold_table.h\"\n",
           U_UNICODE_VERSION);
    print_numbers("const uint16_t fold_block_of[8704]", first, BLOCKS);
    print_numbers("const uint16_t fold_entries[]", numbers, count * BLOCK);
    printf("\nconst unsigned char fold_pool[] = {");
    for (size_t i = 0; i < pool_size; i++)
        printf("%s%u,", i % 20 == 0 ? "\n    " : " ", (unsigned char)pool[i]);
    printf("\n};\n");
}

int main(void)
{
    UErrorCode status = U_ZERO_ERROR;
    casefold = unorm2_getNFKCCasefoldInstance(&status);
    decompose = unorm2_getNFKDInstance(&status);
    compose = unorm2_getNFCInstance(&status);
    spoof = uspoof_open(&status);
    check(status);
    fill_table();
    print_table();
    uspoof_close(spoof);
    return 0;
}
