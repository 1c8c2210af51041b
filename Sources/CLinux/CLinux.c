#define _GNU_SOURCE
#include "CLinux.h"
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// Executable segments only: they are never written to, so no page of theirs can hold anything that is not in the file.
static int release_code(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || (segment->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) & ~(page - 1);
    // Where the kernel won't (the vDSO), nothing is given back, and nothing is lost.
    (void)madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void llm_release_idle_memory(void) {
  malloc_trim(0);
  dl_iterate_phdr(release_code, NULL);
}
