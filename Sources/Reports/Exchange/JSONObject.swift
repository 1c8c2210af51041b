import Events

/// An object that is written member by member; what is empty is left out.
struct JSONObject {
  private var members: [String] = []

  mutating func add(_ key: String, _ value: String) {
    if !value.isEmpty { add(key, raw: JSONText.quote(value)) }
  }

  mutating func add(_ key: String, _ value: Int64, unless absent: Int64? = nil) {
    if value != absent { add(key, raw: String(value)) }
  }

  mutating func add(_ key: String, _ value: Bool) { add(key, raw: value ? "true" : "false") }

  mutating func add(_ key: String, _ object: JSONObject) {
    if !object.members.isEmpty { add(key, raw: object.text) }
  }

  mutating func add(_ key: String, raw: String) { members.append(JSONText.quote(key) + ":" + raw) }

  var text: String { "{" + members.joined(separator: ",") + "}" }
}
