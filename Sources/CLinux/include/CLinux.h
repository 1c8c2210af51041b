// What the C library has and Swift's Glibc module does not show.
#ifndef C_LINUX_H
#define C_LINUX_H
#include <malloc.h>
#include <sys/random.h>

/// Gives memory back that is not needed until something happens again: free blocks of the heap, and pages of program
/// code, which the kernel maps by the dozen around each one that is used and reads again from its cache when needed.
/// For after start-up and after a scrape, both of which run code that nothing else runs.
void llm_release_idle_memory(void);

#endif
