import Glibc

/// The owner and group that a configuration names, as numbers.
enum SocketFileOwner {
  static func resolve(_ configuration: ListenerConfiguration) throws(ListenerError) -> (uid: uid_t?, gid: gid_t?) {
    let name = configuration.name
    var uid: uid_t?
    var gid: gid_t?
    if let owner = configuration.socketOwner {
      uid = uid_t(owner)
      // The entry is the C library's and is read at once; listeners are opened one after the other.
      if uid == nil, let entry = unsafe getpwnam(owner) { uid = unsafe entry.pointee.pw_uid }
      guard uid != nil else { throw ListenerError(.unknownOwner, "\(name): there is no user '\(owner)'") }
    }
    if let group = configuration.socketGroup {
      gid = gid_t(group)
      if gid == nil, let entry = unsafe getgrnam(group) { gid = unsafe entry.pointee.gr_gid }
      guard gid != nil else { throw ListenerError(.unknownOwner, "\(name): there is no group '\(group)'") }
    }
    return (uid, gid)
  }
}
