import PluginAPI
import Testing

@testable import PluginHost

@Suite("Values of a plugin are read up to a size")
struct ReadableValuesTests {
    private let byte = UnsafeRawPointer(bitPattern: 64)

    @Test("the limits of the plugin and of the host hold, and only beyond the plugin's own is a value a defect")
    func limits() {
        let values = ReadableValues(pluginLimit: 100, hostLimit: 10)
        #expect(values.verdict(on: gw_slice(p: byte, n: 0)) == .readable)
        #expect(values.verdict(on: gw_slice(p: byte, n: 10)) == .readable)
        #expect(values.verdict(on: gw_slice(p: byte, n: 11)) == .tooLarge)
        #expect(values.verdict(on: gw_slice(p: byte, n: 100)) == .tooLarge)
        #expect(values.verdict(on: gw_slice(p: byte, n: 101)) == .impossible)
        #expect(ReadableValues(pluginLimit: 10, hostLimit: 100).verdict(on: gw_slice(p: byte, n: 11)) == .impossible)
    }

    @Test("a plugin without a limit can have values of four gigabytes, and none of more")
    func noLimit() {
        let values = ReadableValues(pluginLimit: nil, hostLimit: .max)
        #expect(values.verdict(on: gw_slice(p: byte, n: 1 << 32)) == .readable)
        #expect(values.verdict(on: gw_slice(p: byte, n: 1 << 32 + 1)) == .impossible)
        #expect(values.verdict(on: gw_slice(p: byte, n: .max)) == .impossible)
    }

    @Test("NULL is an empty value, and with a length a defect")
    func null() {
        let values = ReadableValues(pluginLimit: 100, hostLimit: 10)
        #expect(values.verdict(on: gw_slice(p: nil, n: 0)) == .readable)
        #expect(values.verdict(on: gw_slice(p: nil, n: 1)) == .impossible)
        #expect(values.verdict(on: gw_slice(p: nil, n: 11)) == .impossible)
    }
}
