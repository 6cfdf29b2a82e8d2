// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What every Swift target of ours is held to.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A cache plugin is a library that needs nothing of the host's: it carries its own Swift runtime
/// and exports the entry function only. See docs/decisions/0001-swift-runtime-is-linked-statically.md.
let pluginLinking: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib",
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/plugin.exports",
            "-Xlinker", "-z", "-Xlinker", "defs",
            "-Xlinker", "-z", "-Xlinker", "nodelete",
            "-Xlinker", "-z", "-Xlinker", "now",
            "-Xlinker", "-z", "-Xlinker", "relro",
        ],
        .when(configuration: .release)
    )
]

let package = Package(
    name: "gateway",
    products: [
        .executable(name: "gateway", targets: ["Gateway"]),
        .library(name: "gateway-cache-local", type: .dynamic, targets: ["LocalCachePlugin"]),
        .library(name: "gateway-cache-redis", type: .dynamic, targets: ["RedisCachePlugin"]),
        .library(name: "gateway-cache-s3", type: .dynamic, targets: ["S3CachePlugin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    ],
    targets: [
        // MARK: The plugin interface

        .target(name: "PluginAPI"),
        .target(name: "PluginKit", dependencies: ["CLinux", "PluginAPI"], swiftSettings: strict),

        // MARK: The gateway, layer by layer

        .target(name: "Spelling", swiftSettings: strict),
        .target(
            name: "Deadlines",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .target(
            name: "PluginHost",
            dependencies: [
                "Deadlines", "PluginAPI", "Spelling",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "ResponseCache",
            dependencies: ["COpenSSL", "Spelling", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict
        ),
        .target(
            name: "Upstream",
            dependencies: [
                "COpenSSL", "Deadlines", "Spelling",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .target(name: "Configuration", dependencies: ["CLibYAML", "Spelling"], swiftSettings: strict),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "CLinux", "Configuration", "Deadlines", "PluginHost", "ResponseCache", "Spelling", "Upstream",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // MARK: The bundled plugins. Each has its entry function in a target of its own, since tests link several
        // plugins into one program and each library exports the same one symbol.

        .target(
            name: "LocalCache",
            dependencies: ["PluginAPI", "PluginKit"],
            path: "Plugins/LocalCache",
            exclude: ["Entry"],
            swiftSettings: strict
        ),
        .target(
            name: "LocalCachePlugin",
            dependencies: ["LocalCache", "PluginAPI", "PluginKit"],
            path: "Plugins/LocalCache/Entry",
            swiftSettings: strict,
            linkerSettings: pluginLinking
        ),
        .target(
            name: "RedisCache",
            dependencies: ["CHiredis", "CLinux", "COpenSSL", "COpenSSLTLS", "PluginAPI", "PluginKit"],
            path: "Plugins/RedisCache",
            exclude: ["Entry"],
            swiftSettings: strict
        ),
        .target(
            name: "RedisCachePlugin",
            dependencies: ["PluginAPI", "PluginKit", "RedisCache"],
            path: "Plugins/RedisCache/Entry",
            swiftSettings: strict,
            linkerSettings: pluginLinking
        ),

        .target(
            name: "S3Cache",
            dependencies: ["CCurl", "COpenSSL", "PluginAPI", "PluginKit"],
            path: "Plugins/S3Cache",
            exclude: ["Entry"],
            swiftSettings: strict
        ),
        .target(
            name: "S3CachePlugin",
            dependencies: ["PluginAPI", "PluginKit", "S3Cache"],
            path: "Plugins/S3Cache/Entry",
            swiftSettings: strict,
            linkerSettings: pluginLinking
        ),

        // MARK: System libraries

        .systemLibrary(
            name: "CLibYAML",
            path: "Sources/SystemLibraries/CLibYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/SystemLibraries/COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSLTLS",
            path: "Sources/SystemLibraries/COpenSSLTLS",
            pkgConfig: "libssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CHiredis",
            path: "Sources/SystemLibraries/CHiredis",
            providers: [.apt(["libhiredis-dev"])]
        ),

        .systemLibrary(
            name: "CCurl",
            path: "Sources/SystemLibraries/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        // What the C library has and Swift's overlay of it lacks.
        .systemLibrary(name: "CLinux", path: "Sources/SystemLibraries/CLinux"),

        // MARK: Tests

        // Random values that are the same for the same seed.
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),

        // Drives a plugin as the host does.
        .target(
            name: "PluginDriver",
            dependencies: ["PluginAPI", "PluginKit"],
            path: "Tests/PluginDriver",
            swiftSettings: strict
        ),

        // Tells the fuzzer in Tests/Forms what the conversions between streams and answers in one piece make of its cases.
        .executableTarget(
            name: "FormsProbe",
            dependencies: ["ResponseCache", .product(name: "NIOCore", package: "swift-nio")],
            path: "Tests/FormsProbe",
            swiftSettings: strict
        ),

        // Tells the fuzzer in Tests/Controls what is made of its controls, to the millisecond.
        .executableTarget(
            name: "ControlsProbe",
            dependencies: ["ResponseCache", .product(name: "NIOCore", package: "swift-nio")],
            path: "Tests/ControlsProbe",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PluginAPITests",
            dependencies: ["PluginAPI"],
            exclude: ["abi"],
            swiftSettings: strict
        ),
        .testTarget(name: "PluginKitTests", dependencies: ["PluginAPI", "PluginKit"], swiftSettings: strict),
        .testTarget(name: "SpellingTests", dependencies: ["SeededRandom", "Spelling"], swiftSettings: strict),
        .testTarget(
            name: "DeadlinesTests",
            dependencies: [
                "Deadlines",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PluginHostTests",
            dependencies: [
                "Deadlines", "PluginAPI", "PluginHost",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Plugins"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ResponseCacheTests",
            dependencies: [
                "ResponseCache", "SeededRandom",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UpstreamTests",
            dependencies: [
                "Deadlines", "SeededRandom", "Spelling", "Upstream",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["Configuration", "SeededRandom"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "LocalCacheTests",
            dependencies: ["LocalCache", "PluginAPI", "PluginKit", "SeededRandom"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedisCacheTests",
            dependencies: ["CHiredis", "PluginAPI", "PluginDriver", "PluginKit", "RedisCache"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "S3CacheTests",
            dependencies: ["PluginAPI", "PluginDriver", "PluginKit", "S3Cache"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "ResponseCache", "SeededRandom",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CLinux", "PluginAPI", "PluginDriver",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            exclude: ["Plugins"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
