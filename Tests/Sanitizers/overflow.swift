// Whether AddressSanitizer finds a read beyond what was allocated. Usage: overflow [deliberate]
let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
bytes.initialize(repeating: 1, count: 8)
print(bytes[CommandLine.arguments.count > 1 ? 8 : 7])
bytes.deallocate()
