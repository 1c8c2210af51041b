import CallMetrics
import Glibc

/// `process_*` as every Prometheus client has them, from /proc/self. What can't be read is left out.
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
enum ProcessFamilies {
  static func sample() -> [SampledFamily] {
    var families: [SampledFamily] = []
    func add(_ family: Family, _ value: SampledFamily.Value?) {
      guard let value else { return }
      families.append(SampledFamily(family, [.init([], value)]))
    }
    let stat = Stat()
    add(cpu, stat.map { .nano($0.cpuNanoseconds) })
    add(maxFileDescriptors, limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue)).map { .double($0) })
    add(openFileDescriptors, openDescriptors.map { .integer($0) })
    add(residentMemory, stat.map { .integer($0.residentBytes) })
    add(startTime, stat.flatMap { startNanoseconds($0) }.map { .nano($0) })
    add(threads, stat.map { .integer($0.threads) })
    add(virtualMemory, stat.map { .integer($0.virtualBytes) })
    add(maxVirtualMemory, limit(__rlimit_resource_t(RLIMIT_AS.rawValue)).map { .double($0) })
    return families
  }

  private static let cpu = Family(
    "process_cpu_seconds_total", .counter, unit: "seconds", help: "CPU time of the process, user and system")
  private static let openFileDescriptors = Family("process_open_fds", .gauge, help: "Open file descriptors")
  private static let maxFileDescriptors = Family("process_max_fds", .gauge, help: "Limit on open file descriptors")
  private static let residentMemory = Family(
    "process_resident_memory_bytes", .gauge, unit: "bytes", help: "Resident memory")
  private static let virtualMemory = Family(
    "process_virtual_memory_bytes", .gauge, unit: "bytes", help: "Virtual memory")
  private static let maxVirtualMemory = Family(
    "process_virtual_memory_max_bytes", .gauge, unit: "bytes", help: "Limit on virtual memory")
  private static let startTime = Family(
    "process_start_time_seconds", .gauge, unit: "seconds", help: "When the process started, since 1970")
  private static let threads = Family("process_threads", .gauge, help: "Threads of the process")

  /// The fields of /proc/self/stat that are exposed. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
  struct Stat {
    var cpuNanoseconds: Int64
    var threads: Int64
    var startTicks: Int64
    var virtualBytes: Int64
    var residentBytes: Int64

    init?() {
      guard let bytes = try? FileContent.read("/proc/self/stat", limit: 4096) else { return nil }
      self.init(String(decoding: bytes, as: UTF8.self))
    }

    init?(_ text: String) {
      // The second field is the program's name in parentheses, which may hold blanks and parentheses itself.
      guard let end = text.lastIndex(of: ")") else { return nil }
      let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
      // Numbered from 1 in the manual; field 3 comes first here.
      func field(_ number: Int) -> Int64? { number - 3 < fields.count ? Int64(fields[number - 3]) : nil }
      guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
        let virtual = field(23), let pages = field(24)
      else { return nil }
      cpuNanoseconds = (user + system) &* (1_000_000_000 / ticksPerSecond)
      self.threads = threads
      startTicks = start
      virtualBytes = virtual
      residentBytes = pages &* Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
  }

  static let ticksPerSecond = max(1, Int64(sysconf(Int32(_SC_CLK_TCK))))

  private static func startNanoseconds(_ stat: Stat) -> Int64? {
    guard let bytes = try? FileContent.read("/proc/stat", limit: 1 << 20) else { return nil }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("btime ") }
    guard let boot = line.flatMap({ Int64($0.dropFirst("btime ".count)) }) else { return nil }
    return boot &* 1_000_000_000 &+ stat.startTicks &* (1_000_000_000 / ticksPerSecond)
  }

  private static var openDescriptors: Int64? {
    // The directory stream is ours until closedir; readdir is called from this function only, on this stream.
    guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(directory) }
    var count: Int64 = 0
    while unsafe readdir(directory) != nil { count += 1 }
    // `.`, `..`, and the descriptor that lists them.
    return max(0, count - 3)
  }

  private static func limit(_ resource: __rlimit_resource_t) -> Double? {
    var limits = rlimit()
    // getrlimit fills the struct that it is given.
    guard unsafe getrlimit(resource, &limits) == 0 else { return nil }
    return limits.rlim_cur == rlim_t.max ? .infinity : Double(limits.rlim_cur)
  }
}
