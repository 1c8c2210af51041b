import Events
import Yams

/// A YAML value as JSON text: price overrides stand in the file as YAML and are read by the price table's own reader.
enum YAMLAsJSON {
  static func text(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): text(scalar)
    case .sequence(let sequence): "[" + sequence.map(text).joined(separator: ",") + "]"
    case .mapping(let mapping):
      "{" + mapping.map { JSONText.quote($0.key.scalar?.string ?? "") + ":" + text($0.value) }.joined(separator: ",")
        + "}"
    case .alias: "null"
    }
  }

  private static func text(_ scalar: Node.Scalar) -> String {
    guard scalar.style == .plain else { return JSONText.quote(scalar.string) }
    switch scalar.string {
    case "", "~", "null": return "null"
    case "true", "false": return scalar.string
    default: return JSONText.isNumber(scalar.string) ? scalar.string : JSONText.quote(scalar.string)
    }
  }
}
