#include "db/freetds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "db/attributes.h"

#define SECTION "vitae"

/* A line of the file cannot hold everything that a value may. */
static bool is_plain(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || strchr("#;[]=", *s))
            return false;
    return true;
}

static bool add_line(struct strbuf *out, const char *name, const char *value,
                     struct error *err)
{
    if (!is_plain(value))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the %s of the database's server holds a character "
                          "that FreeTDS's configuration cannot",
                          name);
    strbuf_addf(out, "    %s = %s\n", name, value);
    return true;
}

/* "host", "host\instance" */
static bool add_host(struct strbuf *out, char *server, struct error *err)
{
    char *instance = strchr(server, '\\');

    if (instance)
        *instance++ = '\0';
    return add_line(out, "host", server, err) &&
           (!instance || add_line(out, "instance", instance, err));
}

static bool make_text(const struct db_settings *settings, const char *string,
                      struct strbuf *out, struct error *err)
{
    struct strbuf server, port;
    bool ok;

    strbuf_init(&server, 4 * KIB);
    strbuf_init(&port, 4 * KIB);
    strbuf_adds(out, "[" SECTION "]\n");
    ok = attributes_value(string, "Server", &server) &&
         add_host(out, server.data, err) &&
         (!attributes_value(string, "Port", &port) ||
          add_line(out, "port", port.data, err)) &&
         add_line(out, "ca file",
                  settings->ca_file && settings->ca_file[0] ? settings->ca_file
                                                            : "system",
                  err);
    strbuf_adds(out, "    encryption = require\n"
                     "    check certificate hostname = yes\n"
                     "    tds version = 7.4\n"
                     "    client charset = UTF-8\n");
    strbuf_release(&server);
    strbuf_release(&port);
    return ok;
}

static bool write_all(int fd, const struct strbuf *text)
{
    size_t at = 0;
    ssize_t n;

    while (at < text->len) {
        n = write(fd, text->data + at, text->len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool make_file(const struct strbuf *text, int *fd, struct error *err)
{
    *fd = memfd_create("freetds.conf", MFD_CLOEXEC);
    if (*fd >= 0 && strbuf_ok(text) && write_all(*fd, text))
        return true;
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "no configuration for FreeTDS: %s", strerror(errno));
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return false;
}

bool freetds_check_certificate(const struct db_settings *settings,
                               struct strbuf *string, int *fd,
                               struct error *err)
{
    struct strbuf text;
    bool ok = true;

    *fd = -1;
    if (!settings->encrypt || settings->trust_certificate ||
        !attributes_are_freetds(string->data) ||
        !attributes_have(string->data, "Server"))
        return true;
    strbuf_init(&text, 16 * KIB);
    ok = make_text(settings, string->data, &text, err) &&
         make_file(&text, fd, err);
    strbuf_release(&text);
    if (!ok)
        return false;
    attributes_drop(string, "Server");
    attributes_drop(string, "Port");
    attributes_drop(string, "Encryption");
    attributes_add(string, "Servername", SECTION);
    return true;
}

bool freetds_use(int fd, struct error *err)
{
    const char *now = getenv("FREETDSCONF");
    char path[40];

    if (fd < 0)
        return true;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    /* Seldom: the environment is shared by all threads. */
    if (now && strcmp(now, path) == 0)
        return true;
    if (setenv("FREETDSCONF", path, 1) != 0)
        return error_memory(err);
    return true;
}
