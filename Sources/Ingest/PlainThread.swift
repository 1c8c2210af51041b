import CSockets
import Glibc

/// A thread of the system's, for loops that sit in system calls. All signals are blocked in it.
final class PlainThread: Sendable {
  private let ended: EventFlag

  private final class Start {
    let name: String
    let ended: EventFlag
    let body: @Sendable () -> Void
    init(name: String, ended: EventFlag, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.ended = ended
      self.body = body
    }
  }

  /// - Parameter name: the first 15 bytes show in `top -H`.
  init(name: String, body: @escaping @Sendable () -> Void) throws(ListenerError) {
    let ended = try EventFlag()
    self.ended = ended
    // The box is retained here and released by the thread, so it is there for as long as the thread reads it.
    let box = unsafe Unmanaged.passRetained(Start(name: name, ended: ended, body: body))
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { unsafe pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let failure = unsafe pthread_create(
      &thread, &attributes,
      { raw in
        guard let raw = unsafe raw else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
        unsafe csockets_prepare_thread(start.name, UInt(CoalescingPolicy.timerSlackNanoseconds))
        start.body()
        start.ended.raise()
        return nil
      }, box.toOpaque())
    if failure != 0 {
      unsafe box.release()
      throw ListenerError(.system, "cannot start thread \(name): \(describe(errno: failure))")
    }
  }

  /// False when the thread still ran at the end of the limit.
  func join(within limit: Duration) -> Bool { ended.wait(within: limit) }
}
