#include "common/base/log.h"

#include "common/base/keyed.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_BYTES 2048

static struct {
    const char *program;
    enum log_target target;
    enum log_level most;
    unsigned char key[KEYED_KEY_BYTES];
    bool has_key;
} settings = {.program = "zaguan", .most = LOG_LEVEL_INFO};

static const struct {
    const char *name;
    int syslog_priority;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", LOG_ERR},
    [LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
    [LOG_LEVEL_INFO] = {"info", LOG_INFO},
    [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

void log_open(const char *program, enum log_target target, enum log_level most,
              const unsigned char *key)
{
    settings.program = program;
    settings.target = target;
    settings.most = most;
    if (key != NULL)
        memcpy(settings.key, key, sizeof settings.key);
    else
        randombytes_buf(settings.key, sizeof settings.key);
    settings.has_key = true;
    if (target == LOG_TARGET_SYSLOG)
        openlog(program, LOG_PID, LOG_MAIL);
}

/* A value from outside must not start a new line or colour a terminal. */
static void remove_controls(char *line)
{
    for (char *c = line; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
}

static void write_line(enum log_level level, char *line)
{
    remove_controls(line);
    if (settings.target == LOG_TARGET_SYSLOG) {
        syslog(levels[level].syslog_priority, "%s", line);
        return;
    }
    char whole[LINE_BYTES + 128];
    int length = snprintf(whole, sizeof whole, "%s[%ld]: %s: %s\n", settings.program,
                          (long)getpid(), levels[level].name, line);
    if (length < 0)
        return;
    size_t size = (size_t)length < sizeof whole ? (size_t)length : sizeof whole - 1;
    /* One write, so that lines of threads do not mix; there is nowhere to report a failure to. */
    ssize_t ignored = write(STDERR_FILENO, whole, size);
    (void)ignored;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if (level > settings.most)
        return;
    char line[LINE_BYTES];
    int used = snprintf(line, sizeof line, "%s ", event);
    if (used < 0 || (size_t)used >= sizeof line)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof line - (size_t)used, format, arguments);
    va_end(arguments);
    write_line(level, line);
}

void log_error(const char *event, const struct error *err)
{
    log_event(LOG_LEVEL_ERROR, event, "error=\"%s\"", err->text);
}

const char *log_private(struct private_text secret, char text[LOG_PRIVATE_BYTES])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char digest[KEYED_DIGEST_BYTES];
    if (!settings.has_key) {
        snprintf(text, LOG_PRIVATE_BYTES, "-");
        return text;
    }
    keyed_digest(settings.key, "log", secret.hidden, digest);
    for (size_t i = 0; i < LOG_PRIVATE_BYTES - 1; i++)
        text[i] = letters[digest[i] & 31];
    text[LOG_PRIVATE_BYTES - 1] = '\0';
    return text;
}
