import CallMetrics
import CivilTime
import Events
import Exposition
import HTTPTypes

/// `/api/v1/budget?user=…&team=…&application=…&model=…&estimate=…` says whether a call is within every budget that applies
/// to it; `/api/v1/budgets` lists all.
///
/// An application may ask before each call: what it takes is a few look-ups under the registry's lock.
struct BudgetEndpoint: Sendable {
  static let path = "/api/v1/budget"
  static let listPath = "/api/v1/budgets"
  private static let names = ["user", "team", "application", "model", "estimate", "estimate_tokens"]

  let isRestored: @Sendable () -> Bool
  let applying: @Sendable (BudgetQuestion) -> [BudgetStanding]
  let all: @Sendable () -> [BudgetStanding]

  func answer(_ query: String) -> HTTPAnswer {
    let question: BudgetQuestion
    do throws(Mismatch) {
      question = try Self.question(query)
    } catch {
      return .text(.badRequest, "found \"\(error.found)\", expected \(error.expected)")
    }
    // Nobody is kept from working because this daemon is not ready.
    guard isRestored() else {
      return .json(BudgetJSON.notReady, .serviceUnavailable, fields: [.retryAfter: "1"])
    }
    let standings = applying(question)
    return .json(BudgetJSON.text(BudgetAnswer(standings, to: question), standings, question))
  }

  func list() -> HTTPAnswer {
    isRestored() ? .json(BudgetJSON.text(all())) : .json(BudgetJSON.notReady, .serviceUnavailable)
  }

  private static func question(_ query: String) throws(Mismatch) -> BudgetQuestion {
    guard let parameters = QueryParameters.parse(query) else {
      throw Mismatch(found: query, expected: "a query in UTF-8, percent-encoded")
    }
    var question = BudgetQuestion()
    var seen: Set<String> = []
    for (name, value) in parameters {
      guard seen.insert(name).inserted else { throw Mismatch(found: name + " twice", expected: "each parameter once") }
      switch name {
      case "user": question.user = value
      case "team": question.team = value
      case "application": question.application = value
      case "model": question.model = value
      case "estimate":
        guard let dollars = Double(value), dollars >= 0, dollars <= 1e9 else {
          throw Mismatch(found: value, expected: "estimate in dollars, from 0 to 1e9")
        }
        question.dollars = Int128((dollars * 1e12).rounded())
      case "estimate_tokens":
        guard let tokens = Int64(value), (0...1 << 50).contains(tokens) else {
          throw Mismatch(found: value, expected: "estimate_tokens as a whole number")
        }
        question.tokens = tokens
      default: throw Mismatch(found: name, expected: "one of \(names.joined(separator: ", "))")
      }
    }
    return question
  }
}

/// The answers about budgets, as JSON. Dollars are exact decimals.
enum BudgetJSON {
  private static let scope = #""scope":"this exporter: calls that other instances saw are not in it""#
  static let notReady = #"{"allowed":true,"reason":"stored sums are not restored yet","remaining":null,\#(scope)}"#

  static func text(_ answer: BudgetAnswer, _ standings: [BudgetStanding], _ question: BudgetQuestion) -> String {
    "{\"allowed\":\(answer.isAllowed),\"reason\":\(JSONText.quote(reason(answer, question)))"
      + ",\"remaining\":\(dollars(answer.remainingDollars))"
      + ",\"remaining_tokens\":\(optional(answer.remainingTokens))"
      + ",\"budget\":\(answer.tightest.map { JSONText.quote($0.budget.name) } ?? "null"),\(scope)"
      + ",\"budgets\":[\(standings.map(standing).joined(separator: ","))]}"
  }

  static func text(_ standings: [BudgetStanding]) -> String {
    "{\(scope),\"budgets\":[\(standings.map(standing).joined(separator: ","))]}"
  }

  private static func reason(_ answer: BudgetAnswer, _ question: BudgetQuestion) -> String {
    guard let tightest = answer.tightest else { return "no budget applies" }
    if answer.isAllowed { return "within every budget that applies" }
    let name = "\(tightest.budget.name) (a \(tightest.budget.window.rawValue))"
    if let left = tightest.remainingDollars, left <= 0 || left < question.dollars {
      return left <= 0
        ? "\(name) is used up: \(dollars(tightest.spentDollars)) of \(dollars(tightest.budget.dollars)) dollars"
        : "\(name) has \(dollars(left)) dollars left, and the call is estimated at \(dollars(question.dollars))"
    }
    let left = tightest.remainingTokens ?? 0
    return left <= 0
      ? "\(name) is used up: \(tightest.spentTokens) of \(optional(tightest.budget.tokens)) tokens"
      : "\(name) has \(left) tokens left, and the call is estimated at \(question.tokens)"
  }

  private static func standing(_ standing: BudgetStanding) -> String {
    var members = [
      "\"budget\":\(JSONText.quote(standing.budget.name))", "\"for\":\(JSONText.quote(standing.scope))",
      "\"window\":\"\(standing.budget.window.rawValue)\"", "\"zone\":\(JSONText.quote(standing.budget.zone.name))",
      "\"window_start\":\"\(WallClock.text(standing.window.lowerBound))\"",
      "\"window_end\":\"\(WallClock.text(standing.window.upperBound))\"",
    ]
    if let limit = standing.budget.dollars {
      members.append(
        "\"limit_dollars\":\(dollars(limit)),\"spent_dollars\":\(dollars(standing.spentDollars))"
          + ",\"remaining_dollars\":\(dollars(standing.remainingDollars))")
    }
    if let limit = standing.budget.tokens {
      members.append(
        "\"limit_tokens\":\(limit),\"spent_tokens\":\(standing.spentTokens)"
          + ",\"remaining_tokens\":\(optional(standing.remainingTokens))")
    }
    return "{\(members.joined(separator: ","))}"
  }

  private static func dollars(_ value: Int128?) -> String {
    guard let value else { return "null" }
    var text: [UInt8] = []
    text.append(value, in: .pico)
    return String(decoding: text, as: UTF8.self)
  }

  private static func optional(_ value: Int64?) -> String { value.map(String.init) ?? "null" }
}
