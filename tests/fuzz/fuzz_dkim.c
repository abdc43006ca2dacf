/*
 * Whole messages, with the text behind a NUL byte as key record of whatever selector is asked for;
 * and the same bytes as tag list, key record and body in pieces. Promises: no crash, no result that
 * is none, and a body gives the same hash in one piece and in many.
 */
#include "common/base/limits.h"
#include "common/mail/dkim_field.h"
#include "common/mail/dkim_tags.h"
#include "common/mail/dns_zone.h"
#include "common/mail/header.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lists(struct slice input, struct arena *arena)
{
    struct dkim_key key = {.key = NULL};
    const char *reason = NULL;
    enum dkim_algorithm algorithm = input.size % 2 == 0 ? DKIM_RSA_SHA256 : DKIM_ED25519_SHA256;
    enum dkim_result result = dkim_key_parse(input, algorithm, arena, &key, &reason);
    if ((result == DKIM_PASS) != (key.key != NULL) || (result != DKIM_PASS && reason == NULL))
        abort();
    EVP_PKEY_free(key.key);
    struct dkim_field field;
    struct dkim_signature shown;
    result = dkim_field_parse(input, 1800000000, arena, &field, &shown);
    if (result != shown.result || (result != DKIM_PASS && shown.reason == NULL))
        abort();
    if (result == DKIM_PASS &&
        (field.hidden_begin > field.hidden_end || field.hidden_end > input.size))
        abort();
    dkim_key_is_record(input);
}

static void hash_body(struct slice input, enum dkim_canon canon, size_t piece_size,
                      unsigned char digest_out[DKIM_HASH_BYTES])
{
    static struct dkim_body body;
    memset(&body, 0, sizeof body);
    body.canon = canon;
    body.limit = input.size % 5 == 0 ? input.size / 2 : DKIM_NO_LIMIT;
    if (dkim_hash_begin(&body.hash, NULL) != 0)
        abort();
    for (; input.size > 0; input = slice_from(input, piece_size))
        dkim_body_add(&body, slice_part(input, 0, piece_size));
    if (!dkim_body_end(&body, digest_out))
        abort();
    dkim_hash_free(&body.hash);
}

static void check_bodies(struct slice input)
{
    unsigned char whole[DKIM_HASH_BYTES], pieces[DKIM_HASH_BYTES];
    for (int canon = DKIM_SIMPLE; canon <= DKIM_RELAXED; canon++) {
        hash_body(input, (enum dkim_canon)canon, input.size + 1, whole);
        hash_body(input, (enum dkim_canon)canon, 1 + input.size % 7, pieces);
        if (memcmp(whole, pieces, sizeof whole) != 0)
            abort();
    }
}

static struct dns *open_zone(struct slice record, struct arena *arena)
{
    struct buffer zone = buffer_new(MIB);
    struct dns *dns = NULL;
    (void)arena;
    buffer_append_text(&zone, "*.example.com TXT \"");
    for (size_t i = 0; i < record.size; i++)
        buffer_printf(&zone, i % 200 == 199 ? "\\%03u\" \"" : "\\%03u",
                      (unsigned)(unsigned char)record.data[i]);
    buffer_append_text(&zone, "\"\n");
    if (dns_open_zone(buffer_slice(&zone), &dns, NULL) != 0)
        dns = NULL;
    buffer_free(&zone);
    return dns;
}

static void check_message(struct slice input, struct arena *arena)
{
    struct slice message = slice_part(input, 0, slice_find_byte(input, '\0'));
    struct dns *dns = open_zone(slice_from(input, message.size + 1), arena);
    struct dkim_verifier *verifier = dkim_verifier_new(dns, arena);
    struct header_field field;
    while (header_next(&message, &field))
        dkim_verifier_field(verifier, field.whole);
    dkim_verifier_end_of_header(verifier, deadline_in(10));
    dkim_verifier_body(verifier, message);
    struct dkim_answer answer;
    dkim_verifier_finish(verifier, deadline_in(10), &answer);
    for (size_t i = 0; i < answer.count; i++)
        if (answer.signatures[i].result == DKIM_NONE ||
            (answer.signatures[i].result != DKIM_PASS && answer.signatures[i].reason == NULL))
            abort();
    dkim_verifier_free(verifier);
    dns_close(dns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_new((const char *)data, size);
    if (size > 32 * KIB)
        return 0;
    struct arena *arena = arena_new(8 * MIB);
    if (arena == NULL)
        return 0;
    check_lists(input, arena);
    check_bodies(input);
    check_message(input, arena);
    arena_free(arena);
    return 0;
}
