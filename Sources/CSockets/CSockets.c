#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSockets.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

// MARK: Receiving

struct csockets_receiver {
  unsigned slots;
  struct iovec *parts;
  struct mmsghdr messages[];
};

struct csockets_receiver *csockets_receiver_make(uint8_t *region, unsigned slots, size_t size, size_t stride) {
  struct csockets_receiver *receiver = calloc(1, sizeof *receiver + slots * sizeof(struct mmsghdr));
  if (!receiver) return NULL;
  receiver->slots = slots;
  receiver->parts = calloc(slots, sizeof(struct iovec));
  if (!receiver->parts) {
    free(receiver);
    return NULL;
  }
  for (unsigned slot = 0; slot < slots; slot++) {
    receiver->parts[slot].iov_base = region + slot * stride;
    receiver->parts[slot].iov_len = size;
    receiver->messages[slot].msg_hdr.msg_iov = &receiver->parts[slot];
    receiver->messages[slot].msg_hdr.msg_iovlen = 1;
  }
  return receiver;
}

void csockets_receiver_free(struct csockets_receiver *receiver) {
  if (!receiver) return;
  free(receiver->parts);
  free(receiver);
}

int csockets_receive(struct csockets_receiver *receiver, int fd, int waits, uint32_t *lengths) {
  // No name and no control data are asked for, so the kernel changes nothing in a header that had to be reset.
  int count = recvmmsg(fd, receiver->messages, receiver->slots, waits ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
  if (count < 0) return -errno;
  for (int slot = 0; slot < count; slot++) {
    const struct mmsghdr *message = &receiver->messages[slot];
    lengths[slot] = message->msg_len | (message->msg_hdr.msg_flags & MSG_TRUNC ? CSOCKETS_TRUNCATED : 0);
  }
  return count;
}

// MARK: Sending

struct csockets_sender {
  struct iovec *parts;
  struct mmsghdr messages[];
};

struct csockets_sender *csockets_sender_make(unsigned slots) {
  struct csockets_sender *sender = calloc(1, sizeof *sender + slots * sizeof(struct mmsghdr));
  if (!sender) return NULL;
  sender->parts = calloc(slots, sizeof(struct iovec));
  if (!sender->parts) {
    free(sender);
    return NULL;
  }
  for (unsigned slot = 0; slot < slots; slot++) {
    sender->messages[slot].msg_hdr.msg_iov = &sender->parts[slot];
    sender->messages[slot].msg_hdr.msg_iovlen = 1;
  }
  return sender;
}

void csockets_sender_free(struct csockets_sender *sender) {
  if (!sender) return;
  free(sender->parts);
  free(sender);
}

void csockets_sender_set(struct csockets_sender *sender, unsigned slot, const uint8_t *bytes, size_t count) {
  sender->parts[slot].iov_base = (void *)bytes;
  sender->parts[slot].iov_len = count;
}

int csockets_send(struct csockets_sender *sender, int fd, unsigned first, unsigned count, int waits) {
  int flags = MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT);
  int sent = sendmmsg(fd, sender->messages + first, count, flags);
  return sent < 0 ? -errno : sent;
}

// MARK: Options

int csockets_drops(int fd, uint32_t *drops) {
  uint32_t info[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof info;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size) < 0) return -errno;
  if (size <= SK_MEMINFO_DROPS * sizeof(uint32_t)) return -ENOTSUP;
  *drops = info[SK_MEMINFO_DROPS];
  return 0;
}

int csockets_set_receive_buffer(int fd, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0)
    return -errno;
  int granted = 0;
  socklen_t size = sizeof granted;
  return getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &size) < 0 ? -errno : granted;
}

// MARK: Unix sockets

int csockets_accept(int fd) {
  int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return accepted < 0 ? -errno : accepted;
}

static int unix_address(struct sockaddr_un *address, const char *path) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) > csockets_unix_path_limit()) return -ENAMETOOLONG;
  strcpy(address->sun_path, path);
  return 0;
}

size_t csockets_unix_path_limit(void) { return sizeof(((struct sockaddr_un *)0)->sun_path) - 1; }

int csockets_unix_bind(int fd, const char *path) {
  struct sockaddr_un address;
  int failure = unix_address(&address, path);
  if (failure) return failure;
  return bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int csockets_unix_connect(int fd, const char *path) {
  struct sockaddr_un address;
  int failure = unix_address(&address, path);
  if (failure) return failure;
  return connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int csockets_peer_pid(int fd) {
  struct ucred credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) return -errno;
  return credentials.pid;
}

// MARK: epoll

static uint32_t to_epoll(uint32_t interest) {
  return (interest & CSOCKETS_READABLE ? EPOLLIN : 0) | (interest & CSOCKETS_WRITABLE ? EPOLLOUT : 0);
}

static int control(int epoll, int operation, int fd, uint32_t interest, uint64_t id) {
  struct epoll_event event = {.events = to_epoll(interest), .data = {.u64 = id}};
  return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int csockets_epoll_make(void) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  return epoll < 0 ? -errno : epoll;
}

int csockets_epoll_add(int epoll, int fd, uint32_t interest, uint64_t id) {
  return control(epoll, EPOLL_CTL_ADD, fd, interest, id);
}

int csockets_epoll_change(int epoll, int fd, uint32_t interest, uint64_t id) {
  return control(epoll, EPOLL_CTL_MOD, fd, interest, id);
}

int csockets_epoll_remove(int epoll, int fd) { return control(epoll, EPOLL_CTL_DEL, fd, 0, 0); }

int csockets_epoll_wait(int epoll, int timeout_ms, uint64_t *ids, uint32_t *readiness) {
  struct epoll_event events[CSOCKETS_EPOLL_BATCH];
  int count = epoll_wait(epoll, events, CSOCKETS_EPOLL_BATCH, timeout_ms);
  if (count < 0) return -errno;
  for (int i = 0; i < count; i++) {
    ids[i] = events[i].data.u64;
    readiness[i] = (events[i].events & (EPOLLIN | EPOLLERR) ? CSOCKETS_READABLE : 0) |
                   (events[i].events & EPOLLOUT ? CSOCKETS_WRITABLE : 0) |
                   (events[i].events & EPOLLHUP ? CSOCKETS_HUNG_UP : 0);
  }
  return count;
}

// MARK: Threads

int csockets_eventfd(void) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

void csockets_prepare_thread(const char *name, unsigned long timer_slack_ns) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  prctl(PR_SET_NAME, name, 0, 0, 0);
  csockets_set_timer_slack(timer_slack_ns);
}

void csockets_set_timer_slack(unsigned long timer_slack_ns) { prctl(PR_SET_TIMERSLACK, timer_slack_ns, 0, 0, 0); }
