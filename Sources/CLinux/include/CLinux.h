// What the C library has and Swift's Glibc module does not show.
#ifndef C_LINUX_H
#define C_LINUX_H
#include <malloc.h>
#include <sys/random.h>
#endif
