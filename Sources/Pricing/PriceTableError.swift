/// A price table that can't be used at all.
public struct PriceTableError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Fault: Equatable, Sendable {
    /// Not JSON: the byte at which it broke, and what was expected there.
    case syntax(offset: Int, expected: String)
    case tooLarge(bytes: Int, limit: Int)
    /// Fewer models with prices than a table of this kind must have.
    case tooFewModels(found: Int, atLeast: Int)
    case tooManyModels(limit: Int)
  }

  /// The layer's name, as given: a path, a URL, `shipped`.
  public var file: String
  public var fault: Fault

  public init(file: String, fault: Fault) {
    self.file = file
    self.fault = fault
  }

  public var description: String {
    switch fault {
    case .syntax(let offset, let expected): "\(file): byte \(offset): expected \(expected)"
    case .tooLarge(let bytes, let limit): "\(file): \(bytes) bytes; at most \(limit) are read"
    case .tooFewModels(let found, let least): "\(file): \(found) models with prices; expected at least \(least)"
    case .tooManyModels(let limit): "\(file): more than \(limit) models"
    }
  }
}

/// An entry of a price table that was left out (or a detail of it, where the message says so); the rest is in use.
public struct PriceProblem: Equatable, Sendable, CustomStringConvertible {
  public var file: String
  public var model: String
  /// The key of the entry, or "".
  public var key: String
  public var message: String
  /// Of an entry that was refused for the value of its key: what was expected there; else "".
  public var expected: String

  public var description: String {
    "\(file): \(model)\(key.isEmpty ? "" : ": \(key)"): \(message)"
  }
}
