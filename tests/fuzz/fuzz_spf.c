/*
 * A record and what it leads to, with a sender and a HELO of the input's choice: the whole check
 * over a zone in memory. Lines of the input: client (4 or 6), HELO, sender, then records; the n-th
 * stands at n.test and, when it has no version, may be asked for as an explanation. What is spread
 * by %{...} is asked for below star.test. The result stands within the bounds of RFC 7208.
 */
#include "common/base/limits.h"
#include "common/mail/dns_zone.h"
#include "common/mail/spf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MOST 8

static void add_text(struct buffer *zone, size_t number, struct slice text)
{
    buffer_printf(zone, "%zu.test TXT \"", number);
    for (size_t i = 0; i < text.size; i++)
        buffer_printf(zone, "\\%03d", (unsigned char)text.data[i]);
    buffer_append_text(zone, "\"\n");
}

static struct dns *open_zone(struct slice records)
{
    static const char fixed[] = "*.star.test A 192.0.2.1\n"
                                "mx.test MX 10 a.test\nmx.test MX 20 b.test\na.test A 192.0.2.1\n"
                                "a.test AAAA 2001:db8::1\nsick.test SERVFAIL\n"
                                "1.2.0.192.in-addr.arpa PTR a.test\n"
                                "$GENERATE 1-11 many.test MX 1 m$.test\n";
    BUFFER_CLEANUP zone = buffer_new(1 * MIB);
    struct slice record;
    struct dns *dns = NULL;
    buffer_append_text(&zone, fixed);
    for (size_t number = 0; number < RECORDS_MOST && slice_next(&records, '\n', &record); number++)
        add_text(&zone, number, record);
    if (dns_open_zone(buffer_slice(&zone), &dns, NULL) != 0)
        abort();
    return dns;
}

static void must(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_answer(const struct spf_answer *answer)
{
    must(spf_result_name(answer->result) != NULL);
    must(answer->lookup_count <= 10 && answer->void_count <= 4);
    must(answer->explanation.size == 0 || answer->result == SPF_FAIL);
    must(answer->explanation.size <= LIMIT_SPF_EXPLANATION_BYTES);
    for (size_t i = 0; i < answer->explanation.size; i++)
        must(answer->explanation.data[i] >= ' ' && answer->explanation.data[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = slice_new((const char *)bytes, size), client, helo, sender;
    if (!slice_next(&rest, '\n', &client) || !slice_next(&rest, '\n', &helo) ||
        !slice_next(&rest, '\n', &sender))
        return 0;
    struct dns *dns = open_zone(rest);
    struct spf_request request = {slice_of(slice_is(client, "6") ? "2001:db8::1" : "192.0.2.1"),
                                  helo, sender, slice_of("receiver.test")};
    struct spf_answer answer;
    struct arena *arena = arena_new(4 * MIB);
    spf_check(dns, &request, deadline_in(10000), arena, &answer);
    check_answer(&answer);
    arena_free(arena);
    dns_close(dns);
    return 0;
}
