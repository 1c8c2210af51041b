#ifndef C_CURL_TRANSFER_H
#define C_CURL_TRANSFER_H
#include <stddef.h>

/// Transfers by libcurl: HTTP and SMTP.
///
/// libcurl is opened when the first transfer asks for it and not before: with the twenty libraries that it brings it
/// costs 6 MB of resident memory and 10 to 25 ms of every start, and most daemons never transfer anything.
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
/// and no redirect from https to http. `etag` may be empty. Any thread.
void llm_curl_get(const char *url, const char *etag, const char *user_agent, size_t limit, long seconds,
                  llm_curl_answer *answer);

/// What is to be sent. No text is NULL; empty is none.
typedef struct {
  /// http, https, smtp or smtps; redirects are not followed.
  const char *url;
  /// GET, POST, PUT, or MAIL, for which `sender` and `recipients` count.
  const char *method;
  /// One a line; of a mail they are part of the body.
  const char *headers;
  const char *sender;
  /// One a line.
  const char *recipients;
  const char *body;
  size_t body_size;
  /// Read in place of `body`, piece by piece.
  const char *body_path;
  /// Takes the answer's body, however large, where the status is 200.
  const char *answer_path;
  const char *user;
  const char *password;
  /// As CURLOPT_AWS_SIGV4 has it.
  const char *signature;
  /// Certificates to trust in place of the system's.
  const char *authorities;
  /// A mail goes by TLS or not at all.
  int needs_tls;
  const char *user_agent;
  size_t limit;
  long seconds;
} llm_curl_request;

/// Blocks as `llm_curl_get` does. Any thread.
void llm_curl_send(const llm_curl_request *request, llm_curl_answer *answer);

/// Ends transfers: those under way within a second, later ones at once. For good. Any thread, any number of times.
void llm_curl_stop(void);

#endif
