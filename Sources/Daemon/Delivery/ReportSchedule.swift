import CivilTime
import Logging
import ServiceLifecycle

/// Makes the reports of the configuration when they are due, each on its own, and tries again where it may help.
struct ReportSchedule: Service, CustomStringConvertible {
  /// Seconds before each further attempt.
  static let pauses = [1, 5, 30, 120, 600]
  /// Days that an archive makes up for.
  private static let maxMissed = 31

  let daemon: Daemon
  var description: String { "report schedule" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        var seen: Int64 = -1
        while !Task.isCancelled {
          let minute = WallClock.now / 60_000_000_000
          if minute != seen {
            for report in daemon.configuration.reports { begin(report, in: &group) }
          }
          seen = minute
          try? await Task.sleep(for: .seconds(1))
        }
        group.cancelAll()
      }
    }
  }

  private func begin(_ report: ScheduledReport, in group: inout DiscardingTaskGroup) {
    let now = WallClock.now
    guard let schedule = report.schedule, let path = daemon.durable?.path else { return }
    let zone = TimeZone(named: report.zone) ?? .utc
    let before = daemon.reports.handled(report.name, now: now)
    let due = schedule.due(after: before, through: now, zone: zone)
    guard let latest = due.last else { return daemon.reports.passed(report.name, until: now) }
    // Still at the time before: this one's turn comes with the next minute.
    guard daemon.reports.begin(report.name) else { return }
    // A report of a time long past helps nobody; a day's calls are wanted for every day.
    var times = [latest]
    if case .archive = report.target { times = Array(due.suffix(Self.maxMissed)) }
    group.addTask {
      var handled = before
      for time in times where await make(report, path: path, due: time) { handled = time }
      daemon.reports.end(report.name, handled: handled)
    }
  }

  /// - Returns: false where the daemon stopped first: it is made up for after the next start.
  private func make(_ report: ScheduledReport, path: String, due: Int64) async -> Bool {
    var attempt = 0
    while !Task.isCancelled {
      do throws(DeliveryProblem) {
        let words = try await Self.deliver(report, path: path, due: due, daemon)
        daemon.reports.count(report.name, .sent)
        daemon.logger.info("scheduled report sent", metadata: ["report": "\(report.name)", "what": "\(words)"])
        return true
      } catch {
        if Task.isCancelled { return false }
        let isLast = error.isFinal || attempt == Self.pauses.count
        daemon.logger.log(
          level: isLast ? .error : .warning, isLast ? "scheduled report failed" : "scheduled report is tried again",
          metadata: ["report": "\(report.name)", "problem": "\(error)"])
        daemon.reports.count(report.name, isLast ? .failed : .retried)
        if isLast { return true }
        try? await Task.sleep(for: .seconds(Self.pauses[attempt]))
        attempt += 1
      }
    }
    return false
  }

  private static func deliver(
    _ report: ScheduledReport, path: String, due: Int64, _ daemon: Daemon
  ) async throws(DeliveryProblem) -> String {
    let outcome = await Blocking.runTransfer { () -> Result<String, DeliveryProblem> in
      do {
        return .success(
          try ReportDelivery(report: report, path: path, due: due, prices: daemon.priceBook).run())
      } catch let problem as DeliveryProblem {
        return .failure(problem)
      } catch {
        return .failure(DeliveryProblem("\(error)", isFinal: false))
      }
    }
    return try outcome.get()
  }
}
