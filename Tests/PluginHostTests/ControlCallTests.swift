import NIOCore
import Synchronization
import Testing

@testable import PluginHost

@Suite("Control functions that do not return")
struct ControlCallTests {
    @Test("a create that takes long is named after a second, and fails when its budget is over")
    func create() throws {
        let lines = LogLines()
        let error = refusal { try instance("hang-create", budget: .milliseconds(1_100), lines) }
        #expect(error?.code == .callOverran)
        #expect(error?.message.contains("has not returned from create within 1.1 s") == true)
        #expect(lines.all.filter { $0.contains("has not returned from create for a second") }.count == 1)
    }

    @Test("a start that takes long fails likewise, and the shutdown of that instance does not wait for it")
    func start() throws {
        let rig = try Rig("hang-start", ["START=start"], callBudget: .milliseconds(60))
        let error = refusal { try rig.instance.start(budget: .seconds(1)) { _ in } }
        #expect(error?.code == .callOverran)
        let began = NIODeadline.now()
        #expect(rig.instance.shutdown(budget: .milliseconds(200)) == .leaked(openOperations: []))
        #expect(NIODeadline.now() - began < .seconds(1))
        #expect(rig.log.all.contains { $0.contains("has still not returned from start") })
    }

    @Test("nobody waits for a plugin once the process was asked to stop")
    func interrupted() throws {
        let began = NIODeadline.now()
        let error = refusal { try instance("hang-create", isInterrupted: { true }, LogLines()) }
        #expect(error?.code == .interrupted)
        #expect(NIODeadline.now() - began < .seconds(1))
    }

    @Test("a shutdown and a destroy that take long are left behind", arguments: ["hang-shutdown", "hang-destroy"])
    func end(behaviour: String) throws {
        let rig = try Rig(behaviour)
        #expect(rig.instance.shutdown(budget: .milliseconds(60)) == .leaked(openOperations: []))
        #expect(rig.log.all.contains { $0.contains("has not returned from \(behaviour.dropFirst(5)) within") })
    }

    @Test("an instance whose start fails is used no more, and is freed without a shutdown")
    func failedStart() throws {
        let rig = try Rig("fail-start", ["START=start"])
        let ends = Mutex<[PluginError?]>([])
        try rig.instance.start(budget: .seconds(1)) { end in ends.withLock { $0.append(end) } }
        let failure = ends.withLock { $0 }.first ?? nil
        #expect(failure?.code == .startFailed)
        #expect(failure?.message.contains("cannot start: no route to sesame") == true)
        #expect(try rig.get(["a"]) == ["<\(OperationFailure.breakerOpen)>"])
        #expect(try rig.set("a", "1") == .breakerOpen)
        #expect(try rig.ping() == .breakerOpen)
        #expect(rig.instance.statistics().isEmpty)
        #expect(rig.instance.health.lookups?.code == "start_failed")
        #expect(rig.instance.shutdown(budget: .seconds(20)) == .destroyed)
    }

    private func instance(
        _ behaviour: String,
        budget: TimeAmount = .seconds(10),
        isInterrupted: @escaping @Sendable () -> Bool = { false },
        _ lines: LogLines
    ) throws -> PluginInstance {
        let folder = try PluginFolder()
        try folder.compile("chaos")
        let plugin = try folder.load("chaos")
        let checked = ParameterChecker(pluginType: "chaos", parameters: plugin.parameters)
            .check([("behaviour", .string(behaviour))])
        return try PluginInstance.create(
            plugin,
            name: "test",
            parameters: checked.values,
            hostVersion: "1",
            settings: .init(eventLoops: 1, callBudget: budget, isInterrupted: isInterrupted),
            log: lines.log
        )
    }

    private func refusal<Result>(_ body: () throws -> Result) -> PluginError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? PluginError
        }
    }
}
