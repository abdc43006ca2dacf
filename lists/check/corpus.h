/*
 * corpus: texts that lists are measured with: a CSV file (RFC 4180) with a header row that names a
 * column `text` and a column `expected`, whose values are abuse and benign. Further columns are not
 * looked at. A field in quotes may hold commas, line ends and doubled quotes; a byte order mark,
 * lines that end with LF and empty lines are taken too. Every error names the row.
 */
#ifndef ZAGUAN_LISTS_CHECK_CORPUS_H
#define ZAGUAN_LISTS_CHECK_CORPUS_H

#include "lists/match/match.h"

enum corpus_expected { CORPUS_ABUSE, CORPUS_BENIGN, CORPUS_EXPECTED_COUNT };

struct corpus_text {
    struct slice text;
    enum corpus_expected expected;
};

struct corpus {
    struct corpus_text *texts;
    size_t count;
    size_t counts[CORPUS_EXPECTED_COUNT];
};

const char *corpus_expected_name(enum corpus_expected expected);

/* Of `bytes`, which stay the caller's; `name` stands in errors. */
int corpus_parse(struct slice bytes, const char *name, struct arena *arena,
                 struct corpus *corpus_out, struct error *err) MUST_CHECK;
/* Of a file, "-" is standard input. */
int corpus_read(const char *path, struct arena *arena, struct corpus *corpus_out,
                struct error *err) MUST_CHECK;

/* The text as the body of a mail of which nothing else is known. */
int corpus_match(const struct matcher *matcher, const struct corpus_text *text, int64_t now,
                 struct arena *arena, struct hit_set *hits_out, struct error *err) MUST_CHECK;

#endif
