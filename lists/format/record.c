#include "lists/format/record.h"

#include "common/base/clock.h"
#include "lists/format/reading.h"
#include "lists/format/type.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int record_error(const struct record_reader *reader, struct error *err, const char *format, ...)
{
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(err, ERROR_INPUT, "%s:%d: %s", reader->name, reader->line, text);
}

static int check_line(const struct record_reader *reader, struct slice line, struct error *err)
{
    if (line.size > RECORD_LINE_BYTES)
        return record_error(reader, err, "the line is longer than %d bytes", RECORD_LINE_BYTES);
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] < ' ' || line.data[i] > '~')
            return record_error(reader, err, "byte %zu is not printable ASCII", i + 1);
    return 0;
}

/* 1, 0 at the end of the text, -1; blank lines and comments are passed over. */
static int next_line(struct record_reader *reader, struct slice *line_out, struct error *err)
{
    struct slice line;
    for (;;) {
        if (reader->rest.size == 0)
            return 0;
        size_t end = slice_find_byte(reader->rest, '\n');
        reader->line++;
        if (end == reader->rest.size)
            return record_error(reader, err, "the last line does not end: the file was cut off");
        line = slice_part(reader->rest, 0, end);
        reader->rest = slice_from(reader->rest, end + 1);
        if (check_line(reader, line, err) != 0)
            return -1;
        if (slice_trim(line).size > 0 && line.data[0] != '#')
            break;
    }
    *line_out = slice_trim(line);
    return 1;
}

static int read_end(struct record_reader *reader, struct slice value, struct error *err)
{
    int64_t count;
    struct slice line;
    if (record_number(reader, &value, "a count", 0, 1000000, &count, err) != 0 ||
        record_end(reader, value, err) != 0)
        return -1;
    if (count != reader->count)
        return record_error(reader, err, "@end says %lld records, there are %d", (long long)count,
                            reader->count);
    int more = next_line(reader, &line, err);
    return more == 0 ? 0 : more < 0 ? -1 : record_error(reader, err, "something behind @end");
}

int record_begin(struct record_reader *reader, struct slice text, const char *name,
                 const char *type, struct error *err)
{
    struct slice line, word;
    *reader = (struct record_reader){.name = name, .rest = text};
    int found = next_line(reader, &line, err);
    if (found < 0)
        return -1;
    if (found == 0 || !slice_next_word(&line, &word) || word.data[0] != '%' ||
        !slice_is(slice_from(word, 1), type))
        return record_error(reader, err, "the first line is not \"%%%s 1\"", type);
    if (!slice_is(slice_trim(line), "1"))
        return record_error(reader, err, "a version that this zaguan does not read");
    return 0;
}

int record_next(struct record_reader *reader, struct slice *key_out, struct slice *value_out,
                struct error *err)
{
    struct slice line, key;
    int found = next_line(reader, &line, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return record_error(reader, err, "@end is missing: the file was cut off");
    struct slice rest = line;
    if (!slice_next_word(&rest, &key))
        return record_error(reader, err, "an empty record");
    if (slice_is(key, "@end"))
        return read_end(reader, rest, err);
    if (key.data[0] == '%' && reader->has_records)
        return record_error(reader, err, "a header stands before the first record");
    if (key.data[0] != '%') {
        reader->has_records = true;
        reader->count++;
    }
    *key_out = key;
    *value_out = slice_trim(rest);
    return 1;
}

int record_word(const struct record_reader *reader, struct slice *value, const char *what,
                struct slice *word_out, struct error *err)
{
    if (!slice_next_word(value, word_out))
        return record_error(reader, err, "%s is missing", what);
    return 0;
}

int record_number(const struct record_reader *reader, struct slice *value, const char *what,
                  int64_t least, int64_t most, int64_t *number_out, struct error *err)
{
    struct slice word;
    long long number;
    if (record_word(reader, value, what, &word, err) != 0)
        return -1;
    if (!slice_to_number(word, least, most, &number))
        return record_error(reader, err, "%s is a number from %lld to %lld", what, (long long)least,
                            (long long)most);
    *number_out = number;
    return 0;
}

int record_time(const struct record_reader *reader, struct slice *value, const char *what,
                int64_t *when_out, struct error *err)
{
    struct slice word;
    if (record_word(reader, value, what, &word, err) != 0)
        return -1;
    /* Years before 1000 would be written with fewer digits than they are read with. */
    if (word.size != 20 || word.data[0] < '2' || !clock_read_timestamp(word, when_out))
        return record_error(reader, err, "%s is a time like 2026-11-20T09:00:00Z", what);
    return 0;
}

int record_list_id(const struct record_reader *reader, struct slice *value, struct slice *id_out,
                   struct error *err)
{
    if (record_word(reader, value, "a list-id", id_out, err) != 0)
        return -1;
    if (!is_hex(*id_out, 8, 32))
        return record_error(reader, err, "a list-id is 8 to 32 hex digits in lower case");
    return 0;
}

int record_hash(const struct record_reader *reader, struct slice *value,
                unsigned char hash_out[RECORD_HASH_BYTES], struct error *err)
{
    struct slice word;
    size_t size = 0;
    if (record_word(reader, value, "a hash", &word, err) != 0)
        return -1;
    if (!is_hex(word, 64, 64) ||
        sodium_hex2bin(hash_out, RECORD_HASH_BYTES, word.data, word.size, NULL, &size, NULL) != 0)
        return record_error(reader, err, "a hash is 64 hex digits in lower case");
    return 0;
}

int record_end(const struct record_reader *reader, struct slice value, struct error *err)
{
    struct slice word;
    if (slice_next_word(&value, &word))
        return record_error(reader, err, "\"" SLICE_FORMAT "\" is too much here",
                            SLICE_ARGUMENTS(slice_part(word, 0, 40)));
    return 0;
}

bool record_is_publisher(struct slice name)
{
    /* Labels hold no dot, slash or blank, so the name cannot leave its folder. */
    return is_domain_name(name) && name.size < 200;
}

void record_make_hash(struct slice content, unsigned char hash_out[RECORD_HASH_BYTES])
{
    crypto_generichash(hash_out, RECORD_HASH_BYTES, (const unsigned char *)content.data,
                       content.size, NULL, 0);
}

void record_write_hash(const unsigned char hash[RECORD_HASH_BYTES],
                       char text[2 * RECORD_HASH_BYTES + 1])
{
    sodium_bin2hex(text, 2 * RECORD_HASH_BYTES + 1, hash, RECORD_HASH_BYTES);
}
