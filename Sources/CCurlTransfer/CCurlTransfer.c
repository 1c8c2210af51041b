#include "CCurlTransfer.h"

// The type checks are macros around names that we replace by pointers.
#define CURL_DISABLE_TYPECHECK
#define CURL_NO_OLDIES
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

typedef struct {
  CURLcode (*global_init)(long);
  CURL *(*easy_init)(void);
  CURLcode (*setopt)(CURL *, CURLoption, ...);
  CURLcode (*perform)(CURL *);
  CURLcode (*getinfo)(CURL *, CURLINFO, ...);
  void (*cleanup)(CURL *);
  const char *(*strerror)(CURLcode);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free)(struct curl_slist *);
} curl_library;

static const char *open_library(curl_library *curl) {
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return "libcurl.so.4 is not installed (Debian: libcurl4)";
  *(void **)&curl->global_init = dlsym(library, "curl_global_init");
  *(void **)&curl->easy_init = dlsym(library, "curl_easy_init");
  *(void **)&curl->setopt = dlsym(library, "curl_easy_setopt");
  *(void **)&curl->perform = dlsym(library, "curl_easy_perform");
  *(void **)&curl->getinfo = dlsym(library, "curl_easy_getinfo");
  *(void **)&curl->cleanup = dlsym(library, "curl_easy_cleanup");
  *(void **)&curl->strerror = dlsym(library, "curl_easy_strerror");
  *(void **)&curl->slist_append = dlsym(library, "curl_slist_append");
  *(void **)&curl->slist_free = dlsym(library, "curl_slist_free_all");
  if (!curl->global_init || !curl->easy_init || !curl->setopt || !curl->perform || !curl->getinfo ||
      !curl->cleanup || !curl->strerror || !curl->slist_append || !curl->slist_free)
    return "libcurl.so.4 lacks a function that is needed";
  return curl->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : "libcurl can't be initialised";
}

static curl_library curl;
static const char *library_problem;
static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static void open_once(void) { library_problem = open_library(&curl); }

static atomic_bool is_stopping;
void llm_curl_stop(void) { atomic_store(&is_stopping, 1); }

/// libcurl asks at least once a second, whatever the transfer waits for.
static int asks_to_stop(void *context, curl_off_t size, curl_off_t received, curl_off_t to_send, curl_off_t sent) {
  (void)context, (void)size, (void)received, (void)to_send, (void)sent;
  return atomic_load(&is_stopping);
}

/// A handle, or a reason why there is none.
static CURL *make_handle(llm_curl_answer *answer) {
  memset(answer, 0, sizeof *answer);
  pthread_once(&library_once, open_once);
  if (library_problem) {
    snprintf(answer->problem, sizeof answer->problem, "%s", library_problem);
    return NULL;
  }
  CURL *handle = curl.easy_init();
  if (!handle) {
    snprintf(answer->problem, sizeof answer->problem, "libcurl gives no handle");
    return NULL;
  }
  curl.setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
  curl.setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl.setopt(handle, CURLOPT_XFERINFOFUNCTION, asks_to_stop);
  return handle;
}

static void free_handle(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075700
  // Or it would wait for a name server. An older libcurl at run time knows no such option, and waits.
  if (atomic_load(&is_stopping)) curl.setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#endif
  curl.cleanup(handle);
}

typedef struct {
  llm_curl_answer *answer;
  size_t capacity;
  size_t limit;
  int is_too_large;
} transfer;

/// Room for the sum is checked by subtraction, so that it can't overflow.
static size_t take_body(char *bytes, size_t one, size_t count, void *context) {
  transfer *self = context;
  llm_curl_answer *answer = self->answer;
  if (one != 1 || count > self->limit - answer->body_size) {
    self->is_too_large = 1;
    return 0;
  }
  size_t needed = answer->body_size + count;
  if (needed > self->capacity) {
    size_t capacity = self->capacity ? self->capacity : 64 << 10;
    while (capacity < needed) capacity *= 2;
    unsigned char *grown = realloc(answer->body, capacity);
    if (!grown) return 0;
    answer->body = grown;
    self->capacity = capacity;
  }
  memcpy(answer->body + answer->body_size, bytes, count);
  answer->body_size = needed;
  return count;
}

