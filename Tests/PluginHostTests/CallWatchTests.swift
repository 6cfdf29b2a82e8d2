import Testing

@testable import PluginHost

@Suite("The watch over event loops")
struct CallWatchTests {
    private let second: UInt64 = 1_000_000_000

    private func call(_ number: UInt64, _ function: PluginFunction = .get) -> CallWatch.Call {
        CallWatch.Call(number: number, function: function)
    }

    @Test("a call that lasts for a second is reported once, and once more when it has returned")
    func held() {
        var watch = CallWatch()
        #expect(watch.check([call(1)], now: 0) == [])
        #expect(watch.check([call(1)], now: second - 1) == [])
        #expect(watch.check([call(1)], now: second) == [.held(.get, nanoseconds: second)])
        #expect(watch.check([call(1)], now: 2 * second) == [])
        #expect(watch.check([nil], now: 3 * second) == [.returned(.get, nanoseconds: 3 * second)])
        #expect(watch.check([nil], now: 4 * second) == [])
    }

    @Test("many short calls in a row are not one long one")
    func short() {
        var watch = CallWatch()
        for number in 0..<100 as Range<UInt64> {
            #expect(watch.check([call(number)], now: number * second) == [])
        }
    }

    @Test("each loop is watched by itself, also one that is added later")
    func several() {
        var watch = CallWatch()
        #expect(watch.check([call(1, .set)], now: 0) == [])
        #expect(watch.check([call(1, .set), call(1, .cancel)], now: second) == [.held(.set, nanoseconds: second)])
        #expect(
            watch.check([call(2, .get), call(1, .cancel)], now: 2 * second)
                == [.returned(.set, nanoseconds: 2 * second), .held(.cancel, nanoseconds: second)]
        )
    }

    @Test("every function has the name that the crash report gives it")
    func names() {
        #expect(PluginFunction.get.name == "get")
        #expect(PluginFunction.delete.name == "del")
        #expect(PluginFunction.statistics.name == "stats")
        #expect(PluginFunction.getExtension.name == "get_extension")
        #expect(Set(PluginFunction.allCases.map(\.name)).count == PluginFunction.allCases.count)
    }
}
