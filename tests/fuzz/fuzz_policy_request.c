/* Requests of the policy protocol: the end is found the same however the bytes come, and what is
 * answered is one line and an empty one. */
#include "policy/answer.h"
#include "policy/local_rules.h"
#include "policy/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_answer(struct slice text)
{
    struct answer answer;
    BUFFER_CLEANUP line = buffer_new(ANSWER_BYTES);
    answer_reject(&answer, "fuzz", "5.7.1", text);
    answer_write(&answer, &line);
    if (line.has_overflowed || slice_find(buffer_slice(&line), slice_of("\n\n")) != line.size - 2 ||
        slice_find_byte(buffer_slice(&line), '\n') != line.size - 2)
        abort();
}

static void check_end(struct slice text)
{
    size_t whole = request_find_end(text, 0);
    for (size_t have = 0; have <= text.size && have < 300; have++) {
        size_t found = request_find_end(slice_part(text, 0, have), have == 0 ? 0 : have - 1);
        if (found != 0 && found != whole)
            abort();
        if (found != 0)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice text = {(const char *)bytes, size};
    struct request request;
    struct local_rules *rules;
    check_end(text);
    if (request_read(text, &request, NULL) == 0) {
        if (slice_find_byte(request.sender, '\n') < request.sender.size)
            abort();
        check_answer(request.sender);
    }
    if (local_rules_read(text, "fuzz", &rules, NULL) == 0)
        local_rules_free(rules);
    check_answer(text);
    return 0;
}
