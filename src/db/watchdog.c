#include "db/watchdog.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"

/* Descriptors beyond these are not looked at. */
#define DESCRIPTORS 4096

struct watchdog {
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    bool ends, is_watching, sleeps;
    double until;
    ino_t before[DESCRIPTORS]; /* sockets there were; 0 = none */
    int socket;                /* -1 = not known */
    ino_t inode;               /* its own: descriptors are used again */
};

/* Of a connected socket; 0 = it is none. */
static ino_t inode_of(int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode) ||
        getpeername(fd, (struct sockaddr *)&peer, &len) != 0)
        return 0;
    return st.st_ino;
}

/* The one socket that was not there before. */
static void find_socket(struct watchdog *dog)
{
    int fd, found = 0;

    for (fd = 0; fd < DESCRIPTORS; fd++) {
        ino_t inode = inode_of(fd);

        if (!inode || inode == dog->before[fd])
            continue;
        dog->socket = fd;
        dog->inode = inode;
        found++;
    }
    if (found != 1)
        dog->socket = -1;
}

static void bite(struct watchdog *dog)
{
    if (dog->socket < 0)
        find_socket(dog);
    if (dog->socket < 0 || inode_of(dog->socket) != dog->inode)
        return;
    log_warn("database_silent", "cure=\"does the server run, is the network "
                                "up? see database.statement_timeout\"");
    shutdown(dog->socket, SHUT_RDWR);
    dog->is_watching = false;
}

/* Looks once a second: a call costs nothing but setting a time. */
static void *run(void *context)
{
    struct watchdog *dog = context;

    pthread_mutex_lock(&dog->lock);
    while (!dog->ends) {
        if (!dog->is_watching) {
            dog->sleeps = true;
            pthread_cond_wait(&dog->wake, &dog->lock);
            dog->sleeps = false;
            continue;
        }
        condition_wait(&dog->wake, &dog->lock, 1);
        if (dog->is_watching && clock_monotonic() > dog->until)
            bite(dog);
    }
    pthread_mutex_unlock(&dog->lock);
    return NULL;
}

bool watchdog_new(struct watchdog **out, struct error *err)
{
    struct watchdog *dog = calloc(1, sizeof(*dog));

    *out = dog;
    if (!dog)
        return error_memory(err);
    dog->socket = -1;
    pthread_mutex_init(&dog->lock, NULL);
    condition_init(&dog->wake);
    if (pthread_create(&dog->thread, NULL, run, dog) == 0)
        return true;
    pthread_cond_destroy(&dog->wake);
    pthread_mutex_destroy(&dog->lock);
    free(dog);
    *out = NULL;
    return error_set(err, ERROR_RETRY, "no thread could be started");
}

void watchdog_free(struct watchdog *dog)
{
    if (!dog)
        return;
    pthread_mutex_lock(&dog->lock);
    dog->ends = true;
    pthread_cond_signal(&dog->wake);
    pthread_mutex_unlock(&dog->lock);
    pthread_join(dog->thread, NULL);
    pthread_cond_destroy(&dog->wake);
    pthread_mutex_destroy(&dog->lock);
    free(dog);
}

void watchdog_connecting(struct watchdog *dog)
{
    int fd;

    if (!dog)
        return;
    pthread_mutex_lock(&dog->lock);
    dog->socket = -1;
    for (fd = 0; fd < DESCRIPTORS; fd++)
        dog->before[fd] = inode_of(fd);
    pthread_mutex_unlock(&dog->lock);
}

void watchdog_connected(struct watchdog *dog)
{
    if (!dog)
        return;
    pthread_mutex_lock(&dog->lock);
    find_socket(dog);
    pthread_mutex_unlock(&dog->lock);
}

void watchdog_watch(struct watchdog *dog, double seconds)
{
    if (!dog || seconds <= 0)
        return;
    pthread_mutex_lock(&dog->lock);
    dog->until = clock_monotonic() + seconds;
    dog->is_watching = true;
    if (dog->sleeps)
        pthread_cond_signal(&dog->wake);
    pthread_mutex_unlock(&dog->lock);
}

void watchdog_rest(struct watchdog *dog)
{
    if (!dog)
        return;
    pthread_mutex_lock(&dog->lock);
    dog->is_watching = false;
    pthread_mutex_unlock(&dog->lock);
}
