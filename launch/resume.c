#include "resume.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// What storage says that is away for a while, or for this node alone.
static bool passes(int error) { return error == EIO || error == ESTALE || error == ETIMEDOUT || error == ENOTCONN; }

// A program writes a checkpoint under another name, renames it, and then writes its name into LATEST: what LATEST names is
// whole, whatever happened since. Only the first line counts. 0, or an errno.
static int read_latest(const char *path, char *name, size_t size) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return errno;
  errno = 0;
  int error = fgets(name, (int)size, file) != NULL ? 0 : ferror(file) ? errno : 0;
  fclose(file);
  name[strcspn(name, "\r\n")] = '\0';
  return error;
}

bool resume_prepare(enum cause *cause, char *error, size_t size) {
  const char *folder = getenv("CHECKPOINT_DIR");
  if (folder == NULL || *folder == '\0') return true;
  mkdir(folder, 0777);  // the job's own folder on its volume; where it cannot be made the program will say so
  char path[PATH_MAX], name[PATH_MAX] = "";
  int length = snprintf(path, sizeof path, "%s/LATEST", folder);
  int failed = length >= (int)sizeof path ? ENAMETOOLONG : read_latest(path, name, sizeof name);
  bool absent = failed == ENOENT;
  if (failed == 0 && *name == '\0') {
    *cause = LAUNCH_FAILED;
    snprintf(error, size, "%.200s/LATEST names no checkpoint: write the name of one into it, or remove it to begin anew", folder);
    return false;
  }
  if (failed == 0 || absent) failed = setenv("RESUME_FROM", name, 1) == 0 ? 0 : errno;
  if (failed == 0) return true;
  *cause = passes(failed) ? MEMBER_LOST : LAUNCH_FAILED;
  snprintf(error, size, "cannot read where to resume from %.200s/LATEST: %s", folder, strerror(failed));
  return false;
}
