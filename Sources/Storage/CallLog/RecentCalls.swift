/// Calls of late by the hash of their ids and trace ids, so that a judgement finds the row that it speaks of.
/// Two generations: when the newer one is full it becomes the older one, and the older one goes.
struct RecentCalls {
  static let generation = 32_768

  struct Place {
    var key: Int64
    var set: Int64
  }
  private var newer: [UInt64: Place] = [:]
  private var older: [UInt64: Place] = [:]

  mutating func remember(_ hash: UInt64, _ place: Place) {
    if newer.count >= Self.generation {
      older = newer
      newer.removeAll(keepingCapacity: true)
    }
    newer[hash] = place
  }

  func place(of hash: UInt64) -> Place? { newer[hash] ?? older[hash] }

  mutating func forget() {
    newer.removeAll()
    older.removeAll()
  }
}
