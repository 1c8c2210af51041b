import CallMetrics

/// How a user may be called in the call log.
public enum StoredUserNames {
  /// The id as it is, for it may be a hash that a report showed, or ids may not be hashed; and its hash, where the key
  /// of the hashes is found.
  ///
  /// - Parameters:
  ///   - directory: of the store.
  ///   - keyFile: as the daemon has it; empty: none.
  public static func all(of user: String, directory: String, keyFile: String) throws(FileProblem) -> [String] {
    let key = try UserKey.existing(
      environment: { Environment.value($0) }, keyFile: keyFile, directory: try? StateDirectory(existing: directory))
    guard let key else { return [user] }
    return [user, SipHash(key: key.hashKey).hexadecimal(Array(user.utf8))]
  }
}
