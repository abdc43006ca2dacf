#include "common/mail/charset.h"

#include <stdint.h>
#include <string.h>
#include <unicode/ucnv.h>

enum { LABEL_BYTES = 60, PIVOT_UNITS = 1024 };

/* How the bytes below 128 of a label are read. */
enum label_kind {
    LABEL_UNKNOWN,
    LABEL_UTF8,
    LABEL_LATIN, /* ASCII, latin-1, windows-1252: often wrong */
    LABEL_ASCII_ON /* bytes below 128 are ASCII */,
    LABEL_OTHER
};

struct label {
    enum label_kind kind;
    char name[LABEL_BYTES + 1]; /* as ICU knows it */
};

bool charset_is_ascii(struct slice bytes)
{
    size_t i = 0;
    for (; bytes.size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes.data + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            return false;
    }
    for (; i < bytes.size; i++)
        if ((unsigned char)bytes.data[i] >= 0x80)
            return false;
    return true;
}

size_t charset_character_size(struct slice text)
{
    if (text.size == 0)
        return 0;
    const unsigned char *s = (const unsigned char *)text.data;
    if (s[0] < 0x80)
        return 1;
    size_t size = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || text.size < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return size;
}

struct utf8_count {
    size_t characters; /* well-formed, beyond ASCII */
    size_t broken;     /* bytes */
};

static struct utf8_count count_utf8(struct slice bytes)
{
    struct utf8_count count = {0, 0};
    for (size_t i = 0; i < bytes.size;) {
        if ((unsigned char)bytes.data[i] < 0x80) {
            i++;
            continue;
        }
        size_t size = charset_character_size(slice_from(bytes, i));
        count.characters += size > 0;
        count.broken += size == 0;
        i += size > 0 ? size : 1;
    }
    return count;
}

/* Labels of real mail that ICU does not know, or knows as something mail programs do not mean. */
static const struct {
    const char *label;
    enum label_kind kind;
    const char *name;
} labels[] = {
    {"", LABEL_UNKNOWN, ""},
    {"ascii", LABEL_LATIN, "windows-1252"},
    {"us-ascii", LABEL_LATIN, "windows-1252"},
    {"ansi_x3.4-1968", LABEL_LATIN, "windows-1252"},
    {"iso-8859-1", LABEL_LATIN, "windows-1252"},
    {"iso8859-1", LABEL_LATIN, "windows-1252"},
    {"iso_8859-1", LABEL_LATIN, "windows-1252"},
    {"iso-88591", LABEL_LATIN, "windows-1252"},
    {"latin1", LABEL_LATIN, "windows-1252"},
    {"latin-1", LABEL_LATIN, "windows-1252"},
    {"l1", LABEL_LATIN, "windows-1252"},
    {"cp819", LABEL_LATIN, "windows-1252"},
    {"windows-1252", LABEL_LATIN, "windows-1252"},
    {"windows1252", LABEL_LATIN, "windows-1252"},
    {"cp1252", LABEL_LATIN, "windows-1252"},
    {"cp-1252", LABEL_LATIN, "windows-1252"},
    {"x-ansi", LABEL_LATIN, "windows-1252"},
    {"ansi", LABEL_LATIN, "windows-1252"},
    {"utf-8", LABEL_UTF8, "utf-8"},
    {"utf8", LABEL_UTF8, "utf-8"},
    {"utf_8", LABEL_UTF8, "utf-8"},
    {"unicode-1-1-utf-8", LABEL_UTF8, "utf-8"},
    {"x-utf-8", LABEL_UTF8, "utf-8"},
    {"utf8mb4", LABEL_UTF8, "utf-8"},
    {"unknown-8bit", LABEL_UNKNOWN, ""},
    {"unknown", LABEL_UNKNOWN, ""},
    {"x-unknown", LABEL_UNKNOWN, ""},
    {"default", LABEL_UNKNOWN, ""},
    {"default_charset", LABEL_UNKNOWN, ""},
    {"8bit", LABEL_UNKNOWN, ""},
    {"binary", LABEL_UNKNOWN, ""},
    {"gb2312", LABEL_ASCII_ON, "gb18030"},
    {"gb_2312-80", LABEL_ASCII_ON, "gb18030"},
    {"gbk", LABEL_ASCII_ON, "gb18030"},
    {"x-gbk", LABEL_ASCII_ON, "gb18030"},
    {"cp936", LABEL_ASCII_ON, "gb18030"},
    {"gb18030", LABEL_ASCII_ON, "gb18030"},
    {"euc-kr", LABEL_ASCII_ON, "windows-949"},
    {"ks_c_5601-1987", LABEL_ASCII_ON, "windows-949"},
    {"ks_c_5601", LABEL_ASCII_ON, "windows-949"},
    {"cp949", LABEL_ASCII_ON, "windows-949"},
    {"shift_jis", LABEL_ASCII_ON, "windows-31j"},
    {"shift-jis", LABEL_ASCII_ON, "windows-31j"},
    {"x-sjis", LABEL_ASCII_ON, "windows-31j"},
    {"sjis", LABEL_ASCII_ON, "windows-31j"},
    {"cp932", LABEL_ASCII_ON, "windows-31j"},
    {"euc-jp", LABEL_ASCII_ON, "euc-jp"},
    {"big5", LABEL_ASCII_ON, "big5-hkscs"},
    {"x-mac-roman", LABEL_ASCII_ON, "macintosh"},
    {"macroman", LABEL_ASCII_ON, "macintosh"},
    {"mac", LABEL_ASCII_ON, "macintosh"},
    {"iso-8859-8-i", LABEL_ASCII_ON, "iso-8859-8"},
    {"iso-8859-8-e", LABEL_ASCII_ON, "iso-8859-8"},
    {"iso-8859-9", LABEL_ASCII_ON, "windows-1254"},
    {"iso-8859-11", LABEL_ASCII_ON, "windows-874"},
    {"tis-620", LABEL_ASCII_ON, "windows-874"},
    {"koi8-u", LABEL_ASCII_ON, "koi8-u"},
    {"koi8r", LABEL_ASCII_ON, "koi8-r"},
    {"iso-2022-jp", LABEL_OTHER, "iso-2022-jp-2"},
    {"unicode-1-1-utf-7", LABEL_OTHER, "utf-7"},
    {"unicode", LABEL_OTHER, "utf-16le"},
    {"ucs-2", LABEL_OTHER, "utf-16"},
};

