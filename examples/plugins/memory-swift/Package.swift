// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Where `make install` has put the kit: `pkg-config --variable=pluginkit gateway-plugin`.
let kit = Context.environment["GATEWAY_PLUGIN_KIT"] ?? "/usr/local/share/gateway/PluginKit"

/// The library carries its own Swift runtime and exports its entry function alone (rule P-4).
let linking =
    ["-static-stdlib", "-Xlinker", "--version-script=\(kit)/../plugin.exports"]
    + ["defs", "nodelete", "noexecstack", "now", "relro"].flatMap { ["-Xlinker", "-z", "-Xlinker", $0] }

let package = Package(
    name: "memory-swift",
    products: [.library(name: "gateway-cache-memory-swift", type: .dynamic, targets: ["MemoryCache"])],
    dependencies: [.package(path: kit)],
    targets: [
        .target(
            name: "MemoryCache",
            dependencies: [.product(name: "PluginKit", package: "PluginKit")],
            linkerSettings: [.unsafeFlags(linking)]
        )
    ],
    swiftLanguageModes: [.v6]
)
