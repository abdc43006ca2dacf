#include "common/base/limits.h"
#include "common/mail/dmarc.h"
#include "common/mail/dmarc_record.h"
#include "common/mail/dns_zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char zone_text[] =
    "_dmarc.example.com TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\n"
    "news.example.com A 192.0.2.1\n"
    "_dmarc.strict.example TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "_dmarc.two.example TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.two.example TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.beside.example TXT \"v=spf1 -all\"\n"
    "_dmarc.beside.example TXT \"v=DMARC1;\" \"p=quarantine\"\n"
    /* a public suffix with two registrants, one of them without a record */
    "_dmarc.bank TXT \"v=DMARC1; p=reject; sp=quarantine; psd=y\"\n"
    "_dmarc.giant.bank TXT \"v=DMARC1; p=none\"\n"
    "mega.bank A 192.0.2.1\n"
    "www.mega.bank A 192.0.2.1\n"
    /* psd=n below a record that would be the organization otherwise */
    "_dmarc.corp.example TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.unit.corp.example TXT \"v=DMARC1; p=quarantine; psd=n\"\n"
    "a.unit.corp.example A 192.0.2.1\n"
    /* records at several names: the shortest is the organization */
    "_dmarc.mail.multi.example TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.multi.example TXT \"v=DMARC1; p=reject\"\n"
    /* tests */
    "_dmarc.test1.example TXT \"v=DMARC1; p=reject; t=y\"\n"
    "_dmarc.test2.example TXT \"v=DMARC1; p=quarantine; t=y\"\n"
    "_dmarc.test3.example TXT \"v=DMARC1; p=none; t=y\"\n"
    /* trouble */
    "_dmarc.sick.example SERVFAIL\n"
    "_dmarc.above.sickparent.example TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.sickparent.example TIMEOUT\n"
    "_dmarc.sub.example.com SERVFAIL\n"
    /* more than eight labels */
    "_dmarc.h.deep.example.org TXT \"v=DMARC1; p=reject; psd=n\"\n"
    "_dmarc.b.c.d.e.f.g.long.example TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.c.d.e.f.g.long.example TXT \"v=DMARC1; p=quarantine\"\n"
    /* U-labels */
    "_dmarc.xn--espaa-rta.example TXT \"v=DMARC1; p=reject\"\n"
    /* wrong records */
    "_dmarc.wrongp.example TXT \"v=DMARC1; p=refuse\"\n"
    "_dmarc.wrongprua.example TXT \"v=DMARC1; p=refuse; rua=mailto:d@wrongprua.example\"\n"
    "_dmarc.wrongsp.example TXT \"v=DMARC1; p=reject; sp=x; rua=mailto:d@wrongsp.example!10m\"\n"
    "_dmarc.wrongrua.example TXT \"v=DMARC1; p=reject; np=x; rua=nobody\"\n"
    "_dmarc.nop.example TXT \"v=DMARC1; rua=mailto:d@nop.example\"\n";

struct row {
    const char *claim;
    const char *from;
    enum spf_result spf;
    const char *spf_domain;
    enum dkim_result dkim;
    const char *dkim_domain;
    enum dmarc_result result;
    const char *policy, *domain, *organization;
};

#define NO_SPF SPF_NONE, ""
#define NO_DKIM DKIM_NONE, ""