static bool is_label_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_' || byte == '.' || byte == ':' || byte == '+';
}

/* Lower case, quotes and blanks around it gone, an RFC 2231 language ("utf-8*en") cut off. */
static void clean_label(struct slice label, char name[LABEL_BYTES + 1])
{
    size_t size = 0;
    for (size_t i = 0; i < label.size && size < LABEL_BYTES; i++) {
        char byte = label.data[i];
        byte = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
        if (is_label_byte(byte))
            name[size++] = byte;
        else if (size > 0)
            break;
    }
    name[size] = '\0';
}

static struct label label_read(struct slice text)
{
    struct label label = {.kind = LABEL_OTHER};
    clean_label(text, label.name);
    if (strncmp(label.name, "charset", 7) == 0) /* charset="charset=utf-8" */
        memmove(label.name, label.name + 7, strlen(label.name + 7) + 1);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i].label, label.name) == 0) {
            label.kind = labels[i].kind;
            memcpy(label.name, labels[i].name, strlen(labels[i].name) + 1);
            return label;
        }
    }
    if (strncmp(label.name, "iso-8859", 8) == 0 || strncmp(label.name, "windows-", 8) == 0 ||
        strncmp(label.name, "koi8", 4) == 0)
        label.kind = LABEL_ASCII_ON;
    return label;
}

