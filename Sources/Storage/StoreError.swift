import Foundation
import GRDB

/// Why the store can't be used at the moment.
public enum StoreError: Error, Sendable, CustomStringConvertible {
  /// The directory or the file can't be opened or written: rights, a missing directory, a full disk.
  case unavailable(String)
  /// The disk is full, or the quota used up.
  case full(String)
  /// Another process holds the file.
  case locked(String)
  /// No SQLite file, or one that is not ours.
  case foreign(String)
  /// A SQLite file of ours that is damaged.
  case corrupt(String)
  /// Written by a newer version, which may mean things that this one does not know.
  case newerSchema(found: Int, known: Int)

  /// The file itself is at fault: it is set aside, and a new one is begun.
  public var isFileAtFault: Bool {
    switch self {
    case .foreign, .corrupt: true
    case .unavailable, .full, .locked, .newerSchema: false
    }
  }

  /// Somebody may mend it while we wait, without a restart.
  var passesWithTime: Bool {
    if case .newerSchema = self { false } else { true }
  }

  /// A commit failed for what has nothing to do with the open connection, which stays open.
  var keepsConnection: Bool {
    switch self {
    case .full, .locked: true
    case .unavailable, .foreign, .corrupt, .newerSchema: false
    }
  }

  public var description: String {
    switch self {
    case .unavailable(let why): "the store can't be opened or written: \(why)"
    case .full(let why): "no room for the store: \(why)"
    case .locked(let who): "the store is locked: \(who)"
    case .foreign(let why): "not a file of llm-exporter: \(why)"
    case .corrupt(let why): "the store is damaged: \(why)"
    case .newerSchema(let found, let known):
      "the store has schema \(found), from a newer version; this one knows up to \(known)"
    }
  }

  /// The system's words for an error number.
  static func describe(errno number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
  }

  public init(_ error: any Error) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self = .unavailable("\(error)")
      return
    }
    let text = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(text)
    case .SQLITE_FULL: self = .full(text)
    case .SQLITE_NOTADB: self = .foreign(text)
    case .SQLITE_CORRUPT: self = .corrupt(text)
    default: self = .unavailable(text)
    }
  }
}
