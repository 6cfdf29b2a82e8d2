import PluginAPI

/// Reads a plugin's parameter table and checks that it is valid.
struct ParameterTableReader {
    let file: VettedPlugin
    /// The gateway's own keys in `cache_params`, which no plugin may declare.
    let hostNames: Set<String>

    private static let mostParameters: UInt32 = 1000
    private static let mostNames = 100
    /// What the names of keys begin with that the gateway adds later.
    private static let hostPrefix = "gateway_"

    func read(_ plugin: gw_plugin) throws(PluginError) -> [DeclaredParameter] {
        guard plugin.n_params > 0 else { return [] }
        guard plugin.n_params <= Self.mostParameters else { throw invalid("has \(plugin.n_params) entries") }
        guard let table = plugin.params else { throw invalid("is NULL but has \(plugin.n_params) entries") }
        let stride = Int(plugin.param_stride)
        guard stride >= Int(GW_PARAM_SIZE_1_0), stride % MemoryLayout<gw_param>.alignment == 0 else {
            throw invalid("has a stride of \(stride) bytes; set param_stride to sizeof(gw_param)")
        }
        var parameters: [DeclaredParameter] = []
        var names: Set<String> = []
        for index in 0..<Int(plugin.n_params) {
            let parameter = try entry(UnsafeRawPointer(table) + index * stride, stride, index)
            for name in [parameter.name] + parameter.aliases {
                guard names.insert(name).inserted else { throw invalid("has '\(name)' twice") }
                guard !hostNames.contains(name), !name.hasPrefix(Self.hostPrefix) else {
                    throw invalid(
                        "declares '\(name)', which is the gateway's own in cache_params; give it another name"
                    )
                }
            }
            parameters.append(parameter)
        }
        return parameters
    }

    private func entry(_ pointer: UnsafeRawPointer, _ stride: Int, _ index: Int) throws(PluginError)
        -> DeclaredParameter
    {
        let size = Int(pointer.load(as: UInt32.self))
        guard size >= Int(GW_PARAM_SIZE_1_0) else {
            throw invalid("has a too small entry \(index); set struct_size to sizeof(gw_param)")
        }
        let entry = GrowableStruct.read(pointer, size: min(size, stride), over: gw_param())
        let name = Printable.text(cString: entry.name) ?? ""
        guard Self.isName(name) else {
            throw invalid("has '\(Printable.text(name, limit: 40))' at \(index), which is not a name like 'max_size'")
        }
        guard let kind = DeclaredParameter.Kind(rawValue: entry.type) else {
            throw invalid("gives '\(name)' an unknown type (\(entry.type))")
        }
        let flags = DeclaredParameter.Flags(rawValue: entry.flags)
        let parameter = DeclaredParameter(
            name: name,
            kind: kind,
            flags: flags,
            summary: text(entry.doc) ?? "",
            defaultValue: Printable.text(cString: entry.default_value),
            environment: text(entry.env),
            example: text(entry.example),
            group: text(entry.group),
            replacedBy: text(entry.replaced_by),
            aliases: texts(entry.aliases),
            choices: texts(entry.choices),
            minimum: flags.contains(.hasMinimum) ? bound(kind, entry.minimum, entry.float_minimum) : nil,
            maximum: flags.contains(.hasMaximum) ? bound(kind, entry.maximum, entry.float_maximum) : nil
        )
        guard parameter.aliases.allSatisfy(Self.isName) else {
            throw invalid("gives '\(name)' an alias that is no name")
        }
        if let minimum = parameter.minimum, let maximum = parameter.maximum, !(minimum <= maximum) {
            throw invalid("gives '\(name)' a minimum above its maximum")
        }
        guard kind != .choice || !parameter.choices.isEmpty else { throw invalid("gives '\(name)' no choices") }
        guard ParameterChecker.defaultParses(parameter) else {
            throw invalid("gives '\(name)' a default that is not a value of it")
        }
        return parameter
    }

    /// The bound of a parameter of that kind. It is nil where such a parameter has none.
    private func bound(
        _ kind: DeclaredParameter.Kind,
        _ whole: Int64,
        _ real: Double
    ) -> DeclaredParameter.Bound? {
        switch kind {
        case .int, .duration, .size: .whole(whole)
        case .float: .real(real)
        case .string, .bool, .choice, .stringList, .json: nil
        }
    }

    private func texts(_ pointer: UnsafePointer<UnsafePointer<CChar>?>?) -> [String] {
        guard let pointer else { return [] }
        var texts: [String] = []
        while texts.count < Self.mostNames, let text = Printable.text(cString: pointer[texts.count]) {
            texts.append(text)
        }
        return texts
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        Printable.text(cString: pointer).map { Printable.text($0) }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, ("a"..."z").contains(Unicode.Scalar(first)), name.utf8.count <= 64 else {
            return false
        }
        return name.utf8.allSatisfy {
            let scalar = Unicode.Scalar($0)
            return ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
        }
    }

    private func invalid(_ what: String) -> PluginError {
        PluginError(.invalidParameterTable, path: file.path, "the parameter table of \(file.path) \(what)")
    }
}
