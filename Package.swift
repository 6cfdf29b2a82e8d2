// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// MARK: What is used of other packages

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let instrumentation: Target.Dependency = .product(name: "Instrumentation", package: "swift-distributed-tracing")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// The dependencies of swift-nio. We import none of them. They are named only so that their versions can be pinned
/// without a warning that they are unused, and only for a platform that we do not build for, so that nothing more is
/// built.
let transitive: [Target.Dependency] = [
    .product(name: "Atomics", package: "swift-atomics", condition: .when(platforms: [.windows])),
    .product(name: "DequeModule", package: "swift-collections", condition: .when(platforms: [.windows])),
    .product(name: "SystemPackage", package: "swift-system", condition: .when(platforms: [.windows])),
]

// MARK: How our targets are declared

/// What every Swift target of ours is held to.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library in Sources, or for tests alone in the folder given.
func library(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

/// Tests/<name>. `data`: files and folders in it that are no sources.
func tests(_ name: String, _ dependencies: [Target.Dependency], data: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: data, swiftSettings: strict)
}

/// A program of Tests/<name> that says what the gateway makes of a fuzzer's cases.
func probe(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

/// Headers of a library of the operating system. `debian`: the package that has them.
func systemLibrary(_ name: String, pkgConfig: String? = nil, debian: String? = nil) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/SystemLibraries/\(name)",
        pkgConfig: pkgConfig,
        providers: debian.map { [.apt([$0])] }
    )
}

/// A bundled cache plugin: Plugins/<name>, and the entry function, which is in a target of its own because tests link
/// several plugins into one program and each library exports the same one symbol.
///
/// All entry targets compile the same file, Plugins/Entry.swift, to which each folder has a symbolic link. The file
/// imports the plugin's module by the name `Cache`.
func cachePlugin(_ name: String, systemLibraries: [Target.Dependency] = []) -> [Target] {
    [
        .target(
            name: name,
            dependencies: ["PluginAPI", "PluginKit"] + systemLibraries,
            path: "Plugins/\(name)",
            exclude: ["Entry"],
            swiftSettings: strict
        ),
        .target(
            name: "\(name)Plugin",
            dependencies: ["PluginAPI", "PluginKit", .target(name: name)],
            path: "Plugins/\(name)/Entry",
            swiftSettings: strict + [.unsafeFlags(["-module-alias", "Cache=\(name)"])],
            linkerSettings: pluginLinking(library: "libgateway-cache-\(name.dropLast(5).lowercased()).so")
        ),
    ]
}

/// A cache plugin is a library that needs nothing of the host's: it carries its own Swift runtime
/// and exports the entry function only. See docs/decisions/0001-swift-runtime-is-linked-statically.md.
///
/// It is told its name, since the linker would otherwise write the path of the file that it makes into it.
func pluginLinking(library: String) -> [LinkerSetting] {
    [
        .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/packaging/plugin.exports"]),
        .unsafeFlags(
            ["-static-stdlib", "-Xlinker", "-soname=\(library)"]
                + ["defs", "nodelete", "now", "relro"].flatMap { ["-Xlinker", "-z", "-Xlinker", $0] },
            .when(configuration: .release)
        ),
    ]
}

// MARK: The targets

/// The interface of cache plugins, and what authors of plugins use. Depends on nothing else here.
let plugins: [Target] = [
    .target(name: "PluginAPI"),
    library("PluginKit", ["CLinux", "PluginAPI"]),
    library("PluginConformance", ["ELF", "PluginAPI", "Subprocess"]),
]

