import Foundation
import Testing

/// Plugins that crash, hang, exit or change the process, each with one fault.
@Suite("`gateway plugins check` survives any plugin", .timeLimit(.minutes(2)))
struct OffendingPluginTests {
    /// Runs the checks of a filter on a plugin with a fault.
    private func complaints(
        _ offence: String,
        _ filter: String,
        defines: [String] = [],
        linking: [String] = [],
        _ more: [String] = []
    ) async throws -> (complaints: [String], check: PluginCheck) {
        let folder = try await OffendingLibrary.compiled(defines, linking: linking)
        let check = try await PluginCheck.run(
            OffendingLibrary.library(in: folder),
            ["--params", "offence=\(offence)", "--filter", filter, "--seed", "1", "--patience", "1"] + more
        )
        return (check.complaints.sorted(), check)
    }

    @Test(
        "A plugin that ends its process, or reads what is not its own, crashes the checks that show it, and no others",
        arguments: [
            ("crash in ping", "^operations", ["CRASHED operations.ping-succeeds"]),
            ("abort in ping", "^operations", ["CRASHED operations.ping-succeeds"]),
            ("output", "^operations", ["FAILED operations.ping-succeeds"]),
            ("exit in flush", "^completion.*(flush|set|ping)-", ["CRASHED completion.flush-ends-exactly-once"]),
            (
                "key as text", "^(hosts.(of-version-1-0|with-)|leases.in-)",
                [
                    "CRASHED hosts.of-version-1-0", "CRASHED hosts.with-guarded-memory",
                    "CRASHED leases.in-a-short-array-are-taken-back-within-it",
                ]
            ),
            (
                "one lease more", "^(hosts.(of-version-1-0|with-structs|with-guarded)|leases.in-)",
                [
                    "CRASHED hosts.of-version-1-0", "CRASHED hosts.with-guarded-memory",
                    "CRASHED leases.in-a-short-array-are-taken-back-within-it",
                ]
            ), ("large host", "^hosts.(of-version-1-0$|with-structs-8)", ["CRASHED hosts.of-version-1-0"]),
            (
                "kept parameter", "^(parameters.are-read|hosts.with-structs)",
                ["CRASHED parameters.are-read-within-their-length"]
            ),
            (
                "own environment", "^parameters.(are|do)",
                ["FAILED parameters.do-not-come-from-the-environment-directly"]
            ),
            (
                "thread", "^(threads.*(of|leave)|leaks.*(thread|descriptor))",
                [
                    "FAILED leaks.no-thread-is-left-by-instances", "FAILED threads.of-its-own-are-joined-by-destroy",
                    "FAILED threads.of-its-own-have-signals-blocked",
                ]
            ),
            ("open file", "^leaks.*(thread|descriptor)", ["FAILED leaks.no-descriptor-is-left-by-instances"]),
            ("lost memory", "^leaks", ["FAILED leaks.no-memory-is-left-by-instances"]),
            ("keeps values", "^leaks", ["FAILED leaks.no-memory-is-left-by-values"]),
            ("directory", "^threads.*(of|leave)", ["FAILED threads.leave-the-process-as-it-is"]),
            ("variable", "^threads.*(of|leave)", ["FAILED threads.leave-the-process-as-it-is"]),
            ("signal", "^threads.*(of|leave)", ["FAILED threads.leave-the-process-as-it-is"]),
            ("slow create", "^lifecycle.create-", ["FAILED lifecycle.create-returns-within-a-second"]),
            ("slow destroy", "^lifecycle.destroy-", ["FAILED lifecycle.destroy-returns-within-a-second"]),
        ]
    )
    func offence(offence: String, filter: String, expected: [String]) async throws {
        let (complaints, check) = try await complaints(offence, filter)
        #expect(complaints == expected, "\(check.explanation)")
        #expect(check.status == 1 && check.results.count > 0)
    }

