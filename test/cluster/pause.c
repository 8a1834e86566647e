// The process that holds a pod's namespaces: it reaps what is orphaned and ends when told to.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) { exit(signal == SIGTERM ? 0 : 1); }
static void reap(int signal) { while (waitpid(-1, NULL, WNOHANG) > 0) { } (void)signal; }

int main(void) {
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
