import Foundation
import Testing

@testable import PluginHost

@Suite("A plugin that cannot be used is refused with its own clear error")
struct RefusedPluginTests {
    private func expectRefusal(
        _ folder: PluginFolder,
        _ code: PluginError.Code,
        of type: String = "redis",
        says words: String...,
        location: SourceLocation = #_sourceLocation
    ) {
        let error = folder.refusal(type)
        #expect(error?.code == code, "\(error?.message ?? "accepted")", sourceLocation: location)
        for word in words {
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")", sourceLocation: location)
        }
    }

    @Test(
        "a type that could be a path is no type",
        arguments: ["", "../redis", "Redis", "a.b", "1x", String(repeating: "a", count: 33)]
    )
    func types(name: String) {
        #expect(throws: PluginError.self) { try PluginType(name) }
    }

    @Test("for a missing plugin the message lists what is there and names the nearest")
    func missing() throws {
        let folder = try PluginFolder()
        try folder.compile("redis")
        expectRefusal(folder, .pluginMissing, of: "rediss", says: "there are: redis", "did you mean 'redis'?")
        #expect(try PluginDirectory(path: folder.path).list().map(\.name) == ["redis"])
    }

    @Test("a missing folder, and a file where a folder should be, are refused")
    func folders() throws {
        let folder = try PluginFolder()
        let loader = PluginLoader(directory: PluginDirectory(path: folder.path + "/none"), hostVersion: "1")
        #expect { try loader.load(PluginType("redis")) } throws: { ($0 as? PluginError)?.code == .directoryMissing }
        try Data().write(to: URL(filePath: folder.path + "/file"))
        let other = PluginLoader(directory: PluginDirectory(path: folder.path + "/file"), hostVersion: "1")
        #expect { try other.load(PluginType("redis")) } throws: { ($0 as? PluginError)?.code == .notADirectory }
    }

    @Test("a text file, an empty file and a folder are not shared libraries")
    func notLibraries() throws {
        let folder = try PluginFolder()
        try "#!/bin/sh\n".write(toFile: folder.file("redis"), atomically: true, encoding: .utf8)
        expectRefusal(folder, .notELF, says: folder.file("redis"))
        try Data().write(to: URL(filePath: folder.file("empty")))
        expectRefusal(folder, .notELF, of: "empty")
        try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: false)
        expectRefusal(folder, .notARegularFile, of: "folder", says: "a folder")
    }

    @Test("for a file or folder that others can write to the message has the chmod")
    func writable() throws {
        let folder = try PluginFolder()
        let file = try folder.compile("redis")
        for mode in [0o666, 0o775] {
            chmod(file, mode_t(mode))
            expectRefusal(folder, .writableByOthers, says: "chmod go-w \(file)")
        }
        chmod(file, 0o755)
        #expect(folder.refusal("redis") == nil)
        chmod(folder.path, 0o777)
        expectRefusal(folder, .writableByOthers, says: "chmod go-w \(folder.path)")
        chmod(folder.path, 0o700)
    }

    @Test("for a file of another user the message has the chown")
    func owner() throws {
        let folder = try PluginFolder()
        let file = try folder.compile("redis")
        var status = stat()
        #expect(stat(file, &status) == 0)
        #expect(throws: Never.self) { try FileVetting.vetOwnership(status, path: file, what: "plugin") }
        status.st_uid = geteuid() + 12_345
        let owner = geteuid() == 0 ? "root" : String(geteuid())
        #expect {
            try FileVetting.vetOwnership(status, path: file, what: "plugin")
        } throws: { error in
            let error = error as? PluginError
            return error?.code == .foreignOwner && error?.message.contains("chown \(owner) \(file)") == true
        }
        // Only root can change the owner of a file, and so test that the whole path is refused.
        if chown(file, 12_345, 12_345) == 0 {
            expectRefusal(folder, .foreignOwner, says: "chown root \(file)")
        }
    }

    @Test("a loop of symbolic links and a dangling one are refused, and a sound one is followed")
    func links() throws {
        let folder = try PluginFolder()
        symlink(folder.file("b"), folder.file("a"))
        symlink(folder.file("a"), folder.file("b"))
        expectRefusal(folder, .symbolicLinkLoop, of: "a")
        symlink(folder.path + "/nowhere", folder.file("dangling"))
        expectRefusal(folder, .pluginMissing, of: "dangling", says: "symbolic link")
        let elsewhere = try PluginFolder()
        let target = try elsewhere.compile("redis")
        symlink(target, folder.file("redis"))
        #expect(try folder.load("redis").path.hasSuffix("libgateway-cache-redis.so"))
        chmod(elsewhere.path, 0o777)
        expectRefusal(folder, .writableByOthers)
    }

    @Test("every folder on the way to a plugin is vetted, through symbolic links as well; the message has the chmod")
    func way() throws {
        let folder = try PluginFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/open/inner", withIntermediateDirectories: true)
        let file = try folder.compile("redis")
        try FileManager.default.moveItem(atPath: file, toPath: folder.path + "/open/inner/libgateway-cache-redis.so")
        symlink(folder.path + "/open", folder.path + "/link")
        symlink("inner", folder.path + "/open/inside")
        let way = folder.path + "/open"
        for path in ["/open/inner", "/link/inner", "/open/inside", "/link/../open/./inside/"] {
            let loader = PluginLoader(directory: PluginDirectory(path: folder.path + path), hostVersion: "1")
            func load() throws { _ = try loader.load(PluginType("redis")) }
            try load()
            for mode in [0o777, 0o775] as [mode_t] {
                chmod(way, mode)
                #expect { try load() } throws: { error in
                    let error = error as? PluginError
                    return error?.code == .writableByOthers && error?.message.contains("chmod go-w \(way)'") == true
                }
            }
            // As in /tmp, others cannot rename the file.
            chmod(way, 0o1777)
            try load()
            if chown(way, 12_345, 12_345) == 0 {
                #expect { try load() } throws: { error in
                    let error = error as? PluginError
                    return error?.code == .foreignOwner && error?.message.contains("chown root \(way)'") == true
                }
                chown(way, 0, 0)
            }
            chmod(way, 0o755)
        }
        // Another user has made a link in a folder that everybody can write to.
        chmod(folder.path, 0o1777)
        if lchown(folder.path + "/link", 12_345, 12_345) == 0 {
            let loader = PluginLoader(directory: PluginDirectory(path: folder.path + "/link/inner"), hostVersion: "1")
            #expect { try loader.load(PluginType("redis")) } throws: { error in
                let error = error as? PluginError
                return error?.code == .foreignOwner && error?.message.contains("chown -h root") == true
            }
        }
        chmod(folder.path, 0o700)
    }

    @Test("a library without the entry symbol, or with that of another major version, is refused")
    func entries() throws {
        let folder = try PluginFolder()
        try folder.compile("redis", ["NO_ENTRY"])
        expectRefusal(folder, .noEntrySymbol, says: "gateway_cache_plugin_entry_v1")
        try folder.compile("newer", ["ENTRY=gateway_cache_plugin_entry_v2"])
        expectRefusal(folder, .wrongMajor, of: "newer", says: "offers interface version 2, this gateway speaks 1")
    }

    @Test("a descriptor of another type, too small, or without a function that it needs is refused")
    func descriptors() throws {
        let folder = try PluginFolder()
        let file = try folder.compile("redis")
        try FileManager.default.copyItem(atPath: file, toPath: folder.file("s3"))
        expectRefusal(folder, .wrongType, of: "s3", says: "type 'redis', not 's3'")
        try folder.compile("small", ["STRUCT_SIZE=64"])
        expectRefusal(folder, .descriptorTooSmall, of: "small", says: "64 bytes")
        try folder.compile("noget", ["GET=NULL"])
        expectRefusal(folder, .missingFunction, of: "noget", says: "'get'")
    }

    @Test("a descriptor of version 1.0 works, one larger than this gateway knows too, and a smaller one is refused")
    func sizes() throws {
        let folder = try PluginFolder()
        try folder.compile("larger", ["LARGER"])
        #expect(try folder.load("larger").version == "1.2.0")
        try folder.compile("first", ["STRUCT_SIZE=GW_PLUGIN_SIZE_1_0"])
        #expect(try folder.load("first").parameters.count == 4)
        try folder.compile("smaller", ["STRUCT_SIZE=GW_PLUGIN_SIZE_1_0-1"])
        expectRefusal(folder, .descriptorTooSmall, of: "smaller", says: "223 bytes", "at least 224")
    }

    @Test("a library for another machine, a header of an executable, and a program are refused")
    func architecture() throws {
        let folder = try PluginFolder()
        var bytes = try Data(contentsOf: URL(filePath: folder.compile("redis")))
        bytes[18] = 0xF3
        try bytes.write(to: URL(filePath: folder.file("riscv")))
        expectRefusal(folder, .wrongArchitecture, of: "riscv", says: "machine 243")
        bytes[18] = 62
        bytes[16] = 2
        try bytes.write(to: URL(filePath: folder.file("program")))
        expectRefusal(folder, .notASharedObject, of: "program")
        bytes[4] = 1
        try bytes.write(to: URL(filePath: folder.file("narrow")))
        expectRefusal(folder, .wrongArchitecture, of: "narrow", says: "64-bit")
    }

    @Test("a parameter cannot have a name that is the gateway's in cache_params, or may become so")
    func hostNames() throws {
        let folder = try PluginFolder()
        for (type, name) in [("one", "ttl"), ("two", "gateway_anything"), ("three", "time_to_live")] {
            let alias = type == "three" ? ".aliases=(const char *const[]){\"ttl\", 0}," : ""
            try folder.compile(
                type,
                ["ROW={.struct_size=sizeof(gw_param),.type=GW_PARAM_INT,\(alias).name=\"\(name)\",.doc=\"\"}"]
            )
            let loader = PluginLoader(
                directory: PluginDirectory(path: folder.path),
                hostVersion: "1",
                hostNames: ["ttl"]
            )
            #expect {
                try loader.load(PluginType(type))
            } throws: { error in
                let named = type == "three" ? "ttl" : name
                return (error as? PluginError)?.code == .invalidParameterTable
                    && (error as? PluginError)?.message.contains(
                        "declares '\(named)', which is the gateway's own in cache_params; give it another name"
                    ) == true
            }
        }
    }

    @Test("a parameter cannot have a minimum above its maximum, or a bound that is no number")
    func bounds() throws {
        let folder = try PluginFolder()
        let flags = "GW_PARAM_HAS_MINIMUM|GW_PARAM_HAS_MAXIMUM"
        let row = "ROW={.struct_size=sizeof(gw_param),.flags=\(flags),.name=\"x\",.doc=\"\""
        try folder.compile("whole", ["\(row),.type=GW_PARAM_INT,.minimum=2,.maximum=1}"])
        expectRefusal(folder, .invalidParameterTable, of: "whole", says: "gives 'x' a minimum above its maximum")
        try folder.compile("real", ["\(row),.type=GW_PARAM_FLOAT,.float_minimum=NAN,.float_maximum=1}"])
        expectRefusal(folder, .invalidParameterTable, of: "real", says: "gives 'x' a minimum above its maximum")
    }

    @Test("a row of zeros has no bounds, and whole bounds are exact to 64 bits")
    func exactBounds() throws {
        let folder = try PluginFolder()
        let row = "ROW={.struct_size=sizeof(gw_param),.type=GW_PARAM_INT,.name=\"x\",.doc=\"\""
        try folder.compile("none", ["\(row)}"])
        let unbounded = try #require(try folder.load("none").parameters.first { $0.name == "x" })
        #expect(unbounded.minimum == nil && unbounded.maximum == nil)
        try folder.compile(
            "exact",
            ["\(row),.flags=GW_PARAM_HAS_MINIMUM|GW_PARAM_HAS_MAXIMUM,.minimum=INT64_MAX-1,.maximum=INT64_MAX}"]
        )
        let bounded = try #require(try folder.load("exact").parameters.first { $0.name == "x" })
        #expect(bounded.minimum == .whole(.max - 1) && bounded.maximum == .whole(.max))
        let checker = ParameterChecker(pluginType: "exact", parameters: [bounded])
        #expect(checker.check([("x", .int(.max - 1))]).problems.isEmpty)
        #expect(
            checker.check([("x", .int(.max - 2))]).problems.first?.message.contains("at least 9223372036854775806")
                == true
        )
    }

    @Test("a plugin whose keys are shorter than the gateway's is refused, and the message has both lengths")
    func shortKeys() throws {
        let folder = try PluginFolder()
        try folder.compile("redis", ["MAX_KEY=194"])
        let directory = PluginDirectory(path: folder.path)
        let loader = PluginLoader(directory: directory, hostVersion: "1", leastKeyLimit: 195)
        #expect {
            try loader.load(PluginType("redis"))
        } throws: { error in
            let error = error as? PluginError
            return error?.code == .keysTooShort && error?.message.contains("194") == true
                && error?.message.contains("195") == true
        }
        #expect(throws: Never.self) {
            try PluginLoader(directory: directory, hostVersion: "1", leastKeyLimit: 194).load(PluginType("redis"))
        }
    }

    @Test("an entry function that refuses can say why")
    func refusal() throws {
        let folder = try PluginFolder()
        let path = try folder.compile("redis", ["REFUSAL=\"this machine has no AVX2\""])
        expectRefusal(folder, .entryFailed, says: "\(path) refused to be loaded: this machine has no AVX2")
    }

    @Test("when an instance cannot be made the message names plugin, file and version, and no secret")
    func create() throws {
        let folder = try PluginFolder()
        try folder.compile("chaos")
        let plugin = try folder.load("chaos")
        let checked = ParameterChecker(pluginType: "chaos", parameters: plugin.parameters).check(
            [("broken", .bool(true)), ("password", .string("sesame!"))])
        #expect {
            try PluginInstance.create(
                plugin,
                name: "x",
                parameters: checked.values,
                hostVersion: "1",
                settings: .init(eventLoops: 1),
                log: LogLines().log
            )
        } throws: { error in
            (error as? PluginError)?.message
                == "cache plugin 'chaos' (\(plugin.path), 1.2.0): cannot open with ***"
                && (error as? PluginError)?.parameter == "password"
        }
    }
}
