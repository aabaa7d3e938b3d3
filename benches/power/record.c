/* Runs a program and writes down, in order, what it does to the files below one folder: every write
 * with its bytes, every cut, sync, creation, rename, link and deletion. It looks at the system calls
 * themselves (ptrace), so that nothing is missed that does not go through libc.
 *
 *     record FOLDER RECORD PROGRAM WORD...
 *
 * With RECORD_KILL in its environment it kills the program (SIGKILL) once it has answered.
 *
 * The record is appended to: one line for each event, its fields parted by tabs; after a `write` its
 * bytes. Files and folders are told by their inode numbers.
 *
 *     write INODE OFFSET LENGTH    cut INODE SIZE       sync INODE
 *     create INODE PATH            folder INODE PATH    delete PATH
 *     rename FROM TO               link FROM TO         answer LENGTH
 *     unknown WHAT
 *
 * `answer` is what goes to standard output. `unknown` is a call that would have to be understood.
 * It ends as the program does. Calls that are recorded happen one after the other, also of several
 * threads, so that their order is the one that is written down.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 256 /* threads at once */
#define STOPS_OF_CALLS (SIGTRAP | 0x80)

enum what { NOT_OURS, WRITE, COPY, CUT, SYNC, SYNC_ALL, OPEN, FOLDER, DELETE, RENAME, LINK, MAP, STRANGE };

struct thread {
  pid_t id;
  int within;   /* between the beginning and the end of a call */
  int waiting;  /* its call has not begun yet: that of another thread must end first */
  enum what what;
  uint64_t number, words[6];
  char from[PATH_MAX], to[PATH_MAX];
  int existed;
};

static struct thread threads[MOST];
static struct thread *busy;
static const char *folder;
static FILE *record;

static void fail(const char *why) {
  fprintf(stderr, "record: %s: %s\n", why, strerror(errno));
  exit(70);
}

static int below(const char *path) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

static struct thread *of(pid_t id) {
  struct thread *free = NULL;
  for (int i = 0; i < MOST; i++) {
    if (threads[i].id == id) return &threads[i];
    if (!threads[i].id && !free) free = &threads[i];
  }
  if (!free) { errno = EAGAIN; fail("too many threads"); }
  memset(free, 0, sizeof *free);
  free->id = id;
  return free;
}