    @Test("A plugin that hangs is timed out")
    func hang() async throws {
        let (complaints, check) = try await complaints("hang in create", "^lifecycle.create-", ["--timeout", "2"])
        #expect(complaints == ["TIMEOUT lifecycle.create-returns-within-a-second"], "\(check.explanation)")
        #expect(check.status == 1)
    }

    @Test(
        "What happens when the library is loaded is examined before anything else of the process was touched",
        arguments: [
            ("AT_LOAD=start_thread()", ["FAILED load.starts-no-thread"]),
            ("AT_ENTRY=start_thread()", ["FAILED load.starts-no-thread"]),
            (#"AT_LOAD=(void)!open("/dev/null",0)"#, ["FAILED load.opens-no-file"]),
            (#"AT_LOAD=(void)!chdir("/tmp")"#, ["FAILED load.leaves-the-process-as-it-is"]),
            ("AT_LOAD=sleep(1)", ["FAILED load.binds-every-symbol-within-a-second"]),
            ("EXTRA_EXPORT", ["FAILED file.exports-nothing-else"]),
        ]
    )
    func loading(define: String, expected: [String]) async throws {
        let (complaints, check) = try await complaints("none", "^(file|load)", defines: [define])
        #expect(complaints == expected, "\(check.explanation)")
    }

    @Test("An executable stack fails one check")
    func stack() async throws {
        let (complaints, check) = try await complaints("none", "^file", linking: ["-z", "execstack"])
        #expect(complaints == ["FAILED file.has-no-executable-stack"], "\(check.explanation)")
    }

    @Test("A plugin that cannot be loaded is checked as a file, and the rest is skipped with the reason")
    func unloadable() async throws {
        let (complaints, check) = try await complaints(
            "none",
            "^(file|load|descriptor.states)",
            defines: ["AT_LOAD=_exit(3)"]
        )
        #expect(complaints.allSatisfy { $0.hasPrefix("CRASHED load.") } && complaints.count == 4, "\(complaints)")
        #expect(check.skipped.contains("descriptor.states-its-own-size"))
        #expect(check.status == 1)
    }

    @Test("A failed start is followed by destroy alone")
    func failedStart() async throws {
        let (complaints, check) = try await complaints(
            "none",
            "^lifecycle.*(fail|wrong)",
            defines: ["HAS_START="],
            ["--impossible", "token=wrong"]
        )
        #expect(complaints.isEmpty, "\(check.explanation)")
        #expect(check.results.count { $0.result == "PASSED" } == 2, "\(check.results)")
    }

    @Test("Random comparisons go on for as long as is wanted, and a failure says how to repeat it")
    func fuzz() async throws {
        let folder = try await OffendingLibrary.compiled()
        func run(_ offence: String) async throws -> Command.Result {
            try await Command.run(
                Repository.gateway,
                [
                    "plugins", "check", OffendingLibrary.library(in: folder), "--params", "offence=\(offence)",
                    "--fuzz",
                    "0.5", "--seed", "7",
                ]
            )
        }
        let sound = try await run("none")
        #expect(sound.status == 0 && sound.standardOutput.contains("seeds 7 to"), "\(sound)")
        let faulty = try await run("deletes nothing")
        #expect(faulty.status == 1 && faulty.standardError.contains("--filter '^model' --seed 7"), "\(faulty)")
    }

    @Test(
        "A wrong command line is an error of its own",
        arguments: [
            [], ["local", "--filter", "("], ["local", "--filter", "nothing-like-it"], ["local", "--params", "x"],
            ["local", "--params", "max_siz=1"], ["local", "--backend", "redis://h:1"], ["redis", "--backend", "h:1"],
        ]
    )
    func commandLine(arguments: [String]) async throws {
        let result = try await Command.run(
            Repository.gateway,
            ["plugins", "check"] + arguments + ["--plugin-dir", Repository.plugins.path]
        )
        #expect(result.status == 64, "\(result)")
        if arguments.last == "max_siz=1" { #expect(result.standardError.contains("did you mean 'max_size'?")) }
    }
}
