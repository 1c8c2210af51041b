public import Glibc

/// The owner and group that a configuration names, as numbers.
public enum SocketFileOwner {
  /// - Parameter text: a name or a number. Nil where there is no such user.
  public static func user(_ text: String) -> uid_t? {
    // The entry is the C library's and is read at once; nothing asks for two at a time.
    uid_t(text) ?? (unsafe getpwnam(text).map { unsafe $0.pointee.pw_uid })
  }

  public static func group(_ text: String) -> gid_t? {
    gid_t(text) ?? (unsafe getgrnam(text).map { unsafe $0.pointee.gr_gid })
  }

  static func resolve(_ configuration: ListenerConfiguration) throws(ListenerError) -> (uid: uid_t?, gid: gid_t?) {
    let name = configuration.name
    var uid: uid_t?
    var gid: gid_t?
    if let owner = configuration.socketOwner {
      uid = user(owner)
      guard uid != nil else { throw ListenerError(.unknownOwner, "\(name): there is no user '\(owner)'") }
    }
    if let group = configuration.socketGroup {
      gid = Self.group(group)
      guard gid != nil else { throw ListenerError(.unknownOwner, "\(name): there is no group '\(group)'") }
    }
    return (uid, gid)
  }
}
