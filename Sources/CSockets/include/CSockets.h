/// What Swift's import of Glibc lacks: batched receive and send, Linux's socket options, epoll's packed event.
///
/// Functions that can fail return a negative errno, so that no caller reads `errno` across a language border.
#ifndef C_SOCKETS_H
#define C_SOCKETS_H

#include <stddef.h>
#include <stdint.h>

/// A fixed set of receive slots in memory of the caller's, for recvmmsg(2).
struct csockets_receiver;

/// `slots` buffers of `size` bytes each, the next one starting `stride` bytes after the one before it. The region is
/// borrowed until `csockets_receiver_free`. NULL when memory is short.
struct csockets_receiver *csockets_receiver_make(uint8_t *region, unsigned slots, size_t size, size_t stride);
void csockets_receiver_free(struct csockets_receiver *receiver);

/// Bit of a length that says that the kernel cut the datagram.
#define CSOCKETS_TRUNCATED 0x80000000u

/// Receives up to `slots` datagrams into the slots, in order, and their lengths into `lengths` (`slots` of them).
/// With `waits`, blocks until there is one and then takes what else is there; else never blocks.
/// Returns the number of datagrams, or a negative errno.
int csockets_receive(struct csockets_receiver *receiver, int fd, int waits, uint32_t *lengths);

/// A fixed set of messages to send, for sendmmsg(2).
struct csockets_sender;
struct csockets_sender *csockets_sender_make(unsigned slots);
void csockets_sender_free(struct csockets_sender *sender);
/// Says what message `slot` holds. The bytes are borrowed until they are sent.
void csockets_sender_set(struct csockets_sender *sender, unsigned slot, const uint8_t *bytes, size_t count);
/// Sends messages `first` up to `first + count` on a connected socket; returns how many were taken, or a negative errno.
int csockets_send(struct csockets_sender *sender, int fd, unsigned first, unsigned count, int waits);

/// Datagrams that the kernel dropped on this socket since it was made: a 32-bit counter that wraps. It is the one that
/// SO_RXQ_OVFL reports, read without waiting for a datagram that carries it. 0 or a negative errno.
int csockets_drops(int fd, uint32_t *drops);

/// Asks for a receive buffer, past net.core.rmem_max where we may. Returns what the kernel says it granted (twice what
/// was asked, when it granted all), or a negative errno.
int csockets_set_receive_buffer(int fd, int bytes);

/// Accepts a connection, non-blocking and closed on exec. The descriptor or a negative errno.
int csockets_accept(int fd);

int csockets_unix_bind(int fd, const char *path);
int csockets_unix_connect(int fd, const char *path);
/// Room for a path in a Unix address, without its final NUL.
size_t csockets_unix_path_limit(void);
/// The process that listens at the other end of a connected Unix stream, or a negative errno.
int csockets_peer_pid(int fd);

#define CSOCKETS_READABLE 1u
#define CSOCKETS_WRITABLE 2u
/// Both directions are gone: the peer closed.
#define CSOCKETS_HUNG_UP 4u

int csockets_epoll_make(void);
/// Watches `fd` for `interest` (READABLE, WRITABLE; level-triggered; HUNG_UP always) under the number `id`.
int csockets_epoll_add(int epoll, int fd, uint32_t interest, uint64_t id);
int csockets_epoll_change(int epoll, int fd, uint32_t interest, uint64_t id);
int csockets_epoll_remove(int epoll, int fd);

#define CSOCKETS_EPOLL_BATCH 256
/// Waits for up to CSOCKETS_EPOLL_BATCH ready descriptors. Returns their number or a negative errno.
int csockets_epoll_wait(int epoll, int timeout_ms, uint64_t *ids, uint32_t *readiness);

/// An eventfd, non-blocking and closed on exec, or a negative errno.
int csockets_eventfd(void);

/// Names the calling thread, blocks all signals in it, and sets how late its sleeps may end.
void csockets_prepare_thread(const char *name, unsigned long timer_slack_ns);
/// Sets how late the calling thread's sleeps may end.
void csockets_set_timer_slack(unsigned long timer_slack_ns);

#endif