/* A byte order mark says more than any label. Taken off *bytes. */
static bool take_mark(struct slice *bytes, struct label *label)
{
    static const struct {
        const char *mark;
        size_t size;
        enum label_kind kind;
        const char *name;
    } marks[] = {{"\xef\xbb\xbf", 3, LABEL_UTF8, "utf-8"},
                 {"\xff\xfe", 2, LABEL_OTHER, "utf-16le"},
                 {"\xfe\xff", 2, LABEL_OTHER, "utf-16be"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (bytes->size < marks[i].size || memcmp(bytes->data, marks[i].mark, marks[i].size) != 0)
            continue;
        if (strncmp(label->name, "utf-32", 6) == 0)
            return false;
        *bytes = slice_from(*bytes, marks[i].size);
        label->kind = marks[i].kind;
        memcpy(label->name, marks[i].name, strlen(marks[i].name) + 1);
        return true;
    }
    return false;
}

static bool copy_utf8(struct slice bytes, size_t broken, size_t max_bytes, struct arena *arena,
                      struct charset_text *text)
{
    size_t room = bytes.size + 2 * broken, size = 0;
    room = room < max_bytes ? room : max_bytes;
    char *into = arena_alloc(arena, room + 1);
    if (into == NULL)
        return false;
    for (size_t i = 0; i < bytes.size;) {
        size_t width = charset_character_size(slice_from(bytes, i));
        const char *from = width == 0 ? "\xef\xbf\xbd" : bytes.data + i;
        size_t written = width == 0 ? 3 : width;
        text->is_cut = written > room - size;
        if (text->is_cut)
            break;
        memcpy(into + size, from, written);
        size += written;
        i += width == 0 ? 1 : width;
    }
    text->text = (struct slice){into, size};
    return true;
}

/* The bytes themselves, cut at a character; they are valid. */
static void take_utf8(struct slice bytes, size_t max_bytes, struct charset_text *text)
{
    text->is_cut = bytes.size > max_bytes;
    if (text->is_cut) {
        bytes.size = max_bytes;
        while (bytes.size > 0 && ((unsigned char)bytes.data[bytes.size] & 0xc0) == 0x80)
            bytes.size--;
    }
    text->text = bytes;
}

/* 1 converted, 0 ICU does not know the name, -1 no room. */
static int convert(struct slice bytes, const char *name, size_t max_bytes, struct arena *arena,
                   struct charset_text *text)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *from = ucnv_open(name, &status);
    UConverter *to = U_FAILURE(status) ? NULL : ucnv_open("utf-8", &status);
    int result = to == NULL ? 0 : -1;
    /* No charset of ICU makes more than three bytes of UTF-8 from one, but for a few single bytes
     * that stand for two characters: those cut the text at the end of the room. */
    size_t room = bytes.size <= max_bytes / 3 ? bytes.size * 3 + 16 : max_bytes;
    char *into = to == NULL ? NULL : arena_alloc(arena, room + 1);
    if (into != NULL) {
        UChar pivot[PIVOT_UNITS], *pivot_from = pivot, *pivot_to = pivot;
        char *at = into;
        const char *source = bytes.data;
        ucnv_convertEx(to, from, &at, into + room, &source, bytes.data + bytes.size, pivot,
                       &pivot_from, &pivot_to, pivot + PIVOT_UNITS, true, true, &status);
        text->is_cut = status == U_BUFFER_OVERFLOW_ERROR;
        take_utf8((struct slice){into, (size_t)(at - into)}, room, text);
        result = 1;
    }
    ucnv_close(from);
    ucnv_close(to);
    return result;
}

static bool convert_guessed(struct slice bytes, struct utf8_count count, size_t max_bytes,
                            struct arena *arena, struct charset_text *text)
{
    if (count.characters > 0 || count.broken == 0)
        return copy_utf8(bytes, count.broken, max_bytes, arena, text);
    return convert(bytes, "windows-1252", max_bytes, arena, text) > 0;
}

bool charset_decode(struct slice bytes, struct slice label_text, size_t max_bytes,
                    struct arena *arena, struct charset_text *text_out)
{
    struct label label = label_read(label_text);
    struct charset_text text = {.is_cut = false};
    take_mark(&bytes, &label);
    if (bytes.size == 0 || (label.kind != LABEL_OTHER && charset_is_ascii(bytes))) {
        take_utf8(bytes, max_bytes, &text);
        *text_out = text;
        return true;
    }
    if (label.kind == LABEL_OTHER || label.kind == LABEL_ASCII_ON) {
        int result = convert(bytes, label.name, max_bytes, arena, &text);
        if (result != 0) {
            *text_out = text;
            return result > 0;
        }
        label.kind = LABEL_UNKNOWN;
    }
    struct utf8_count count = count_utf8(bytes);
    bool is_done = true;
    if (count.broken == 0)
        take_utf8(bytes, max_bytes, &text);
    else if (label.kind == LABEL_LATIN)
        is_done = convert(bytes, label.name, max_bytes, arena, &text) > 0;
    else
        is_done = convert_guessed(bytes, count, max_bytes, arena, &text);
    if (is_done)
        *text_out = text;
    return is_done;
}
