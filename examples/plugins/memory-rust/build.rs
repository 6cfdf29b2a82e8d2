// SPDX-License-Identifier: Apache-2.0

/// The library is never unloaded (rule P-4). That it exports `#[no_mangle]` functions alone is cargo's own doing.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for option in ["nodelete", "noexecstack", "now", "relro"] {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,{option}");
    }
}
