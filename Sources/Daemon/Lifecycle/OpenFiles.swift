import Glibc

/// How the files that the process may have open are shared, so that no kind of client takes those of the others, nor the
/// last ones: without a descriptor the store can't commit, and libdispatch traps where it can't look at its threads.
///
/// | limit | for ourselves | HTTP | all stream listeners |
/// |--:|--:|--:|--:|
/// | 256 | 64 | 64 | 128 |
/// | 1,024 | 128 | 256 | 640 |
/// | 20,000 | 128 | 512 | 19,360 |
struct OpenFiles: Equatable {
  /// More is of no use, and some tables of the kernel's are as long as the limit.
  private static let most = 1 << 20

  let limit: Int

  /// Listeners, the store and its readers, transfers, and what the runtime opens.
  var ourselves: Int { min(128, max(64, limit / 4)) }

  /// Connections of HTTP, all addresses together: more than scrapes, watchers and reports ever need at once.
  var http: Int { min(512, limit / 4) }

  /// Connections of each of so many stream listeners.
  func connections(ofEach listeners: Int) -> Int { max(1, (limit - ourselves - http) / max(1, listeners)) }

  /// Raises the limit to what the process may set itself: the usual 1,024 is there for programs that call select(2).
  static func raise() -> OpenFiles {
    var limits = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    // Both calls read or fill the struct that they are given.
    guard unsafe getrlimit(files, &limits) == 0 else { return OpenFiles(limit: 1024) }
    let before = limits.rlim_cur
    limits.rlim_cur = max(before, min(limits.rlim_max, rlim_t(most)))
    let isRaised = unsafe setrlimit(files, &limits) == 0
    return OpenFiles(limit: Int(clamping: isRaised ? limits.rlim_cur : before))
  }
}
