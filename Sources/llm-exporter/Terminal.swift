import Glibc

/// Where standard output goes.
struct Terminal {
  let isTerminal: Bool
  /// Columns; nil: as many as it takes.
  let width: Int?
  /// Bold and dim are shown, and nobody asked for none. Source of the variable: https://no-color.org
  let isStyled: Bool

  init() {
    isTerminal = isatty(STDOUT_FILENO) == 1
    var size = winsize()
    if isTerminal, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      width = Int(size.ws_col)
    } else {
      width = ProcessEnvironment.value("COLUMNS").flatMap { Int($0) }.map { max(40, $0) }
    }
    let noColor = ProcessEnvironment.value("NO_COLOR") ?? ""
    isStyled = isTerminal && noColor.isEmpty && ProcessEnvironment.value("TERM") != "dumb"
  }
}

enum ProcessEnvironment {
  /// Commands of one thread read it before anything else could change it.
  static func value(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}

enum Clock {
  /// Nanoseconds since 1970.
  static var now: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