/// Headers come line by line; those of a redirect come first, and a status line begins each set.
static size_t take_header(char *bytes, size_t one, size_t count, void *context) {
  transfer *self = context;
  if (one != 1) return 0;
  if (count >= 5 && !strncmp(bytes, "HTTP/", 5)) self->answer->etag[0] = 0;
  if (count > 5 && !strncasecmp(bytes, "etag:", 5)) {
    size_t start = 5, end = count;
    while (start < end && (bytes[start] == ' ' || bytes[start] == '\t')) start++;
    while (end > start && (unsigned char)bytes[end - 1] <= ' ') end--;
    if (end - start < sizeof self->answer->etag) {
      memcpy(self->answer->etag, bytes + start, end - start);
      self->answer->etag[end - start] = 0;
    }
  }
  return count;
}

void llm_curl_get(const char *url, const char *etag, const char *user_agent, size_t limit, long seconds,
                  llm_curl_answer *answer) {
  CURL *handle = make_handle(answer);
  if (!handle) return;
  transfer self = {.answer = answer, .capacity = 0, .limit = limit, .is_too_large = 0};
  struct curl_slist *headers = curl.slist_append(NULL, "Accept: application/json, */*;q=0.5");
  if (etag[0]) {
    char line[sizeof answer->etag + 20];
    snprintf(line, sizeof line, "If-None-Match: %s", etag);
    headers = curl.slist_append(headers, line);
  }
  // The bit masks are the older form of CURLOPT_PROTOCOLS_STR; every libcurl takes them.
  const long web = CURLPROTO_HTTP | CURLPROTO_HTTPS;
  const long redirects = strncasecmp(url, "https:", 6) ? web : CURLPROTO_HTTPS;
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  curl.setopt(handle, CURLOPT_PROTOCOLS, web);
  curl.setopt(handle, CURLOPT_REDIR_PROTOCOLS, redirects);
#pragma clang diagnostic pop
  curl.setopt(handle, CURLOPT_URL, url);
  curl.setopt(handle, CURLOPT_USERAGENT, user_agent);
  curl.setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl.setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl.setopt(handle, CURLOPT_MAXREDIRS, 5L);
  curl.setopt(handle, CURLOPT_TIMEOUT, seconds);
  curl.setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl.setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl.setopt(handle, CURLOPT_WRITEDATA, &self);
  curl.setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl.setopt(handle, CURLOPT_HEADERDATA, &self);
  CURLcode code = curl.perform(handle);
  if (self.is_too_large)
    snprintf(answer->problem, sizeof answer->problem, "the answer is larger than %zu bytes", limit);
  else if (code != CURLE_OK)
    snprintf(answer->problem, sizeof answer->problem, "%s", curl.strerror(code));
  else
    curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
  curl.slist_free(headers);
  free_handle(handle);
}

/// What a request is read from and its answer written to.
typedef struct {
  CURL *handle;
  const char *body;
  size_t left;
  FILE *source;
  FILE *target;
  transfer answer;
} sending;

static size_t give_body(char *bytes, size_t one, size_t count, void *context) {
  sending *self = context;
  size_t room = one * count;
  if (self->source) {
    size_t read = fread(bytes, 1, room, self->source);
    return read == 0 && ferror(self->source) ? CURL_READFUNC_ABORT : read;
  }
  size_t given = self->left < room ? self->left : room;
  memcpy(bytes, self->body, given);
  self->body += given;
  self->left -= given;
  return given;
}

/// An error's text goes to memory, so that it can be said; a file gets what was asked for.
static size_t take_answer(char *bytes, size_t one, size_t count, void *context) {
  sending *self = context;
  long status = 0;
  if (self->target) curl.getinfo(self->handle, CURLINFO_RESPONSE_CODE, &status);
  return self->target && status == 200 ? fwrite(bytes, one, count, self->target)
                                       : take_body(bytes, one, count, &self->answer);
}

