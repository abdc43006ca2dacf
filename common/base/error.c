#include "common/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    if (err == NULL)
        return -1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    err->kind = kind;
    return -1;
}

int error_system(struct error *err, const char *format, ...)
{
    int saved_errno = errno;
    if (err == NULL)
        return -1;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    err->kind = ERROR_SYSTEM;
    if (written >= 0 && (size_t)written < sizeof err->text)
        snprintf(err->text + written, sizeof err->text - (size_t)written, ": %s",
                 strerror(saved_errno));
    return -1;
}

int error_context(struct error *err, const char *format, ...)
{
    if (err == NULL)
        return -1;
    char inner[sizeof err->text];
    memcpy(inner, err->text, sizeof inner);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    if (written >= 0 && (size_t)written < sizeof err->text)
        snprintf(err->text + written, sizeof err->text - (size_t)written, ": %s", inner);
    return -1;
}

int error_exit_status(const struct error *err)
{
    switch (err->kind) {
    case ERROR_NONE:
        return EX_OK;
    case ERROR_USAGE:
        return EX_USAGE;
    case ERROR_INPUT:
        return EX_DATAERR;
    case ERROR_NOT_FOUND:
        return EX_NOINPUT;
    case ERROR_LIMIT:
        return EX_UNAVAILABLE;
    case ERROR_SYSTEM:
        return EX_OSERR;
    case ERROR_TEMPORARY:
        return EX_TEMPFAIL;
    case ERROR_BUG:
        return EX_SOFTWARE;
    }
    return EX_SOFTWARE;
}
