// The MPI program of the launcher's tests: every rank takes part in one allreduce, then does what the arguments say.
//   ok                 end with 0
//   exit RANK CODE     RANK ends with CODE, the others wait in a barrier
//   abort RANK CODE    RANK calls MPI_Abort
//   shoot RANK         RANK kills itself with SIGKILL
//   wait SECONDS       all wait; SIGUSR1 and SIGTERM are counted and printed, SIGTERM ends the wait
//   save SECONDS       all wait; told to end, the first and the last rank take SECONDS to save, the others fail at once
//   result TEXT        rank 0 writes TEXT to COXSWAIN_TERMINATION_LOG
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t usr1, term;

static void count(int signal) {
  if (signal == SIGUSR1) usr1++;
  else term++;
}

static void wait_seconds(int rank, int seconds) {
  struct sigaction action = {.sa_handler = count};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  MPI_Barrier(MPI_COMM_WORLD);
  printf("rank %d waits\n", rank);
  fflush(stdout);
  int seen = 0;
  for (time_t until = time(NULL) + seconds; time(NULL) < until && term == 0;) {
    usleep(20000);
    if (usr1 == seen) continue;
    seen = usr1;
    printf("rank %d usr1 %d\n", rank, seen);
    fflush(stdout);
  }
  // Long enough for a second SIGTERM to arrive, should somebody send one.
  if (term > 0) usleep(700000);
  printf("rank %d term %d\n", rank, (int)term);
  fflush(stdout);
}

static void wait_and_save(int rank, int size, int seconds) {
  char path[64];
  wait_seconds(rank, 60);
  if (rank != 0 && rank != size - 1) _exit(1);
  for (int i = 0; i < seconds * 50; i++) usleep(20000);
  snprintf(path, sizeof path, "/mnt/cx/saved-%d", rank);
  FILE *file = fopen(path, "w");
  fprintf(file, "saved\n");
  fclose(file);
  _exit(0);
}

// MPICH before 4.2 over UCX now and then hangs in MPI_Finalize: a rank that disconnects needs its peers, and they wait in a
// barrier already that answers nobody (pmodels/mpich, pull request 6596). There ranks leave without it, and tell Hydra so in
// its own words (PMI 1): it takes a rank that is gone without them for one that died, and ends those that are slower to leave.
static int finalize(void) {
#if defined(MPICH_NUMVERSION) && MPICH_NUMVERSION < 40200000
  MPI_Barrier(MPI_COMM_WORLD);
  fflush(NULL);
  char answer[64];
  int pmi = atoi(getenv("PMI_FD"));
  static const char words[] = "cmd=finalize\n";
  if (write(pmi, words, sizeof words - 1) < 0 || read(pmi, answer, sizeof answer) <= 0) _exit(1);
  _exit(0);
#endif
  return MPI_Finalize();
}

int main(int argc, char **argv) {
  int rank, size, sum, one = 1;
  char host[128];
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  gethostname(host, sizeof host);
  printf("rank %d of %d on %s sum %d\n", rank, size, host, sum);
  fflush(stdout);
  const char *deed = argc > 1 ? argv[1] : "ok";
  int chosen = argc > 2 && atoi(argv[2]) == rank;
  if (strcmp(deed, "exit") == 0 && chosen) exit(atoi(argv[3]));
  if (strcmp(deed, "abort") == 0 && chosen) MPI_Abort(MPI_COMM_WORLD, atoi(argv[3]));
  if (strcmp(deed, "shoot") == 0 && chosen) raise(SIGKILL);
  if (strcmp(deed, "exit") == 0 || strcmp(deed, "abort") == 0 || strcmp(deed, "shoot") == 0) MPI_Barrier(MPI_COMM_WORLD);
  if (strcmp(deed, "wait") == 0) wait_seconds(rank, atoi(argv[2]));
  if (strcmp(deed, "save") == 0) wait_and_save(rank, size, atoi(argv[2]));
  if (strcmp(deed, "result") == 0 && rank == 0) {
    FILE *file = fopen(getenv("COXSWAIN_TERMINATION_LOG"), "w");
    fprintf(file, "%s\n", argv[2]);
    fclose(file);
  }
  return finalize();
}
