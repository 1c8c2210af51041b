import CPriceTable
import Glibc

/// The table that is linked into the program.
enum ShippedTable {
  static func read(with reader: inout PriceTableReader, into store: inout PriceEntryStore) throws(PriceTableError) {
    guard let start = unsafe llm_price_table() else { return }
    let size = llm_price_table_size()
    // Safe: constant data of the executable, of the size that the same object file states.
    let bytes = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: start, count: size))
    try reader.read(bytes, into: &store)
    unsafe forget(start, size)
  }

  /// The pages of the table are read once, at start; without this they would count as resident memory for good.
  /// They are a read-only mapping of the executable's file: dropped, they come back from it when they are read again.
  private static func forget(_ start: UnsafePointer<UInt8>, _ size: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    guard page > 0 else { return }
    let address = Int(bitPattern: start)
    let first = (address + page - 1) / page * page
    let end = (address + size) / page * page
    guard end > first else { return }
    // Whole pages of the table only, so nothing else is touched; advice that fails costs nothing but memory.
    _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: first), end - first, MADV_DONTNEED)
  }
}