/* Where an open file is. */
static int of_fd(pid_t id, int fd, char *path) {
  char link[64];
  if (fd == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", id);
  else snprintf(link, sizeof link, "/proc/%d/fd/%d", id, fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return length >= 0;
}

/* Leaves `.`, `..` and doubled slashes out. The folders are no links: the caller sees to that. */
static void plain(char *path) {
  char out[PATH_MAX] = "", *save = NULL;
  for (char *part = strtok_r(path, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
    if (!strcmp(part, ".")) continue;
    if (!strcmp(part, "..")) { char *last = strrchr(out, '/'); if (last) *last = 0; continue; }
    strncat(out, "/", sizeof out - strlen(out) - 1);
    strncat(out, part, sizeof out - strlen(out) - 1);
  }
  strcpy(path, *out ? out : "/");
}

/* A path that a call names, from an open folder. */
static void named(pid_t id, int at, uint64_t address, char *path) {
  char text[PATH_MAX] = "";
  for (size_t have = 0; have < sizeof text - 1; have++) {
    /* One after the other: the page behind the text may not be there. */
    struct iovec here = {text + have, 1}, there = {(void *)(address + have), 1};
    if (process_vm_readv(id, &here, 1, &there, 1, 0) != 1) fail("a name cannot be read");
    if (!text[have]) break;
  }
  if (*text == '/') strcpy(path, text);
  else {
    char start[PATH_MAX];
    if (!of_fd(id, at, start)) { *path = 0; return; }
    if (snprintf(path, PATH_MAX, "%s/%s", start, text) >= PATH_MAX) fail("a name is too long");
  }
  plain(path);
}

static unsigned long inode(pid_t id, int fd) {
  char link[64];
  struct stat there;
  snprintf(link, sizeof link, "/proc/%d/fd/%d", id, fd);
  if (stat(link, &there)) fail("an open file");
  return there.st_ino;
}

static long long position(pid_t id, int fd) {
  char name[64];
  long long at = -1;
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", id, fd);
  FILE *file = fopen(name, "r");
  if (!file || fscanf(file, "pos: %lld", &at) != 1) fail("a position");
  fclose(file);
  return at;
}

/* What was just written, as it is in the file. */
static void wrote(pid_t id, int fd, long long offset, size_t length) {
  char link[64];
  snprintf(link, sizeof link, "/proc/%d/fd/%d", id, fd);
  int file = open(link, O_RDONLY | O_CLOEXEC);
  char *bytes = malloc(length);
  if (file < 0 || !bytes) fail("a file cannot be read again");
  for (size_t have = 0; have < length;) {
    ssize_t more = pread(file, bytes + have, length - have, offset + have);
    if (more <= 0) fail("a file cannot be read again");
    have += more;
  }
  close(file);
  fprintf(record, "write\t%lu\t%lld\t%zu\n", inode(id, fd), offset, length);
  fwrite(bytes, 1, length, record);
  free(bytes);
}

static int ours(pid_t id, int fd, char *path) { return of_fd(id, fd, path) && below(path); }

/* What a call is that begins; names are read now, for afterwards they may lead elsewhere. */
static enum what begins(struct thread *it) {
  pid_t id = it->id;
  uint64_t *w = it->words;
  int fd = (int)w[0];
  char *from = it->from, *to = it->to;
#define PATHS(what, call) do { call; return below(from) || below(to) ? what : NOT_OURS; } while (0)
  *from = *to = 0;
  it->existed = 0;
  switch (it->number) {
    case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev:
#ifdef SYS_pwritev2
    case SYS_pwritev2:
#endif
      return it->number == SYS_write && fd == 1 ? WRITE : ours(id, fd, from) ? WRITE : NOT_OURS;
#ifdef SYS_copy_file_range
    case SYS_copy_file_range: it->words[0] = w[2]; it->words[3] = w[3]; return ours(id, (int)w[2], from) ? COPY : NOT_OURS;
#endif
    case SYS_sendfile: it->words[3] = 0; return ours(id, fd, from) ? COPY : NOT_OURS;
    case SYS_ftruncate: return ours(id, fd, from) ? CUT : NOT_OURS;
    case SYS_fsync: case SYS_fdatasync: return ours(id, fd, from) ? SYNC : NOT_OURS;
    case SYS_sync: case SYS_syncfs: return SYNC_ALL;
    case SYS_fallocate: case SYS_splice: case SYS_sync_file_range:
      return ours(id, (int)w[it->number == SYS_splice ? 2 : 0], from) ? STRANGE : NOT_OURS;
    case SYS_truncate: PATHS(STRANGE, named(id, AT_FDCWD, w[0], from));
    case SYS_mmap: {
      int shared = (w[3] & MAP_TYPE) != MAP_PRIVATE, written = w[2] & PROT_WRITE;
      return shared && written && !(w[3] & MAP_ANONYMOUS) && ours(id, (int)w[4], from) ? MAP : NOT_OURS;
    }
    case SYS_openat:
      named(id, fd, w[1], from);
      goto opening;
#ifdef SYS_open
    case SYS_open:
      named(id, AT_FDCWD, w[0], from);
      w[2] = w[1];
      goto opening;
#endif
    opening:
      if (!below(from) || !(w[2] & (O_CREAT | O_TRUNC))) return NOT_OURS;
      if ((w[2] & O_TMPFILE) == O_TMPFILE) return STRANGE;
      { struct stat there; it->existed = lstat(from, &there) == 0; }
      return OPEN;
#ifdef SYS_openat2
    case SYS_openat2: PATHS(STRANGE, named(id, fd, w[1], from));
#endif
#ifdef SYS_creat
    case SYS_creat: PATHS(STRANGE, named(id, AT_FDCWD, w[0], from));
    case SYS_mkdir: PATHS(FOLDER, named(id, AT_FDCWD, w[0], from));
    case SYS_rmdir: case SYS_unlink: PATHS(DELETE, named(id, AT_FDCWD, w[0], from));
    case SYS_symlink: PATHS(STRANGE, named(id, AT_FDCWD, w[1], from));
    case SYS_rename: PATHS(RENAME, (named(id, AT_FDCWD, w[0], from), named(id, AT_FDCWD, w[1], to)));
    case SYS_link: PATHS(LINK, (named(id, AT_FDCWD, w[0], from), named(id, AT_FDCWD, w[1], to)));
#endif
    case SYS_mkdirat: PATHS(FOLDER, named(id, fd, w[1], from));
    case SYS_unlinkat: PATHS(DELETE, named(id, fd, w[1], from));
    case SYS_symlinkat: PATHS(STRANGE, named(id, (int)w[1], w[2], from));
#ifdef SYS_renameat
    case SYS_renameat: PATHS(RENAME, (named(id, fd, w[1], from), named(id, (int)w[2], w[3], to)));
#endif
    case SYS_renameat2:
      PATHS(w[4] & RENAME_EXCHANGE ? STRANGE : RENAME, (named(id, fd, w[1], from), named(id, (int)w[2], w[3], to)));
    case SYS_linkat: PATHS(w[4] ? STRANGE : LINK, (named(id, fd, w[1], from), named(id, (int)w[2], w[3], to)));
    default: return NOT_OURS;
  }
}

/* A call has ended: writes it down. */
static void ended(struct thread *it, long long result) {
  pid_t id = it->id;
  int fd = (int)it->words[0];
  if (result < 0) return;
  switch (it->what) {
    case WRITE: {
      if (fd == 1 && it->number == SYS_write && !below(it->from)) {
        fprintf(record, "answer\t%lld\n", result);
        if (getenv("RECORD_KILL")) kill(id, SIGKILL);
        return;
      }
      int placed = it->number != SYS_write && it->number != SYS_writev;
      long long offset = placed ? (long long)it->words[3] : position(id, fd) - result;
      if (result) wrote(id, fd, offset, result);
      return;
    }
    case COPY:
      if (it->words[3]) fprintf(record, "unknown\ta copy to a place that is said\n");
      else if (result) wrote(id, fd, position(id, fd) - result, result);
      return;
    case CUT: fprintf(record, "cut\t%lu\t%llu\n", inode(id, fd), (unsigned long long)it->words[1]); return;
    case SYNC: fprintf(record, "sync\t%lu\n", inode(id, fd)); return;
    case OPEN:
      if (!it->existed) fprintf(record, "create\t%lu\t%s\n", inode(id, (int)result), it->from);
      else if (it->words[2] & O_TRUNC) fprintf(record, "cut\t%lu\t0\n", inode(id, (int)result));
      return;
    case FOLDER: {
      struct stat made;
      if (stat(it->from, &made)) fail(it->from);
      fprintf(record, "folder\t%lu\t%s\n", (unsigned long)made.st_ino, it->from);
      return;
    }
    case DELETE: fprintf(record, "delete\t%s\n", it->from); return;
    case RENAME: fprintf(record, "rename\t%s\t%s\n", it->from, it->to); return;
    case LINK: fprintf(record, "link\t%s\t%s\n", it->from, it->to); return;
    case MAP: {
      /* The index of a log is made anew after a loss of power. */
      size_t length = strlen(it->from);
      if (length < 4 || strcmp(it->from + length - 4, "-shm")) fprintf(record, "unknown\ta map of %s\n", it->from);
      return;
    }
    case SYNC_ALL: fprintf(record, "unknown\ta sync of everything\n"); return;
    case STRANGE: fprintf(record, "unknown\tsystem call %llu at %s\n", (unsigned long long)it->number, it->from); return;
    case NOT_OURS: return;
  }
}

static void go_on(struct thread *it, int with) {
  if (ptrace(PTRACE_SYSCALL, it->id, 0, with) && errno != ESRCH) fail("ptrace");
}

/* A thread stands before or behind a call. */
static void stopped(struct thread *it) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, it->id, sizeof info, &info) <= 0) fail("PTRACE_GET_SYSCALL_INFO");
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    it->number = info.entry.nr;
    memcpy(it->words, info.entry.args, sizeof it->words);
    it->within = 1;
    it->what = NOT_OURS;
    if (busy) { it->waiting = 1; return; }
    it->what = begins(it);
    if (it->what != NOT_OURS) busy = it;
    go_on(it, 0);
    return;
  }
  if (it->within && it->what != NOT_OURS && info.op == PTRACE_SYSCALL_INFO_EXIT)
    ended(it, info.exit.is_error ? -1 : info.exit.rval);
  it->within = 0;
  if (busy == it) {
    busy = NULL;
    for (int i = 0; i < MOST && !busy; i++) {
      struct thread *next = &threads[i];
      if (!next->id || !next->waiting) continue;
      next->waiting = 0;
      next->what = begins(next);
      if (next->what != NOT_OURS) busy = next;
      go_on(next, 0);
    }
  }
  go_on(it, 0);
}

