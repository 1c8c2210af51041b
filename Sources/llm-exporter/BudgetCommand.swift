import ArgumentParser
import Foundation

struct BudgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "budget", abstract: "Say what is left of the budgets, or whether a call is within them.",
    discussion: """
      Asks the running daemon: it knows the limits in force and what was spent up to now. Without a user, team, \
      application, model or estimate all budgets are listed. With one, the exit code is 0 where the call is within every \
      budget that applies, 1 where it is not, and 2 where nobody answered.
      """)

  @Option(help: "Where the daemon is.") var url = "http://127.0.0.1:10780"
  @Option(help: "User who would call, as events have the id.") var user: String?
  @Option(help: "Team that would call.") var team: String?
  @Option(help: "Application that would call.") var application: String?
  @Option(help: "Model that would be called.") var model: String?
  @Option(help: "What the call will cost, in dollars.") var estimate: Double?
  @Option(help: "What the call will use, in tokens.") var estimateTokens: Int?
  @Flag(help: "Print the daemon's answer as it is.") var json = false

  private var parameters: [(String, String)] {
    [
      ("user", user), ("team", team), ("application", application), ("model", model),
      ("estimate", estimate.map { "\($0)" }), ("estimate_tokens", estimateTokens.map { "\($0)" }),
    ].compactMap { name, value in value.map { (name, $0) } }
  }

  func run() throws {
    let isQuestion = !parameters.isEmpty
    let answer: HTTPGet
    do throws(HTTPGet.Failure) {
      answer = try HTTPGet(url, isQuestion ? "/api/v1/budget?" + query : "/api/v1/budgets")
    } catch {
      StandardErrorText.write("llm-exporter: \(error)\n")
      throw ExitCode(2)
    }
    let text = String(decoding: answer.body, as: UTF8.self)
    guard answer.status == 200 else {
      StandardErrorText.write("llm-exporter: \(url) answered \(answer.status): \(text)")
      throw ExitCode(2)
    }
    if json { print(text, terminator: "") }
    if isQuestion {
      let verdict = try Self.decode(BudgetVerdict.self, answer)
      if !json { print(verdict.text, terminator: "") }
      if !verdict.allowed { throw ExitCode(1) }
    } else if !json {
      let list = try Self.decode(BudgetList.self, answer)
      print(list.text, terminator: "")
    }
  }

  private static func decode<Answer: Decodable>(_ type: Answer.Type, _ answer: HTTPGet) throws -> Answer {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(answer.body))
  }

  private var query: String {
    let plain = CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z"))
      .union(CharacterSet(charactersIn: "0"..."9")).union(CharacterSet(charactersIn: "-._~"))
    return parameters.map { name, value in
      "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: plain) ?? "")"
    }.joined(separator: "&")
  }
}

/// One budget as the daemon tells of it.
struct BudgetLine: Decodable {
  var budget: String
  var `for`: String
  var window: String
  var zone: String
  var windowEnd: String
  var limitDollars: Double?
  var spentDollars: Double?
  var remainingDollars: Double?
  var limitTokens: Int64?
  var spentTokens: Int64?
  var remainingTokens: Int64?

  /// A row for each limit.
  var rows: [[String]] {
    var rows: [[String]] = []
    let names = [budget, `for`, "\(window) (\(zone))"]
    let end = String(windowEnd.prefix(16)).replacingOccurrences(of: "T", with: " ") + " UTC"
    if let limit = limitDollars, let spent = spentDollars, let left = remainingDollars {
      rows.append(
        names + [Self.dollars(limit), Self.dollars(spent), Self.dollars(left), Self.share(spent / limit), end])
    }
    if let limit = limitTokens, let spent = spentTokens, let left = remainingTokens {
      rows.append(names + ["\(limit) tokens", "\(spent)", "\(left)", Self.share(Double(spent) / Double(limit)), end])
    }
    return rows
  }

  static func dollars(_ value: Double) -> String {
    String(format: abs(value) < 1 && value != 0 ? "$%.6f" : "$%.2f", value)
  }
  private static func share(_ value: Double) -> String { String(format: "%.1f%%", value * 100) }
}

struct BudgetList: Decodable {
  var budgets: [BudgetLine]

  var text: String {
    if budgets.isEmpty { return "no budgets are configured\n" }
    return Self.table(budgets.flatMap(\.rows)) + "As this exporter saw it; of a budget for each (*), who spent most.\n"
  }

  /// Columns side by side, numbers to the right.
  static func table(_ rows: [[String]]) -> String {
    let head = ["budget", "for", "window", "limit", "spent", "left", "used", "until"]
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return (3...6).contains(column) ? blanks + cell.0 : cell.0 + blanks
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

struct BudgetVerdict: Decodable {
  var allowed: Bool
  var reason: String
  var budgets: [BudgetLine]

  var text: String {
    let rows = budgets.flatMap(\.rows)
    return (allowed ? "allowed: " : "not allowed: ") + reason + "\n" + (rows.isEmpty ? "" : BudgetList.table(rows))
  }
}