static const struct row rows[] = {
    /* result, policy, domain, organization */
    {"no record at all", "none.example", SPF_PASS, "none.example", NO_DKIM, DMARC_NONE, "", "",
     "none.example"},
    {"no From domain", "", SPF_PASS, "example.com", NO_DKIM, DMARC_NONE, "", "", ""},
    {"no domain name", "exa mple.com", SPF_PASS, "example.com", NO_DKIM, DMARC_NONE, "", "", ""},
    {"SPF of the same domain", "example.com", SPF_PASS, "example.com", NO_DKIM, DMARC_PASS,
     "reject", "example.com", "example.com"},
    {"case and final dot", "Example.COM.", SPF_PASS, "EXAMPLE.com", NO_DKIM, DMARC_PASS, "reject",
     "example.com", "example.com"},
    {"DKIM of the same domain", "example.com", NO_SPF, DKIM_PASS, "example.com", DMARC_PASS,
     "reject", "example.com", "example.com"},
    {"relaxed, identifier below", "example.com", NO_SPF, DKIM_PASS, "a.b.example.com", DMARC_PASS,
     "reject", "example.com", "example.com"},
    {"relaxed, identifier above", "news.example.com", SPF_PASS, "example.com", NO_DKIM, DMARC_PASS,
     "quarantine", "example.com", "example.com"},
    {"relaxed, beside each other", "news.example.com", NO_SPF, DKIM_PASS, "x.example.com",
     DMARC_PASS, "quarantine", "example.com", "example.com"},
    {"another organization", "example.com", SPF_PASS, "example.net", DKIM_PASS, "example.org",
     DMARC_FAIL, "reject", "example.com", "example.com"},
    {"looks alike is not below", "example.com", SPF_PASS, "badexample.com", NO_DKIM, DMARC_FAIL,
     "reject", "example.com", "example.com"},
    {"SPF softfail is no pass", "example.com", SPF_SOFTFAIL, "example.com", NO_DKIM, DMARC_FAIL,
     "reject", "example.com", "example.com"},
    {"DKIM policy is no pass", "example.com", NO_SPF, DKIM_POLICY, "example.com", DMARC_FAIL,
     "reject", "example.com", "example.com"},
    {"SPF permerror is a fail", "example.com", SPF_PERMERROR, "example.com", NO_DKIM, DMARC_FAIL,
     "reject", "example.com", "example.com"},
    {"np= for a name that is not there", "ghost.example.com", NO_SPF, NO_DKIM, DMARC_FAIL, "none",
     "example.com", "example.com"},
    {"sp= for a name that is there", "news.example.com", NO_SPF, NO_DKIM, DMARC_FAIL, "quarantine",
     "example.com", "example.com"},
    {"strict, same domain", "strict.example", SPF_PASS, "strict.example", NO_DKIM, DMARC_PASS,
     "reject", "strict.example", "strict.example"},
    {"strict, SPF below", "strict.example", SPF_PASS, "a.strict.example", NO_DKIM, DMARC_FAIL,
     "reject", "strict.example", "strict.example"},
    {"strict, DKIM below", "strict.example", NO_SPF, DKIM_PASS, "a.strict.example", DMARC_FAIL,
     "reject", "strict.example", "strict.example"},
    {"strict, DKIM above", "a.strict.example", NO_SPF, DKIM_PASS, "strict.example", DMARC_FAIL,
     "reject", "strict.example", "strict.example"},
    {"two records are none", "two.example", SPF_PASS, "two.example", NO_DKIM, DMARC_NONE, "", "",
     "two.example"},
    {"another TXT record beside it", "beside.example", NO_SPF, NO_DKIM, DMARC_FAIL, "quarantine",
     "beside.example", "beside.example"},
    {"below a public suffix", "www.mega.bank", SPF_PASS, "mega.bank", NO_DKIM, DMARC_PASS,
     "quarantine", "bank", "mega.bank"},
    {"two registrants of a suffix", "giant.bank", SPF_PASS, "mega.bank", NO_DKIM, DMARC_FAIL,
     "none", "giant.bank", "giant.bank"},
    {"the suffix does not speak for a registrant", "mega.bank", SPF_PASS, "bank", NO_DKIM,
     DMARC_FAIL, "quarantine", "bank", "mega.bank"},
    {"the suffix itself", "bank", SPF_PASS, "bank", NO_DKIM, DMARC_PASS, "reject", "bank", "bank"},
    {"psd=n ends the walk", "a.unit.corp.example", SPF_PASS, "unit.corp.example", NO_DKIM,
     DMARC_PASS, "quarantine", "unit.corp.example", "unit.corp.example"},
    {"psd=n parts from what is above", "unit.corp.example", SPF_PASS, "corp.example", NO_DKIM,
     DMARC_FAIL, "quarantine", "unit.corp.example", "unit.corp.example"},
    {"above psd=n is another organization", "corp.example", SPF_PASS, "a.unit.corp.example",
     NO_DKIM, DMARC_FAIL, "reject", "corp.example", "corp.example"},
    {"own record, organization above", "mail.multi.example", SPF_PASS, "multi.example", NO_DKIM,
     DMARC_PASS, "none", "mail.multi.example", "multi.example"},
    {"the organization's record, not the next above", "a.mail.multi.example", NO_SPF, NO_DKIM,
     DMARC_FAIL, "reject", "multi.example", "multi.example"},
    {"t=y of reject", "test1.example", NO_SPF, NO_DKIM, DMARC_FAIL, "quarantine", "test1.example",
     "test1.example"},
    {"t=y of quarantine", "test2.example", NO_SPF, NO_DKIM, DMARC_FAIL, "none", "test2.example",
     "test2.example"},
    {"t=y of none", "test3.example", NO_SPF, NO_DKIM, DMARC_FAIL, "none", "test3.example",
     "test3.example"},
    {"DNS trouble at the domain", "sick.example", SPF_PASS, "sick.example", NO_DKIM,
     DMARC_TEMPERROR, "", "", ""},
    {"DNS trouble on the way up", "a.sickparent.example", NO_SPF, NO_DKIM, DMARC_TEMPERROR, "", "",
     ""},
    {"DNS trouble above does not matter to the same domain", "above.sickparent.example", SPF_PASS,
     "above.sickparent.example", NO_DKIM, DMARC_PASS, "reject", "above.sickparent.example", ""},
    {"DNS trouble above hides relaxed alignment", "above.sickparent.example", SPF_PASS,
     "sickparent.example", NO_DKIM, DMARC_TEMPERROR, "reject", "above.sickparent.example", ""},
    {"DNS trouble of an identifier hides it", "example.com", SPF_PASS, "sub.example.com", NO_DKIM,
     DMARC_TEMPERROR, "reject", "example.com", "example.com"},
    {"DNS trouble of one does not matter beside a pass", "example.com", SPF_PASS, "sub.example.com",
     DKIM_PASS, "example.com", DMARC_PASS, "reject", "example.com", "example.com"},
    {"SPF temperror of an aligned domain", "example.com", SPF_TEMPERROR, "example.com", NO_DKIM,
     DMARC_TEMPERROR, "reject", "example.com", "example.com"},
    {"DKIM temperror of an aligned domain", "example.com", NO_SPF, DKIM_TEMPERROR, "a.example.com",
     DMARC_TEMPERROR, "reject", "example.com", "example.com"},
    {"SPF temperror of another domain", "example.com", SPF_TEMPERROR, "example.net", NO_DKIM,
     DMARC_FAIL, "reject", "example.com", "example.com"},
    {"ten labels go on with seven", "a.b.c.d.e.f.g.h.deep.example.org", SPF_PASS,
     "h.deep.example.org", NO_DKIM, DMARC_PASS, "reject", "h.deep.example.org",
     "h.deep.example.org"},
    {"nine labels leave the eighth out", "a.b.c.d.e.f.g.long.example", NO_SPF, NO_DKIM, DMARC_FAIL,
     "quarantine", "c.d.e.f.g.long.example", "c.d.e.f.g.long.example"},
    {"eight labels leave none out", "b.c.d.e.f.g.long.example", NO_SPF, NO_DKIM, DMARC_FAIL,
     "reject", "b.c.d.e.f.g.long.example", "c.d.e.f.g.long.example"},
    {"U-label in From",
     "espa\xc3\xb1"
     "a.example",
     NO_SPF, DKIM_PASS, "xn--espaa-rta.example", DMARC_PASS, "reject", "xn--espaa-rta.example",
     "xn--espaa-rta.example"},
    {"U-label in d=", "xn--espaa-rta.example", NO_SPF, DKIM_PASS,
     "ESPA\xc3\x91"
     "A.example",
     DMARC_PASS, "reject", "xn--espaa-rta.example", "xn--espaa-rta.example"},
    {"wrong p=, no reports", "wrongp.example", SPF_PASS, "wrongp.example", NO_DKIM, DMARC_NONE, "",
     "", "wrongp.example"},
    {"wrong p=, reports", "wrongprua.example", NO_SPF, NO_DKIM, DMARC_FAIL, "none",
     "wrongprua.example", "wrongprua.example"},
    {"wrong sp=, reports", "wrongsp.example", NO_SPF, NO_DKIM, DMARC_FAIL, "none",
     "wrongsp.example", "wrongsp.example"},
    {"wrong np=, wrong report address", "wrongrua.example", NO_SPF, NO_DKIM, DMARC_NONE, "", "",
     "wrongrua.example"},
    {"no p=", "nop.example", NO_SPF, NO_DKIM, DMARC_FAIL, "none", "nop.example", "nop.example"},
};

