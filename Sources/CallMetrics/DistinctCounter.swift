import Glibc

/// How many distinct values there were, in 2 KB whatever their number: HyperLogLog with 2^11 registers, whose standard
/// error is 1.04/√2048 = 2.3%. Two of them are merged by the greater of each register, so the counts of several times or
/// hosts can be united.
/// Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); the estimate by Ertl, "New cardinality estimation
/// algorithms for HyperLogLog sketches" (2017), algorithm 6.
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

  /// Ertl's improved estimator: as good at every size, where the one of 2007 is too high by 2% at some 2.5 values a
  /// register. It reads how many registers have each rank; those of rank 0 and of the greatest are corrected for the values
  /// that they can't tell apart.
  public var estimate: Double {
    if registers.isEmpty { return 0 }
    let last = 65 - Int(Self.bits)
    var ofRank = [Double](repeating: 0, count: last + 1)
    for register in registers { ofRank[Int(register)] += 1 }
    let count = Double(Self.registerCount)
    var sum = count * Self.tau(1 - ofRank[last] / count)
    for rank in stride(from: last - 1, through: 1, by: -1) { sum = 0.5 * (sum + ofRank[rank]) }
    sum += count * Self.sigma(ofRank[0] / count)
    return count * count / (2 * log(2) * sum)
  }

  /// x + Σ x^(2^k) · 2^(k−1), k from 1: infinite at 1, where no register has a value.
  private static func sigma(_ share: Double) -> Double {
    if share == 1 { return .infinity }
    var power = share
    var weight = 1.0
    var sum = share
    var before = -1.0
    while sum != before {
      power *= power
      before = sum
      sum += power * weight
      weight += weight
    }
    return sum
  }

  /// (1 − x − Σ (1 − x^(2^−k))² · 2^−k) / 3, k from 1.
  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var root = share
    var weight = 1.0
    var sum = 1 - share
    var before = -1.0
    while sum != before {
      root = root.squareRoot()
      before = sum
      weight *= 0.5
      sum -= (1 - root) * (1 - root) * weight
    }
    return sum / 3
  }
}
