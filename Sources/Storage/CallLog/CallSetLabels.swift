/// Free labels as a flat JSON object.
enum CallSetLabels {
  static func json(_ labels: [CallSet.Label]) -> String {
    if labels.isEmpty { return "" }
    return "{" + labels.map { quoted($0.key) + ":" + quoted($0.value) }.joined(separator: ",") + "}"
  }

  /// - Returns: what can be read; the text is our own.
  static func parse(_ json: String) -> [CallSet.Label] {
    var strings: [String] = []
    var current: String.UnicodeScalarView?
    var isEscaped = false
    var scalars = json.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard var text = current else {
        if scalar == "\"" { current = String.UnicodeScalarView() }
        continue
      }
      if isEscaped {
        text.append(scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else if scalar == "\"" {
        strings.append(String(text))
        current = nil
        continue
      } else {
        text.append(scalar)
      }
      current = text
    }
    return stride(from: 0, to: strings.count - 1, by: 2).map { .init(key: strings[$0], value: strings[$0 + 1]) }
  }

  /// Values are mended before: they hold no control characters.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
