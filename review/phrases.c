#include "review/phrases.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "zaguan"
#define FOLDER_LEVELS 4 /* from build/asan/tests/review up to build */

static const char *const codes[] = {
    [SETTINGS_LANGUAGE_ES] = "es", [SETTINGS_LANGUAGE_PT] = "pt", [SETTINGS_LANGUAGE_EN] = "en"};

/* gettext's language is a variable of the process: switching and looking up belong together. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *current = NULL;
static bool is_open = false;
static bool has_catalogs = false;

/* GNU gettext: counted up when LANGUAGE has changed, so that cached answers are looked up anew. */
extern int _nl_msg_cat_cntr;

static bool has_catalog(const char *folder)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/es/LC_MESSAGES/" DOMAIN ".mo", folder);
    return size > 0 && (size_t)size < sizeof path && access(path, R_OK) == 0;
}

/* share/locale beside the folder of the program, or beside a folder above it (tests). */
static bool find_beside_program(char folder[PATH_MAX])
{
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size <= 0)
        return false;
    program[size] = '\0';
    for (int level = 0; level <= FOLDER_LEVELS; level++) {
        char *slash = strrchr(program, '/');
        if (slash == NULL || slash == program)
            return false;
        *slash = '\0';
        int length = snprintf(folder, PATH_MAX, "%s/share/locale", program);
        if (length > 0 && length < PATH_MAX && has_catalog(folder))
            return true;
    }
    return false;
}

/*
 * gettext looks at LANGUAGE only when the locale of messages is not "C". C.UTF-8 is on every
 * Debian and means nothing else; LC_CTYPE and the others stay as they are.
 */
static bool set_message_locale(void)
{
    static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_MESSAGES, names[i]) != NULL)
            return true;
    return false;
}

static void open_locked(void)
{
    char folder[PATH_MAX];
    if (is_open)
        return;
    is_open = true;
    if (!find_beside_program(folder))
        snprintf(folder, sizeof folder, "%s", ZAGUAN_PREFIX "/share/locale");
    has_catalogs = set_message_locale() && bindtextdomain(DOMAIN, folder) != NULL &&
                   bind_textdomain_codeset(DOMAIN, "UTF-8") != NULL;
}

void phrases_open(void)
{
    pthread_mutex_lock(&mutex);
    open_locked();
    pthread_mutex_unlock(&mutex);
}

/* False: the English text is the answer. With the mutex held. */
static bool choose(int language)
{
    open_locked();
    if (!has_catalogs || language < 0 || language >= (int)(sizeof codes / sizeof codes[0]) ||
        language == SETTINGS_LANGUAGE_EN)
        return false;
    if (current != codes[language]) {
        if (setenv("LANGUAGE", codes[language], 1) != 0)
            return false;
        _nl_msg_cat_cntr++;
        current = codes[language];
    }
    return true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
const char *phrase(int language, const char *english)
{
    if (english[0] == '\0') /* the catalog's own header */
        return english;
    pthread_mutex_lock(&mutex);
    const char *text = choose(language) ? dgettext(DOMAIN, english) : english;
    pthread_mutex_unlock(&mutex);
    return text;
}

const char *phrase_count(int language, const char *one, const char *many, unsigned long count)
{
    pthread_mutex_lock(&mutex);
    const char *text = choose(language) ? dngettext(DOMAIN, one, many, count)
                       : count == 1     ? one
                                        : many;
    pthread_mutex_unlock(&mutex);
    return text;
}
#pragma GCC diagnostic pop