/// The gateway, the lowest layers first.
let gateway: [Target] = [
    library("Text"),
    library("HTTPSyntax", ["Text"]),
    library("Deadlines", [nioCore]),
    library("CallTypes"),
    library("JSON", ["Text", nioCore]),
    // Bodies with Content-Encoding.
    library("ContentCoding", ["CZlib", "CZstd", nioCore]),
    // What the gateway counts, and the text that Prometheus reads.
    library("MetricFamilies", [coreMetrics]),
    library("ELF"),
    library("Subprocess", ["CLinux"]),
    // The last line of a process that a plugin ends.
    .target(name: "CrashReport"),
    library(
        "PluginHost",
        ["CLinux", "COpenSSL", "CrashReport", "Deadlines", "ELF", "JSON", "PluginAPI", "Text", nioCore]
    ),
    library("ResponseCache", ["COpenSSL", "CallTypes", "HTTPSyntax", "JSON", "Text", nioCore]),
    library("Dialects", ["CallTypes", "HTTPSyntax", "JSON", "ResponseCache", "Text", nioCore]),
    library(
        "Upstream",
        [
            "COpenSSL", "CallTypes", "Deadlines", "HTTPSyntax", "JSON", "Text", nioCore, nioPosix, nioHTTP1, nioTLS,
            nioSSL,
        ]
    ),
    // Traces as values: their context, spans, and when these are sent to a collector.
    library("OpenTelemetry", ["HTTPSyntax", "Text", nioCore]),
    library("Configuration", ["CLibYAML", "CallTypes", "HTTPSyntax", "JSON", "Text"]),
    .executableTarget(
        name: "Gateway",
        dependencies: [
            "CThreads", "CallTypes", "Configuration", "ContentCoding", "CrashReport", "Deadlines", "Dialects",
            "HTTPSyntax", "JSON", "MetricFamilies", "OpenTelemetry", "PluginAPI", "PluginConformance",
            "PluginHost", "ResponseCache",
            "Subprocess", "Text", "Upstream", nioCore, nioPosix, nioHTTP1, nioTLS, nioSSL, coreMetrics, instrumentation,
            logging,
            tracing, argumentParser,
        ] + transitive,
        // The parts of the page, of which scripts/page.py makes a source.
        exclude: ["Dashboard/Page"],
        swiftSettings: strict
    ),
]

let bundledPlugins: [Target] =
    cachePlugin("LocalCache")
    + cachePlugin("RedisCache", systemLibraries: ["CHiredis", "CLinux", "COpenSSL", "COpenSSLTLS"])
    + cachePlugin("S3Cache", systemLibraries: ["CCurl", "COpenSSL"])

