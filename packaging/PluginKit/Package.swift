// swift-tools-version:6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// What a cache plugin in Swift is written with. It depends on nothing but Swift and the C library, so that a plugin's
/// package can name it by the path at which `make install` puts it: `pkg-config --variable=pluginkit gateway-plugin`.
let package = Package(
    name: "PluginKit",
    products: [.library(name: "PluginKit", targets: ["PluginKit", "PluginAPI"])],
    targets: [
        .target(name: "PluginAPI"),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "PluginKit",
            dependencies: ["CLinux", "PluginAPI"],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
