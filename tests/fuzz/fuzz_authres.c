/*
 * The first half as a foreign field value, the second as everything a sender chooses in ours.
 * Promises: no crash; what we write has no line end but our folds and is found as ours again.
 */
#include "common/base/limits.h"
#include "common/mail/authres.h"
#include "common/mail/dmarc_record.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(struct slice text, const char *reason)
{
    struct dkim_signature signature = {.result = DKIM_FAIL,
                                       .domain = text,
                                       .selector = text,
                                       .algorithm = text,
                                       .signature_start = text,
                                       .reason = reason};
    struct auth_answer answer = {.has_client = true,
                                 .spf = {.result = SPF_PERMERROR, .domain = text},
                                 .dkim = {&signature, 1},
                                 .dmarc = {.result = DMARC_FAIL, .policy = "reject"},
                                 .from_domain = text};
    BUFFER_CLEANUP field = buffer_new(64 * KIB);
    if (authres_write(&answer, "mx.example.org", &field, NULL) != 0)
        abort();
    for (size_t i = 0; i < field.size; i++) {
        char c = field.data[i];
        bool is_fold = c == '\n' && field.data[i + 1] == '\t';
        if (!is_fold && c != '\t' && (c < ' ' || c > '~'))
            abort();
    }
    if (!authres_is_ours(buffer_slice(&field), "mx.example.org"))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_new((const char *)data, size);
    struct dmarc_record record;
    if (size > 8 * KIB)
        return 0;
    (void)authres_is_ours(slice_part(input, 0, size / 2), "mx.example.org");
    (void)dmarc_record_parse(input, &record);
    struct arena *arena = arena_new(MIB);
    if (arena == NULL)
        return 0;
    check_written(slice_from(input, size / 2), arena_copy(arena, input).data);
    arena_free(arena);
    return 0;
}
