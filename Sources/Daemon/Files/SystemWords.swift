import Glibc

/// The system's words for its numbers.
public enum SystemWords {
  public static func error(_ code: Int32) -> String {
    // strerror's answer may be overwritten by another thread's call; at worst the words are another error's.
    guard let words = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: words)
  }

  /// Of getaddrinfo(3).
  public static func lookup(_ code: Int32) -> String {
    guard let words = unsafe gai_strerror(code) else { return "error \(code)" }
    return unsafe String(cString: words)
  }
}
