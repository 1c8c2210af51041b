// The baseline: receives datagrams and throws them away, with nothing else in the loop.
//
//   drain PORT [PAUSE_US] [BUFFER_BYTES]
//
// PAUSE_US sleeps so long between batches. Prints "ready" when bound; on SIGTERM prints
// {"datagrams", "bytes", "drops", "batches", "cpu_seconds"} and ends.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { SLOTS = 64, SIZE = 2048 };

static volatile sig_atomic_t stopped;
static int fd;

// A signal between the test of the flag and the call would leave the call waiting: a socket that is shut down ends it.
static void stop(int signal) {
  (void)signal;
  stopped = 1;
  shutdown(fd, SHUT_RD);
}

int main(int argc, char **argv) {
  int port = argc > 1 ? atoi(argv[1]) : 10781;
  long pause_us = argc > 2 ? atol(argv[2]) : 0;
  int buffer = argc > 3 ? atoi(argv[3]) : 4 << 20;
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("bind");
    return 1;
  }

  static unsigned char memory[SLOTS][SIZE];
  static struct iovec parts[SLOTS];
  static struct mmsghdr messages[SLOTS];
  for (int i = 0; i < SLOTS; i++) {
    parts[i] = (struct iovec){memory[i], SIZE};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  puts("ready");
  fflush(stdout);

  uint64_t datagrams = 0, bytes = 0, batches = 0;
  const struct timespec pause = {0, pause_us * 1000};
  while (!stopped) {
    int count = recvmmsg(fd, messages, SLOTS, MSG_WAITFORONE, NULL);
    if (count < 0) {
      if (errno == EINTR) continue;
      perror("recvmmsg");
      return 1;
    }
    if (stopped && count == 1 && messages[0].msg_len == 0) break;
    batches++;
    datagrams += count;
    for (int i = 0; i < count; i++) bytes += messages[i].msg_len;
    // A full batch says that more is waiting: the pause is for a queue that was emptied.
    if (pause_us && count < SLOTS) nanosleep(&pause, NULL);
  }

  uint32_t info[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof info;
  getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"datagrams\":%lu,\"bytes\":%lu,\"drops\":%u,\"batches\":%lu,\"cpu_seconds\":%.6f}\n", datagrams, bytes,
         info[SK_MEMINFO_DROPS], batches, cpu);
  return 0;
}
