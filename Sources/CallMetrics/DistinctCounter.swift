import Glibc

/// How many distinct values there were, in 2 KB whatever their number: HyperLogLog with 2^11 registers, whose standard
/// error is 1.04/√2048 = 2.3%. Two of them are merged by the greater of each register, so the counts of several times or
/// hosts can be united.
/// Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); small counts by linear counting, as there.
public struct DistinctCounter: Sendable, Equatable {
  static let bits: UInt64 = 11
  public static let registerCount = 1 << 11
  public static let standardError = 0.023

  /// For each register the greatest rank seen, 0 to 54; empty before the first value.
  public private(set) var registers: [UInt8] = []

  public init() {}

  /// - Returns: nil where these are no registers.
  public init?(registers: [UInt8]) {
    guard registers.isEmpty || registers.count == Self.registerCount, registers.allSatisfy({ $0 <= 54 }) else {
      return nil
    }
    self.registers = registers
  }

  /// - Parameter hash: all of its bits as good as random.
  /// - Returns: whether anything changed.
  @discardableResult
  public mutating func add(_ hash: UInt64) -> Bool {
    if registers.isEmpty { registers = Array(repeating: 0, count: Self.registerCount) }
    let register = Int(truncatingIfNeeded: hash >> (64 - Self.bits))
    let rest = hash << Self.bits | 1 << (Self.bits - 1)
    let rank = UInt8(truncatingIfNeeded: rest.leadingZeroBitCount + 1)
    guard registers[register] < rank else { return false }
    registers[register] = rank
    return true
  }

  public mutating func merge(_ other: DistinctCounter) {
    if other.registers.isEmpty { return }
    if registers.isEmpty {
      registers = other.registers
      return
    }
    for i in registers.indices { registers[i] = max(registers[i], other.registers[i]) }
  }

  public var estimate: Double {
    if registers.isEmpty { return 0 }
    let count = Double(Self.registerCount)
    var sum = 0.0
    var zeros = 0
    for register in registers {
      sum += 1 / Double(UInt64(1) << UInt64(register))
      if register == 0 { zeros += 1 }
    }
    let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
    return raw <= 2.5 * count && zeros > 0 ? count * log(count / Double(zeros)) : raw
  }
}
