/// The text of server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html
enum EventStream {
  static let contentType = "text/event-stream; charset=utf-8"

  /// One event. A line break within the data begins a new `data:` line, which the receiver joins again; a name is one of
  /// ours and has none.
  static func event(_ name: StaticString, _ data: String) -> String {
    let lines = data.split(separator: "\n", omittingEmptySubsequences: false).map { "data: \($0)\n" }
    return "event: \(name)\n" + lines.joined() + "\n"
  }

  /// How long a client waits before it comes back when the stream ends.
  static func retry(milliseconds: Int) -> String { "retry: \(milliseconds)\n\n" }
}
