/// The bytes that the C library takes for a block of `size` bytes: glibc keeps 8 bytes before each block, allocates
/// multiples of 16 and at least 32, and maps large blocks as whole pages. (Its own `malloc_usable_size` cannot be
/// called from Swift; a test compares the two.)
func allocatedSize(_ size: Int) -> Int {
    let pageThreshold = 128 * 1024
    if size < pageThreshold { return max(32, (size + 8 + 15) & ~15) }
    return (size + 16 + 4095) & ~4095
}
