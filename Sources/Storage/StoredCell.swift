import GRDB

extension Row {
  /// A value that must be there, of the type that is asked for. Whatever else a damaged file holds in its place is damage
  /// to be told, where `row[index]` would end the process.
  func cell<Value: DatabaseValueConvertible>(_ index: Int) throws(StoreError) -> Value {
    let stored: DatabaseValue = self[index]
    guard let value = Value.fromDatabaseValue(stored) else {
      throw .corrupt("\(Array(columnNames)[index]) holds \(stored.storage.kind), where \(Value.self) is expected")
    }
    return value
  }
}

extension DatabaseValue.Storage {
  fileprivate var kind: String {
    switch self {
    case .null: "nothing"
    case .int64: "an integer"
    case .double: "a floating point number"
    case .string: "a text"
    case .blob: "bytes"
    }
  }
}
