/// One line of a scrape, read by a parser that shares nothing with the renderer. Strict: nil for anything odd.
enum ExpositionLine: Equatable {
  struct Sample: Equatable {
    var name: String
    var labels: [String: String]
    var value: String
    /// What stands after ` # `.
    var exemplar: String?

    /// The value times a power of ten, exactly; nil where it is not written as a plain decimal or does not fit.
    func scaled(by places: Int) -> Int128? {
      let parts = value.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { return nil }
      let part = parts.count == 2 ? String(parts[1]) : ""
      guard part.count <= places, parts.count == 1 || !part.isEmpty, part.last != "0" else { return nil }
      return Int128(whole + part + String(repeating: "0", count: places - part.count))
    }
  }

  case metadata(keyword: String, name: String, text: String)
  case end
  case sample(Sample)

  init?(_ line: String) {
    if line == "# EOF" {
      self = .end
    } else if line.hasPrefix("# ") {
      let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, ["HELP", "TYPE", "UNIT"].contains(parts[1]) else { return nil }
      self = .metadata(keyword: parts[1], name: parts[2], text: parts[3])
    } else {
      guard let sample = Self.sample(Array(line.unicodeScalars)) else { return nil }
      self = .sample(sample)
    }
  }

  private static func sample(_ line: [Unicode.Scalar]) -> Sample? {
    var position = 0
    func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      return String(text)
    }
    func word() -> String {
      let start = position
      while position < line.count, line[position].isASCII, "{}= \",".unicodeScalars.contains(line[position]) == false {
        position += 1
      }
      return string(line[start..<position])
    }
    func take(_ scalar: Unicode.Scalar) -> Bool {
      guard position < line.count, line[position] == scalar else { return false }
      position += 1
      return true
    }
    func quoted() -> String? {
      guard take("\"") else { return nil }
      var value: [Unicode.Scalar] = []
      while position < line.count {
        let scalar = line[position]
        position += 1
        switch scalar {
        case "\"": return string(value)
        case "\\":
          guard position < line.count else { return nil }
          switch line[position] {
          case "n": value.append("\n")
          case "\\": value.append("\\")
          case "\"": value.append("\"")
          default: return nil
          }
          position += 1
        default: value.append(scalar)
        }
      }
      return nil
    }

    let name = word()
    guard !name.isEmpty else { return nil }
    var labels: [String: String] = [:]
    if take("{") {
      repeat {
        let label = word()
        guard !label.isEmpty, take("="), let value = quoted(), labels[label] == nil else { return nil }
        labels[label] = value
      } while take(",")
      guard take("}") else { return nil }
    }
    guard take(" ") else { return nil }
    let value = word()
    guard !value.isEmpty else { return nil }
    var exemplar: String?
    if position < line.count {
      guard take(" "), take("#"), take(" ") else { return nil }
      exemplar = string(line[position...])
    }
    return Sample(name: name, labels: labels, value: value, exemplar: exemplar)
  }
}
