/*
 * record: the common form of root.zr, head.zh and floors: printable ASCII, one record a line, first
 * "%TYPE 1", then "%name value" headers, then records that begin with a word, last "@end COUNT" of
 * the records, which shows that nothing was cut off. "#" at a line's beginning is a comment.
 * Strict: every error names file and line.
 */
#ifndef ZAGUAN_LISTS_FORMAT_RECORD_H
#define ZAGUAN_LISTS_FORMAT_RECORD_H

#include "common/base/error.h"
#include "common/base/slice.h"
#include <stdint.h>

#define RECORD_LINE_BYTES 1024
#define RECORD_SEQUENCE_MOST 1000000000000LL
#define RECORD_HASH_BYTES 32

struct record_reader {
    const char *name; /* of the file, for errors */
    struct slice rest;
    int line;
    int count; /* of records */
    bool has_records;
};

/* Checks the first line: "%zaguan-head 1". */
int record_begin(struct record_reader *reader, struct slice text, const char *name,
                 const char *type, struct error *err) MUST_CHECK;
/* 1: *key_out is "%name" or the first word of a record, *value_out the rest; 0: after @end. */
int record_next(struct record_reader *reader, struct slice *key_out, struct slice *value_out,
                struct error *err) MUST_CHECK;
/* ERROR_INPUT "name:line: ..."; always -1. */
int record_error(const struct record_reader *reader, struct error *err, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* One word of the value each; -1 with an error that says what was expected. */
int record_word(const struct record_reader *reader, struct slice *value, const char *what,
                struct slice *word_out, struct error *err) MUST_CHECK;
int record_number(const struct record_reader *reader, struct slice *value, const char *what,
                  int64_t least, int64_t most, int64_t *number_out, struct error *err) MUST_CHECK;
int record_time(const struct record_reader *reader, struct slice *value, const char *what,
                int64_t *when_out, struct error *err) MUST_CHECK;
/* 8 to 32 lower-case hex digits. */
int record_list_id(const struct record_reader *reader, struct slice *value, struct slice *id_out,
                   struct error *err) MUST_CHECK;
int record_hash(const struct record_reader *reader, struct slice *value,
                unsigned char hash_out[RECORD_HASH_BYTES], struct error *err) MUST_CHECK;
/* Nothing may stand behind what was taken. */
int record_end(const struct record_reader *reader, struct slice value,
               struct error *err) MUST_CHECK;

/* A domain in lower-case A-labels that is also safe as a folder's name. */
bool record_is_publisher(struct slice name);
/* BLAKE2b-256. */
void record_make_hash(struct slice content, unsigned char hash_out[RECORD_HASH_BYTES]);
void record_write_hash(const unsigned char hash[RECORD_HASH_BYTES],
                       char text[2 * RECORD_HASH_BYTES + 1]);

#endif
