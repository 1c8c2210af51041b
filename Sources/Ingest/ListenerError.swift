/// Why a listener could not be opened: what was tried, where, what is in the way, and what helps.
public struct ListenerError: Error, Sendable, CustomStringConvertible, Equatable {
  public enum Reason: Sendable, Equatable {
    /// The address's text means nothing.
    case badAddress
    /// Another process has it.
    case inUse
    case notPermitted
    case pathTooLong
    /// The directory of a socket file is missing.
    case noDirectory
    /// Something that is no socket lies where the socket should be.
    case notASocket
    case unknownOwner
    /// Whatever else the system said.
    case system
  }

  public let reason: Reason
  public let description: String

  init(_ reason: Reason, _ description: String) {
    self.reason = reason
    self.description = description
  }
}
