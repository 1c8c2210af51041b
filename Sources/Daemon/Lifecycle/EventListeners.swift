import Glibc
import Ingest
import Logging
import ServiceLifecycle

/// The sockets at which events arrive: opened together, drained together.
struct EventListeners: Service, CustomStringConvertible {
  /// What the kernel already holds is read in far less; the limit is for a client that never stops writing.
  private static let drainLimit = Duration.seconds(5)
  /// For the commit that flushes wait for, and for clients that read their answers slowly.
  private static let closeLimit = Duration.seconds(2)

  let listeners: [any Listener]
  let logger: Logger

  var description: String { "event listeners" }

  /// Binds every address, or none.
  static func open(
    _ settings: Configuration.Events, files: OpenFiles, logger: Logger
  ) throws(StartProblem) -> EventListeners {
    try makeRunDirectory(settings)
    let addresses =
      settings.udp.map { ListenerConfiguration.Address.udp($0.description) }
      + settings.unixgram.map { .unixDatagram(path: $0) } + settings.unix.map { .unixStream(path: $0) }
    var listeners: [any Listener] = []
    for address in addresses {
      let configuration = ListenerConfiguration(
        address, socketMode: settings.socketMode,
        socketOwner: settings.socketOwner.isEmpty ? nil : settings.socketOwner,
        socketGroup: settings.socketGroup.isEmpty ? nil : settings.socketGroup,
        receiveBufferBytes: settings.receiveBuffer, maximumLineBytes: settings.maxLineBytes,
        maximumConnections: files.connections(ofEach: settings.unix.count))
      do throws(ListenerError) {
        listeners.append(try Listeners.open(configuration))
      } catch {
        for listener in listeners { listener.close(within: .zero) }
        throw StartProblem("cannot listen for events on \(configuration.name): \(error)")
      }
    }
    return EventListeners(listeners: listeners, logger: logger)
  }

  /// The default directory of the sockets is ours to make; any other is the configuration's promise.
  private static func makeRunDirectory(_ settings: Configuration.Events) throws(StartProblem) {
    let inRunDirectory = (settings.unixgram + settings.unix).contains { $0.hasPrefix(RunDirectory.path + "/") }
    guard inRunDirectory, unsafe mkdir(RunDirectory.path, 0o755) != 0, errno != EEXIST else { return }
    throw StartProblem(
      "cannot create the run directory \(RunDirectory.path): \(SystemWords.error(errno)); "
        + "set --events.listen-unixgram and --events.listen-unix to other paths, or to nothing")
  }

  func start(_ handler: any BatchHandler) throws(StartProblem) {
    for listener in listeners {
      do throws(ListenerError) {
        try listener.start(handler)
      } catch {
        throw StartProblem("cannot start a listener: \(error)")
      }
      log(listener.status())
    }
    if listeners.isEmpty { logger.warning("no listener is on: no event can arrive") }
  }

  private func log(_ status: ListenerStatus) {
    var metadata: Logger.Metadata = ["listener": "\(status.name)", "address": "\(status.boundAddress)"]
    if let buffer = status.receiveBuffer {
      metadata["receive_buffer_asked"] = "\(buffer.askedBytes)"
      metadata["receive_buffer_granted"] = "\(buffer.grantedBytes / 2)"
    }
    logger.info("listening for events", metadata: metadata)
    if let advice = status.receiveBuffer?.advice {
      logger.warning("receive buffer is smaller than asked for: bursts may be lost", metadata: ["advice": "\(advice)"])
    }
  }

  var statuses: [ListenerStatus] { listeners.map { $0.status() } }

  /// Waits for the shutdown, then takes in all that the kernel still holds.
  func run() async throws {
    try? await gracefulShutdown()
    let listeners = listeners
    let logger = logger
    // Draining blocks: it gets threads of its own, and all listeners drain at once.
    await withDiscardingTaskGroup { group in
      for listener in listeners {
        group.addTask {
          await Blocking.run {
            let name = listener.status().name
            if !listener.drain(within: Self.drainLimit) {
              logger.warning("stopped before all was read", metadata: ["listener": "\(name)"])
            }
            listener.close(within: Self.closeLimit)
          }
        }
      }
    }
    logger.info("listeners drained")
  }
}
