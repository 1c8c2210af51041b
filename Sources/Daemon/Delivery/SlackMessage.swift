/// A report as Slack's own markup has it, a table in a block of fixed width. What senders of events called their
/// applications must neither end that block nor call anybody.
///
/// Source: https://docs.slack.dev/messaging/formatting-message-text
enum SlackMessage {
  /// Slack cuts a message at 40,000 characters.
  private static let maxScalars = 38_000

  static func text(_ title: String, table: String) -> String {
    "*\(escaped(title))*\n```\n\(escaped(table))\n```"
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    var count = 0
    for scalar in text.unicodeScalars {
      let part =
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "`": "'"
        default: String(scalar)
        }
      count += part.unicodeScalars.count
      if count > maxScalars { break }
      escaped += part
    }
    return escaped
  }
}
