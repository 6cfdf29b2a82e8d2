import ELF
import Glibc
import PluginAPI

extension ConformanceCheck {
    /// Check the library's file, without loading it.
    static let fileChecks = [
        ConformanceCheck(
            .file,
            "is-a-library-for-this-machine",
            "The file is a shared library that this machine can load.",
            [.p4],
            needs: .file
        ) { trial in
            try trial.withLibrary { _ in }
        },
        ConformanceCheck(
            .file,
            "exports-the-entry-function",
            "The library exports \(GW_ENTRY_SYMBOL) as a function.",
            [.p4],
            needs: .file
        ) { trial in
            try trial.withLibrary { library in
                let isThere = try library.exportedFunctions().contains(GW_ENTRY_SYMBOL)
                trial.expect(isThere, .p4, "does not export \(GW_ENTRY_SYMBOL)")
            }
        },
        ConformanceCheck(
            .file,
            "exports-nothing-else",
            "The library exports the entry function and nothing else.",
            [.p4],
            needs: .file
        ) { trial in
            try trial.withLibrary { library in
                let others = try library.exportedNames().filter { $0 != GW_ENTRY_SYMBOL }
                let named = others.prefix(3).joined(separator: ", ") + (others.count > 3 ? ", …" : "")
                trial.expect(
                    others.isEmpty,
                    .p4,
                    "exports \(others.count) names beside the entry function (\(named)); link with -fvisibility=hidden "
                        + "or --version-script"
                )
            }
        },
        ConformanceCheck(
            .file,
            "has-no-executable-stack",
            "Loading the library does not make stacks executable.",
            [.p4],
            needs: .file
        ) { trial in
            try trial.withLibrary { library in
                trial.expect(
                    !library.wantsExecutableStack,
                    .p4,
                    "makes the stacks of the process executable; link with -z noexecstack"
                )
            }
        },
        ConformanceCheck(
            .file,
            "has-no-text-relocations",
            "The library's code is not changed when it is loaded.",
            [.p4],
            needs: .file
        ) { trial in
            try trial.withLibrary { library in
                trial.expect(!library.hasTextRelocations, .p4, "has text relocations; compile with -fPIC")
            }
        },
        ConformanceCheck(
            .file,
            "finds-the-libraries-it-needs",
            "The libraries that it needs are installed.",
            [.p4],
            needs: [.file, .process]
        ) { trial in
            try trial.withLibrary { library in
                // Those in directories of its own are found only when it is loaded itself.
                try trial.need(
                    library.runPaths.isEmpty,
                    "the library has run paths, which the check of loading follows"
                )
                for name in library.neededLibraries {
                    trial.expect(dlopen(name, RTLD_LAZY | RTLD_LOCAL) != nil, .p4, "needs \(name), which is not found")
                }
            }
        },
        ConformanceCheck(
            .descriptor,
            "type-is-in-the-name-of-the-file",
            "The file's name is libgateway-cache-<type>.so.",
            [.l4],
            needs: .file
        ) { trial in
            guard let path = trial.subject.library else { return }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let expected = "libgateway-cache-\(trial.plugin.type).so"
            trial.expect(name == expected, .l4, "has the type '\(trial.plugin.type)', but its file is not \(expected)")
        },
        ConformanceCheck(
            .file,
            "can-be-changed-by-its-owner-only",
            "Nobody but its owner may change the file, since the gateway does not load it otherwise.",
            [.p4],
            needs: .file,
            isAdvice: true
        ) { trial in
            guard let path = trial.subject.library else { return }
            var status = stat()
            trial.expect(stat(path, &status) == 0, .p4, "cannot be looked at")
            trial.expect(
                status.st_mode & (S_IWGRP | S_IWOTH) == 0,
                .p4,
                "can be changed by others than its owner; run 'chmod go-w \(path)'"
            )
        },
    ]
}

extension Trial {
    /// Calls `body` with the library's file.
    fileprivate func withLibrary(_ body: (ELFLibrary) throws -> Void) throws {
        guard let path = subject.library else { return }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        try need(descriptor >= 0, "the file cannot be read")
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, let size = Int(exactly: status.st_size), size > 0,
            let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED
        else { return violations.note(.p4, "is an empty or unreadable file") }
        defer { munmap(memory, size) }
        do {
            try body(ELFLibrary(bytes: UnsafeRawBufferPointer(start: memory, count: size)))
        } catch let problem as ELFLibrary.Problem {
            violations.note(.p4, "is no library that this machine can load: \(problem)")
        }
    }
}