int main(int count, char **words) {
  if (count < 4) { fprintf(stderr, "record FOLDER RECORD PROGRAM WORD...\n"); return 70; }
  folder = words[1];
  record = fopen(words[2], "ae");
  if (!record) fail(words[2]);
  pid_t first = fork();
  if (first < 0) fail("fork");
  if (!first) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) { perror("record: ptrace"); _exit(70); }
    raise(SIGSTOP);
    execv(words[3], words + 3);
    perror("record: the program");
    _exit(70);
  }
  int status;
  if (waitpid(first, &status, 0) != first || !WIFSTOPPED(status)) fail("the program was not begun");
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                 PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, first, 0, options)) fail("ptrace");
  go_on(of(first), 0);
  for (;;) {
    pid_t id = waitpid(-1, &status, __WALL);
    if (id < 0) fail("waitpid");
    struct thread *it = of(id);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (busy == it) busy = NULL;
      it->id = 0;
      if (id != first) continue;
      if (fclose(record)) fail("the record");
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    int signal = WSTOPSIG(status);
    if (signal == STOPS_OF_CALLS) stopped(it);
    /* Events of ptrace, and the first stop of a new thread, are no signals to the program. */
    else go_on(it, status >> 16 || signal == SIGSTOP ? 0 : signal);
  }
}
