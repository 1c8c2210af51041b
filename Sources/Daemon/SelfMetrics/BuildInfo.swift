/// What this program is.
public enum BuildInfo {
  public static let version = "0.1.0"
  public static let swiftVersion: String = {
    #if compiler(>=6.4)
    "6.4"
    #elseif compiler(>=6.3)
    "6.3"
    #else
    "6.2"
    #endif
  }()
  public static let architecture: String = {
    #if arch(x86_64)
    "amd64"
    #elseif arch(arm64)
    "arm64"
    #else
    "other"
    #endif
  }()
  public static var line: String { "llm-exporter \(version) (Swift \(swiftVersion), linux/\(architecture))" }
}
