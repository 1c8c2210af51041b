import CCurlTransfer
import Dispatch

/// Work that waits in system calls: kept off Swift's cooperative threads, of which there are as many as cores.
enum Blocking {
  private static let queue = DispatchQueue(label: "llm-exporter.blocking", attributes: .concurrent)

  static func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: work()) }
    }
  }

  /// Work of the daemon that transfers something. Its task is cancelled when the daemon stops, which waits for no server:
  /// all transfers end within a second.
  static func runTransfer<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R {
    await withTaskCancellationHandler {
      await run(work)
    } onCancel: {
      llm_curl_stop()
    }
  }
}