static void check(struct dns *dns, const struct row *row, struct arena *arena,
                  struct dmarc_answer *answer_out)
{
    struct dkim_signature signature = {.result = row->dkim, .domain = slice_of(row->dkim_domain)};
    struct dmarc_request request = {.from_domain = slice_of(row->from),
                                    .spf = row->spf,
                                    .spf_domain = slice_of(row->spf_domain),
                                    .signatures = &signature,
                                    .signature_count = 1};
    dmarc_check(dns, &request, deadline_in(1000), arena, answer_out);
}

static void every_row_has_the_result_it_claims(void **state)
{
    (void)state;
    struct dns *dns = NULL;
    struct error err = {0};
    size_t wrong = 0;
    if (dns_open_zone(slice_of(zone_text), &dns, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(MIB);
        struct dmarc_answer answer;
        check(dns, &rows[i], arena, &answer);
        if (answer.result == rows[i].result && strcmp(answer.policy, rows[i].policy) == 0 &&
            slice_is(answer.domain, rows[i].domain) &&
            slice_is(answer.organizational_domain, rows[i].organization))
            continue;
        print_error("%s: %s, policy \"%s\", domain \"" SLICE_FORMAT
                    "\", organization \"" SLICE_FORMAT "\"\n",
                    rows[i].claim, dmarc_result_name(answer.result), answer.policy,
                    SLICE_ARGUMENTS(answer.domain), SLICE_ARGUMENTS(answer.organizational_domain));
        wrong++;
    }
    assert_int_equal(wrong, 0);
    dns_close(dns);
}

static void a_walk_asks_eight_names_at_most(void **state)
{
    (void)state;
    struct dns *dns = NULL;
    struct dns_counts counts;
    struct row row = {.from = "a.b.c.d.e.f.g.h.i.j.mail.example.net",
                      .spf = SPF_PASS,
                      .spf_domain = "q.r.s.t.u.v.w.x.y.z.example.org",
                      .dkim_domain = ""};
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct dmarc_answer answer;
    assert_int_equal(dns_open_zone(slice_of("example.net A 192.0.2.1\n"), &dns, NULL), 0);
    check(dns, &row, arena, &answer);
    dns_count(dns, &counts);
    assert_int_equal(counts.lookups, 8);
    dns_close(dns);
}

static void nobody_makes_us_ask_for_names_outside_the_organization(void **state)
{
    (void)state;
    struct dns *dns = NULL;
    struct dns_counts counts;
    struct row row = {.from = "example.com",
                      .spf = SPF_PASS,
                      .spf_domain = "a.b.c.d.e.evil.example",
                      .dkim = DKIM_PASS,
                      .dkim_domain = "f.g.h.i.j.evil.example"};
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct dmarc_answer answer;
    assert_int_equal(dns_open_zone(slice_of(zone_text), &dns, NULL), 0);
    check(dns, &row, arena, &answer);
    dns_count(dns, &counts);
    assert_int_equal(counts.lookups, 2); /* _dmarc.example.com, _dmarc.com */
    dns_close(dns);
}

static void a_signature_that_leaves_the_body_open_aligns_but_is_told_apart(void **state)
{
    (void)state;
    struct dns *dns = NULL;
    ARENA_CLEANUP *arena = arena_new(MIB);
    struct dkim_signature signature = {
        .result = DKIM_PASS, .domain = slice_of("example.com"), .is_partial = true};
    struct dmarc_request request = {.from_domain = slice_of("example.com"),
                                    .spf = SPF_NONE,
                                    .signatures = &signature,
                                    .signature_count = 1};
    struct dmarc_answer answer;
    assert_int_equal(dns_open_zone(slice_of(zone_text), &dns, NULL), 0);
    dmarc_check(dns, &request, deadline_in(1000), arena, &answer);
    assert_int_equal(answer.result, DMARC_PASS);
    assert_true(answer.is_aligned_by_dkim);
    assert_false(answer.is_aligned_by_whole_dkim);
    dns_close(dns);
}

static void only_the_version_must_be_exactly_right(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_record;
        enum dmarc_policy policy, subdomain_policy;
    } records[] = {
        {"v=DMARC1; p=reject", true, DMARC_POLICY_REJECT, DMARC_POLICY_REJECT},
        {"v=DMARC1;p=reject;", true, DMARC_POLICY_REJECT, DMARC_POLICY_REJECT},
        {"v \t= DMARC1 ;p = Reject ; sp=NONE ; ", true, DMARC_POLICY_REJECT, DMARC_POLICY_NONE},
        {"v=DMARC1", true, DMARC_POLICY_NONE, DMARC_POLICY_NONE},
        {"v=DMARC1; sp=reject", true, DMARC_POLICY_NONE, DMARC_POLICY_REJECT},
        {"v=DMARC1;; what; =x; 1=2; p=quarantine; pct=0; rf=z; ri=1; zz=\x01", true,
         DMARC_POLICY_QUARANTINE, DMARC_POLICY_QUARANTINE},
        {"v=dmarc1; p=reject", false, 0, 0},
        {"v=DMARC1 p=reject", false, 0, 0},
        {"v=DMARC12; p=reject", false, 0, 0},
        {" v=DMARC1; p=reject", false, 0, 0},
        {"p=reject; v=DMARC1", false, 0, 0},
        {"v=DMARC1; p=reject; p=none", false, 0, 0},
        {"v=DMARC1; v=DMARC1; p=none", false, 0, 0},
        {"", false, 0, 0},
        {";", false, 0, 0},
        {"DMARC1; p=none", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        size_t size = strlen(records[i].text);
        char *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, records[i].text, size);
        struct dmarc_record record = {.policy = DMARC_POLICY_NONE};
        bool is_record = dmarc_record_parse(slice_new(exact, size), &record);
        if (is_record != records[i].is_record || record.policy != records[i].policy ||
            record.subdomain_policy != records[i].subdomain_policy)
            fail_msg("\"%s\"", records[i].text);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_the_result_it_claims),
        cmocka_unit_test(a_walk_asks_eight_names_at_most),
        cmocka_unit_test(nobody_makes_us_ask_for_names_outside_the_organization),
        cmocka_unit_test(a_signature_that_leaves_the_body_open_aligns_but_is_told_apart),
        cmocka_unit_test(only_the_version_must_be_exactly_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
