#include "lists/format/pattern_code.h"

#define DEEPEST_PARENS 16

int pattern_compile(struct slice source, pcre2_code **code_out, struct error *err)
{
    int fault;
    size_t at;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for a pattern");
    pcre2_set_parens_nest_limit(context, DEEPEST_PARENS);
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)source.data, source.size,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE |
                          PCRE2_DOLLAR_ENDONLY | PCRE2_DOTALL | PCRE2_USE_OFFSET_LIMIT,
                      &fault, &at, context);
    pcre2_compile_context_free(context);
    if (code == NULL) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(fault, text, sizeof text);
        return error_set(err, ERROR_INPUT, "PCRE2 refuses the pattern: %s", (char *)text);
    }
    *code_out = code;
    return 0;
}
