#ifndef C_CURL_TRANSFER_H
#define C_CURL_TRANSFER_H
#include <stddef.h>

/// One HTTP GET by libcurl.
///
/// libcurl is opened when the first transfer asks for it and not before: with the twenty libraries that it brings it
/// costs 6 MB of resident memory and 10 to 25 ms of every start, and most daemons never fetch anything.
typedef struct {
  /// Of the last answer after redirects; 0 when there was none.
  long status;
  /// As the server sent it, for the next If-None-Match; empty: none, or too long to keep.
  char etag[256];
  /// Malloced; the caller frees it. NULL when there is none.
  unsigned char *body;
  size_t body_size;
  /// Why there is no answer; empty: there is one.
  char problem[256];
} llm_curl_answer;

/// Blocks until there is an answer or a reason why not: at most `seconds`, at most `limit` bytes, http and https only,
/// and no redirect from https to http. `etag` may be empty. Any thread; never concurrently with itself.
void llm_curl_get(const char *url, const char *etag, const char *user_agent, size_t limit, long seconds,
                  llm_curl_answer *answer);

#endif
