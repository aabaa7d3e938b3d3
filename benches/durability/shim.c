/* Counts what a program does to the files of one folder, and stops it, or lets it fail, at one of
 * these steps. Loaded before libc (LD_PRELOAD), so that the program itself is the one that ships.
 *
 * SHIM_DIR   the folder; everything below it is counted, in the order in which it happens
 * SHIM_LOG   a file: one line for each step (number, what, how many bytes, where)
 * SHIM_AT    the number of the step at which something happens, from 1
 * SHIM_DO    kill    the process is killed instead of the step
 *            torn    half of the bytes are written (another step is done whole), then it is killed
 *            full    half of the bytes are written; from then on the disk is full (ENOSPC)
 *            quota   from this step on EDQUOT
 *            eio     this step alone fails (EIO)
 *            dead    this step and all that follow fail (EIO)
 *            erofs   from this step on the disk is read-only (EROFS)
 *            moved   before the step the folder is renamed to FOLDER.moved
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static const char *dir, *what;
static long at, step;
static int log_fd = -1, in_shim, ready;

#define REAL(name, type, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void begin(void) {
  if (ready) return;
  ready = 1;
  dir = getenv("SHIM_DIR");
  what = getenv("SHIM_DO");
  const char *number = getenv("SHIM_AT"), *log = getenv("SHIM_LOG");
  at = number ? atol(number) : 0;
  in_shim = 1;
  if (log) log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  in_shim = 0;
}

static int below(const char *path) {
  size_t length = dir ? strlen(dir) : 0;
  return length && strncmp(path, dir, length) == 0 && (path[length] == '/' || !path[length]);
}

static int is_ours(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path);
}

static void note(const char *name, long bytes, const char *path) {
  char line[PATH_MAX + 100];
  REAL("write", ssize_t, int, const void *, size_t);
  int length = snprintf(line, sizeof line, "%ld %s %ld %s\n", step, name, bytes, path);
  if (log_fd >= 0 && real(log_fd, line, length) < 0) abort();
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What is to be done with this step: 0 as ever, -1 it fails (errno is set), 1 half of it. */
static int judge(const char *name, long bytes, const char *path) {
  step++;
  note(name, bytes, path);
  if (!at || !what || step < at) return 0;
  int now = step == at;
  if (!strcmp(what, "kill")) die();
  if (!strcmp(what, "torn")) return 1;
  if (!strcmp(what, "eio")) { if (now) { errno = EIO; return -1; } return 0; }
  if (!strcmp(what, "dead")) { errno = EIO; return -1; }
  if (!strcmp(what, "erofs")) { errno = EROFS; return -1; }
  /* On a full disk a file can be deleted, cut and synced still. */
  int takes_room = !strcmp(name, "write") || !strcmp(name, "create");
  if (!strcmp(what, "full")) {
    if (!takes_room) return 0;
    if (now && bytes > 1) return 1;
    errno = ENOSPC;
    return -1;
  }
  if (!strcmp(what, "quota")) { if (!takes_room) return 0; errno = EDQUOT; return -1; }
  if (!strcmp(what, "moved") && now) {
    char moved[PATH_MAX];
    REAL("rename", int, const char *, const char *);
    snprintf(moved, sizeof moved, "%s.moved", dir);
    if (real(dir, moved)) abort();
  }
  return 0;
}

static int torn(void) { return !strcmp(what, "torn"); }

/* Lets a step that has no bytes happen, or not. */
#define WHOLE(name, path, call) \
  do { \
    int judged = judge(name, 0, path); \
    if (judged < 0) return -1; \
    int result = call; \
    if (judged > 0 && torn()) die(); \
    return result; \
  } while (0)

#define WRITING(name, call, half) \
  do { \
    char path[PATH_MAX]; \
    begin(); \
    if (in_shim || !is_ours(fd, path)) return call; \
    int judged = judge("write", (long)count, path); \
    if (judged < 0) return -1; \
    if (judged > 0) { \
      ssize_t written = half; \
      if (torn()) die(); \
      return written; \
    } \
    return call; \
  } while (0)

ssize_t write(int fd, const void *data, size_t count) {
  REAL("write", ssize_t, int, const void *, size_t);
  if (fd == 1) { begin(); note("answer", (long)count, "-"); }
  WRITING("write", real(fd, data, count), real(fd, data, count / 2));
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t offset) {
  REAL("pwrite", ssize_t, int, const void *, size_t, off_t);
  WRITING("pwrite", real(fd, data, count, offset), real(fd, data, count / 2, offset));
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset) {
  REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
  WRITING("pwrite64", real(fd, data, count, offset), real(fd, data, count / 2, offset));
}

#define ON_FD(name, ...) \
  do { \
    char path[PATH_MAX]; \
    begin(); \
    if (in_shim || !is_ours(fd, path)) return real(__VA_ARGS__); \
    WHOLE(name, path, real(__VA_ARGS__)); \
  } while (0)

int fsync(int fd) { REAL("fsync", int, int); ON_FD("sync", fd); }
int fdatasync(int fd) { REAL("fdatasync", int, int); ON_FD("sync", fd); }
int ftruncate(int fd, off_t size) { REAL("ftruncate", int, int, off_t); ON_FD("cut", fd, size); }
int ftruncate64(int fd, off64_t size) {
  REAL("ftruncate64", int, int, off64_t);
  ON_FD("cut", fd, size);
}

#define ON_PATH(name, path, ...) \
  do { \
    begin(); \
    if (in_shim || !below(path)) return real(__VA_ARGS__); \
    WHOLE(name, path, real(__VA_ARGS__)); \
  } while (0)

int unlink(const char *path) { REAL("unlink", int, const char *); ON_PATH("delete", path, path); }
int rename(const char *from, const char *to) {
  REAL("rename", int, const char *, const char *);
  ON_PATH("rename", to, from, to);
}

int link(const char *from, const char *to) {
  REAL("link", int, const char *, const char *);
  ON_PATH("link", to, from, to);
}
int linkat(int at_from, const char *from, int at_to, const char *to, int flags) {
  REAL("linkat", int, int, const char *, int, const char *, int);
  ON_PATH("link", to, at_from, from, at_to, to, flags);
}

#define OPENING(name) \
  do { \
    int mode = 0; \
    struct stat there; \
    if (flags & O_CREAT) { \
      va_list rest; \
      va_start(rest, flags); \
      mode = va_arg(rest, int); \
      va_end(rest); \
    } \
    REAL(name, int, const char *, int, ...); \
    begin(); \
    if (in_shim || !(flags & O_CREAT) || !below(path) || stat(path, &there) == 0) \
      return real(path, flags, mode); \
    WHOLE("create", path, real(path, flags, mode)); \
  } while (0)

int open(const char *path, int flags, ...) { OPENING("open"); }
int open64(const char *path, int flags, ...) { OPENING("open64"); }
