#include "admin/command_auth_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- JSON ---------------------------------------------------------------------------------------
 */

static json_t *json_of(struct slice text)
{
    json_t *string = json_stringn(text.data == NULL ? "" : text.data, text.size);
    if (string != NULL)
        return string;
    char *ascii = malloc(text.size + 1);
    if (ascii == NULL)
        return NULL;
    for (size_t i = 0; i < text.size; i++)
        ascii[i] = (char)((unsigned char)text.data[i] < 0x80 ? text.data[i] : '?');
    string = json_stringn(ascii, text.size);
    free(ascii);
    return string;
}

static json_t *json_or_null(struct slice text)
{
    return text.size == 0 ? json_null() : json_of(text);
}

static json_t *spf_object(const struct auth_answer *answer)
{
    if (!answer->has_client)
        return json_null();
    return json_pack("{s:s, s:o, s:o}", "result", spf_result_name(answer->spf.result), "domain",
                     json_of(answer->spf.domain), "explanation", json_of(answer->spf.explanation));
}

static json_t *signature_object(const struct dkim_signature *signature)
{
    return json_pack("{s:o, s:o, s:o, s:s, s:o}", "domain", json_or_null(signature->domain),
                     "selector", json_or_null(signature->selector), "algorithm",
                     json_or_null(signature->algorithm), "result",
                     dkim_result_name(signature->result), "reason",
                     json_or_null(slice_of(signature->reason)));
}

static json_t *dkim_array(const struct dkim_answer *dkim)
{
    json_t *array = json_array();
    for (size_t i = 0; i < dkim->count; i++)
        if (json_array_append_new(array, signature_object(&dkim->signatures[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *dmarc_object(const struct dmarc_answer *dmarc)
{
    return json_pack("{s:s, s:o, s:o, s:o}", "result", dmarc_result_name(dmarc->result), "policy",
                     json_or_null(slice_of(dmarc->policy)), "domain", json_or_null(dmarc->domain),
                     "organizational_domain", json_or_null(dmarc->organizational_domain));
}

int auth_show_fields(const struct auth_shown *shown, json_t *object, struct error *err)
{
    const struct auth_answer *answer = shown->answer;
    int failed = json_object_set_new(object, "spf", spf_object(answer)) |
                 json_object_set_new(object, "dkim", dkim_array(&answer->dkim)) |
                 json_object_set_new(object, "dmarc",
                                     shown->has_dmarc ? dmarc_object(&answer->dmarc) : json_null());
    if (shown->second_opinion != NULL)
        failed |=
            json_object_set_new(object, "second_opinion", json_of(slice_of(shown->second_opinion)));
    return failed == 0 ? 0 : error_set(err, ERROR_SYSTEM, "no memory for JSON");
}

int auth_show_json(const struct auth_shown *shown, struct error *err)
{
    json_t *object = json_object();
    int failed = auth_show_fields(shown, object, err);
    char *text = failed == 0 ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    if (text == NULL)
        return failed == 0 ? error_set(err, ERROR_SYSTEM, "no memory for JSON") : -1;
    puts(text);
    free(text);
    return 0;
}

/* --- text ---------------------------------------------------------------------------------------
 */

/* What comes from a message goes to a terminal: controls and 8-bit bytes as "?". */
static void print_safe(const char *before, struct slice text)
{
    if (text.size == 0)
        return;
    fputs(before, stdout);
    for (size_t i = 0; i < text.size; i++)
        putchar(text.data[i] >= ' ' && text.data[i] <= '~' ? text.data[i] : '?');
}

static void print_spf(const struct spf_answer *spf)
{
    printf("spf: %s", spf_result_name(spf->result));
    print_safe(", domain ", spf->domain);
    print_safe(", ", slice_of(spf->problem));
    print_safe(", explanation: ", spf->explanation);
    putchar('\n');
}

static void print_signature(const struct dkim_signature *signature)
{
    printf("dkim: %s", dkim_result_name(signature->result));
    print_safe(", domain ", signature->domain);
    print_safe(", selector ", signature->selector);
    print_safe(", algorithm ", signature->algorithm);
    print_safe(", ", slice_of(signature->reason));
    puts(signature->result == DKIM_PASS && signature->is_partial
             ? ", a part of the body is not signed (l=)"
             : "");
}

static void print_dmarc(const struct dmarc_answer *dmarc)
{
    printf("dmarc: %s", dmarc_result_name(dmarc->result));
    print_safe(", policy ", slice_of(dmarc->policy));
    print_safe(", record of ", dmarc->domain);
    print_safe(", organizational domain ", dmarc->organizational_domain);
    putchar('\n');
}

void auth_show_text(const struct auth_shown *shown)
{
    const struct auth_answer *answer = shown->answer;
    if (answer->has_client)
        print_spf(&answer->spf);
    if (shown->second_opinion != NULL)
        printf("libspf2: %s\n", shown->second_opinion);
    for (size_t i = 0; i < answer->dkim.count; i++)
        print_signature(&answer->dkim.signatures[i]);
    if (answer->dkim.count == 0 && shown->has_dmarc)
        puts("dkim: none");
    if (shown->has_dmarc)
        print_dmarc(&answer->dmarc);
}
