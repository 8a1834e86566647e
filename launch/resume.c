#include "resume.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// A program writes a checkpoint under another name, renames it, and then writes its name into LATEST: what LATEST names is
// whole, whatever happened since. Only the first line counts.
static void read_latest(const char *folder, char *name, size_t size) {
  char path[PATH_MAX];
  name[0] = '\0';
  if (snprintf(path, sizeof path, "%s/LATEST", folder) >= (int)sizeof path) return;
  FILE *file = fopen(path, "re");
  if (file == NULL) return;
  if (fgets(name, (int)size, file) == NULL) name[0] = '\0';
  fclose(file);
  name[strcspn(name, "\r\n")] = '\0';
}

bool resume_prepare(void) {
  const char *folder = getenv("CHECKPOINT_DIR");
  if (folder == NULL || *folder == '\0') return true;
  mkdir(folder, 0777);  // the job's own folder on its volume; where it cannot be made the program will say so
  char name[PATH_MAX];
  read_latest(folder, name, sizeof name);
  return setenv("RESUME_FROM", name, 1) == 0;
}