static struct curl_slist *split(const char *lines) {
  struct curl_slist *list = NULL;
  char *copy = strdup(lines), *rest = copy;
  for (char *line; rest && (line = strsep(&rest, "\n"));)
    if (*line) list = curl.slist_append(list, line);
  free(copy);
  return list;
}

static void set_text(CURL *handle, CURLoption option, const char *text) {
  if (text[0]) curl.setopt(handle, option, text);
}

/// Whether the files could be opened.
static int open_files(const llm_curl_request *request, sending *self, curl_off_t *size) {
  *size = (curl_off_t)request->body_size;
  if (request->body_path[0]) {
    self->source = fopen(request->body_path, "re");
    if (!self->source || fseeko(self->source, 0, SEEK_END)) return 0;
    *size = ftello(self->source);
    rewind(self->source);
  }
  if (request->answer_path[0] && !(self->target = fopen(request->answer_path, "we"))) return 0;
  return 1;
}

static void set_body(CURL *handle, const llm_curl_request *request, sending *self, curl_off_t size) {
  if (!strcmp(request->method, "POST")) {
    // In memory: only then libcurl signs what it sends.
    curl.setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, size);
    curl.setopt(handle, CURLOPT_POSTFIELDS, request->body);
  } else if (strcmp(request->method, "GET")) {
    curl.setopt(handle, CURLOPT_UPLOAD, 1L);
    curl.setopt(handle, CURLOPT_INFILESIZE_LARGE, size);
    curl.setopt(handle, CURLOPT_READFUNCTION, give_body);
    curl.setopt(handle, CURLOPT_READDATA, self);
  }
}

void llm_curl_send(const llm_curl_request *request, llm_curl_answer *answer) {
  CURL *handle = make_handle(answer);
  if (!handle) return;
  sending self = {.handle = handle, .body = request->body, .left = request->body_size,
                  .answer = {.answer = answer, .limit = request->limit}};
  curl_off_t size;
  const int is_mail = !strcmp(request->method, "MAIL");
  struct curl_slist *headers = split(is_mail ? "" : request->headers), *recipients = split(request->recipients);
  if (!open_files(request, &self, &size)) {
    snprintf(answer->problem, sizeof answer->problem, "a file of the transfer can't be opened");
  } else {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
    curl.setopt(handle, CURLOPT_PROTOCOLS,
                is_mail ? (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS) : (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#pragma clang diagnostic pop
    curl.setopt(handle, CURLOPT_URL, request->url);
    curl.setopt(handle, CURLOPT_TIMEOUT, request->seconds);
    set_text(handle, CURLOPT_USERAGENT, request->user_agent);
    set_text(handle, CURLOPT_USERNAME, request->user);
    set_text(handle, CURLOPT_PASSWORD, request->password);
    set_text(handle, CURLOPT_CAINFO, request->authorities);
    if (headers) curl.setopt(handle, CURLOPT_HTTPHEADER, headers);
    CURLcode code = CURLE_OK;
    if (request->signature[0]) code = curl.setopt(handle, CURLOPT_AWS_SIGV4, request->signature);
    if (is_mail) {
      curl.setopt(handle, CURLOPT_MAIL_FROM, request->sender);
      curl.setopt(handle, CURLOPT_MAIL_RCPT, recipients);
      curl.setopt(handle, CURLOPT_USE_SSL, request->needs_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    }
    set_body(handle, request, &self, size);
    curl.setopt(handle, CURLOPT_WRITEFUNCTION, take_answer);
    curl.setopt(handle, CURLOPT_WRITEDATA, &self);
    if (code == CURLE_OK) code = curl.perform(handle);
    else snprintf(answer->problem, sizeof answer->problem, "libcurl is too old to sign (7.75 can)");
    if (code == CURLE_OK) curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    else if (!answer->problem[0]) snprintf(answer->problem, sizeof answer->problem, "%s", curl.strerror(code));
  }
  if (self.source) fclose(self.source);
  if (self.target && fclose(self.target) && !answer->problem[0])
    snprintf(answer->problem, sizeof answer->problem, "the answer's file can't be written");
  curl.slist_free(headers);
  curl.slist_free(recipients);
  free_handle(handle);
}
