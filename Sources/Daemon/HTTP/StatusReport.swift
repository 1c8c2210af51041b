/// What the daemon knows about itself at one moment: the landing page, `/-/ready` and `/api/v1/status` show it.
struct StatusReport: Sendable {
  struct Listener: Sendable {
    var name: String
    /// Where it really listens.
    var address: String
    var isUp: Bool
    /// Why it is down.
    var problem: String?
    /// Of a stream.
    var connections: Connections?
  }

  struct Connections: Sendable {
    var open: Int
    var limit: Int
    var accepted: UInt64
    /// Ended because their answers were not read.
    var shed: UInt64
    /// Unfinished lines that were given up for memory.
    var shedLines: UInt64
  }

  struct RejectExample: Sendable {
    var reason: String
    /// Nanoseconds since 1970.
    var time: Int64
    var position: Int
    var detail: String
    var source: String
  }

  struct Prices: Sendable {
    var version: String
    var modelCount: Int
    /// Nanoseconds since 1970 at which the table was made or last fetched.
    var updated: Int64
    var source: String
    var lastProblem: String?
  }

  struct Counts: Sendable {
    var received: Int64 = 0
    var accepted: Int64 = 0
    var rejected: Int64 = 0
    var duplicate: Int64 = 0
    var dropped: Int64 = 0
  }

  var time: Int64 = 0
  var started: Int64 = 0
  var restored = false
  var listeners: [Listener] = []
  var totals = Counts()
  /// Of the last minute, and over how many seconds it was taken (less than 60 after a start).
  var lastMinute = Counts()
  var lastMinuteSeconds = 0.0
  /// Datagrams for which the sockets' buffers had no room.
  var kernelDrops: UInt64 = 0
  var records = 0
  var series = 0
  var lastRejects: [RejectExample] = []
  var prices: Prices?
  var storagePath: String?
  /// Why nothing can be stored; nil: it can, or is not to be.
  var storageFault: String?
  var configurationFile: String?
  var lastReloadProblems: [String] = []

  var lastReloadSucceeded: Bool { lastReloadProblems.isEmpty }

  /// Why the daemon is not ready; empty: it is.
  var obstacles: [String] {
    var obstacles: [String] = []
    if !restored { obstacles.append("stored state is being restored") }
    if let storageFault { obstacles.append("storage: \(storageFault)") }
    for listener in listeners where !listener.isUp {
      obstacles.append("\(listener.name) is down: \(listener.problem ?? "unknown")")
    }
    return obstacles
  }
}