let systemLibraries: [Target] = [
    // What the C library has and Swift's overlay of it lacks.
    systemLibrary("CLinux"),
    systemLibrary("CThreads"),
    systemLibrary("CLibYAML", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
    systemLibrary("COpenSSL", pkgConfig: "libcrypto", debian: "libssl-dev"),
    systemLibrary("COpenSSLTLS", pkgConfig: "libssl", debian: "libssl-dev"),
    systemLibrary("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    systemLibrary("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
    systemLibrary("CHiredis", debian: "libhiredis-dev"),
    systemLibrary("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
]

let testTargets: [Target] = [
    // Random values that are the same for the same seed.
    library("SeededRandom", path: "Tests/SeededRandom"),
    // Another reader of JSON to compare ours with, and values in many spellings.
    library("JSONReference", ["SeededRandom"], path: "Tests/JSONReference"),
    // For the fuzzer in Tests/Forms: conversions between streams and answers in one piece.
    probe("FormsProbe", ["Dialects", "JSON", "ResponseCache", nioCore]),
    // For the fuzzer in Tests/Controls: what is made of the cache's controls.
    probe("ControlsProbe", ["Dialects", "JSON", "ResponseCache", nioCore]),
    // Bodies with a content coding.
    library("CodedBodies", ["CZlib", "CZstd"], path: "Tests/CodedBodies"),
    // A scripted server, and counters and flags for many threads.
    library("TestSupport", path: "Tests/TestSupport"),
    tests("PluginAPITests", ["PluginAPI"], data: ["abi"]),
    tests("PluginKitTests", ["PluginAPI", "PluginKit"]),
    tests("PluginConformanceTests", ["PluginAPI", "PluginConformance"], data: ["Plugins"]),
    tests("TextTests", ["SeededRandom", "Text"]),
    tests("HTTPSyntaxTests", ["HTTPSyntax", "SeededRandom"]),
    tests("ContentCodingTests", ["CodedBodies", "ContentCoding", "SeededRandom", nioCore]),
    tests("OpenTelemetryTests", ["OpenTelemetry", nioCore]),
    tests("MetricFamiliesTests", ["MetricFamilies", coreMetrics]),
    tests("ELFTests", ["ELF"]),
    tests("SubprocessTests", ["Subprocess"]),
    tests("DeadlinesTests", ["Deadlines", nioCore, nioEmbedded]),
    tests("PluginHostTests", ["Deadlines", "PluginAPI", "PluginHost", nioCore, nioPosix], data: ["Plugins"]),
    tests("CallTypesTests", ["CallTypes"]),
    tests("JSONTests", ["JSON", "JSONReference", "SeededRandom", nioCore]),
    tests(
        "ResponseCacheTests",
        ["CallTypes", "Dialects", "JSON", "ResponseCache", "SeededRandom", nioCore, nioEmbedded]
    ),
    tests(
        "DialectsTests",
        ["CallTypes", "Dialects", "HTTPSyntax", "JSON", "JSONReference", "ResponseCache", "SeededRandom", nioCore]
    ),
    tests(
        "UpstreamTests",
        [
            "CallTypes", "Deadlines", "Dialects", "HTTPSyntax", "JSON", "SeededRandom", "Text", "Upstream", nioCore,
            nioEmbedded,
            nioHTTP1, nioPosix, nioTLS, nioSSL,
        ]
    ),
    tests("ConfigurationTests", ["CallTypes", "Configuration", "Dialects", "SeededRandom"], data: ["Golden"]),
    tests("LocalCacheTests", ["LocalCache", "PluginAPI", "PluginConformance", "PluginKit", "SeededRandom"]),
    tests("RedisCacheTests", ["PluginAPI", "PluginConformance", "PluginKit", "RedisCache", "TestSupport"]),
    tests("S3CacheTests", ["PluginAPI", "PluginConformance", "PluginKit", "S3Cache", "TestSupport"]),
    tests(
        "GatewayTests",
        [
            "CallTypes", "Configuration", "Dialects", "Gateway", "HTTPSyntax", "JSON", "MetricFamilies", "PluginHost",
            "ResponseCache",
            "OpenTelemetry", "SeededRandom", "Upstream", instrumentation, logging, tracing, argumentParser, nioCore,
            nioEmbedded, nioHTTP1, nioPosix,
        ],
        data: ["Assembly/Plugins"]
    ),
    tests(
        "EndToEndTests",
        ["CLinux", "CodedBodies", "PluginConformance", nioCore, nioEmbedded, nioHTTP1, nioPosix],
        data: ["Plugins"]
    ),
]

let package = Package(
    name: "gateway",
    products: [
        .executable(name: "gateway", targets: ["Gateway"]),
        .library(name: "PluginKit", targets: ["PluginKit", "PluginAPI"]),
        .library(name: "gateway-cache-local", type: .dynamic, targets: ["LocalCachePlugin"]),
        .library(name: "gateway-cache-redis", type: .dynamic, targets: ["RedisCachePlugin"]),
        .library(name: "gateway-cache-s3", type: .dynamic, targets: ["S3CachePlugin"]),
    ],
    // Exact, those of swift-nio's dependencies too: SwiftPM's file of resolved versions is not committed, since it also
    // records from where packages were fetched, which differs from one builder to the next. These are the versions that
    // everything was tested and measured with.
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-atomics.git", exact: "1.3.0"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
    ],
    targets: plugins + gateway + bundledPlugins + systemLibraries + testTargets,
    swiftLanguageModes: [.v6]
)
