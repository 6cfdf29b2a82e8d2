import Glibc
import PluginAPI

/// Lends checked parameters to a plugin as `gw_params` for the duration of one call.
///
/// Slices that the plugin is given stay valid until the call returns. Then every copy of a secret is overwritten.
enum ParameterLending {
    static func lend<Result>(
        _ parameters: CheckedParameters,
        _ body: (UnsafePointer<gw_params>) -> Result
    ) -> Result {
        let loan = Loan(parameters)
        defer { loan.end() }
        var table = gw_params()
        table.struct_size = UInt32(MemoryLayout<gw_params>.size)
        table.host_data = Unmanaged.passUnretained(loan).toOpaque()
        table.get_string = { Loan.text($0, $1, $2) }
        table.get_int = { params, name, out in
            Loan.scalar(params, name, out) { if case .integer(let number) = $0 { number } else { nil } }
        }
        table.get_float = { params, name, out in
            Loan.scalar(params, name, out) { if case .real(let number) = $0 { number } else { nil } }
        }
        table.get_bool = { params, name, out in
            Loan.scalar(params, name, out) { if case .boolean(let flag) = $0 { flag ? 1 : 0 } else { nil } }
        }
        table.get_list = { Loan.item($0, $1, $2, $3) }
        table.get_json = { Loan.json($0, $1, $2) }
        table.get_source = { Loan.source($0, $1, $2) }
        return withExtendedLifetime(loan) { withUnsafePointer(to: &table, body) }
    }
}

/// The copies made for one loan.
private final class Loan {
    private let parameters: CheckedParameters
    private var copies: [(memory: UnsafeMutableRawBufferPointer, isSecret: Bool)] = []
    private var lent: [String: gw_slice] = [:]

    init(_ parameters: CheckedParameters) {
        self.parameters = parameters
    }

    func end() {
        for copy in copies {
            if copy.isSecret, let address = copy.memory.baseAddress { explicit_bzero(address, copy.memory.count) }
            copy.memory.deallocate()
        }
        copies = []
        lent = [:]
    }

    static func text(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ out: UnsafeMutablePointer<gw_slice>?
    ) -> Int32 {
        slice(params, name, out, "") { value, _ in if case .text(let text) = value { .some(text) } else { nil } }
    }

    static func item(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ index: UInt32,
        _ out: UnsafeMutablePointer<gw_slice>?
    ) -> Int32 {
        slice(params, name, out, "\(index)") { value, _ in
            guard case .list(let texts) = value else { return nil }
            return .some(Int(index) < texts.count ? texts[Int(index)] : nil)
        }
    }

    static func json(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ out: UnsafeMutablePointer<gw_slice>?
    ) -> Int32 {
        slice(params, name, out, "json") { value, _ in
            switch value {
            case .text(let text): PluginParameterValue.string(text).json
            case .integer(let number): PluginParameterValue.int(number).json
            case .real(let number): PluginParameterValue.double(number).json
            case .boolean(let flag): PluginParameterValue.bool(flag).json
            case .list(let texts): PluginParameterValue.list(texts.map { .string($0) }).json
            case .json(let text): text
            }
        }
    }

    static func source(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ out: UnsafeMutablePointer<UInt32>?
    ) -> Int32 {
        guard let (loan, parameter) = find(params, name), let out else { return GW_EINVAL }
        guard let source = loan.parameters.sources[parameter.name] else { return GW_MISS }
        out.pointee = source.rawValue
        return GW_OK
    }

    static func scalar<Scalar>(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ out: UnsafeMutablePointer<Scalar>?,
        _ take: (ReadValue) -> Scalar?
    ) -> Int32 {
        guard let (loan, parameter) = find(params, name), let out else { return GW_EINVAL }
        guard let value = loan.parameters.values[parameter.name] else {
            return parameter.kind.holds(Scalar.self) ? GW_MISS : GW_EINVAL
        }
        guard let scalar = take(value) else { return GW_EINVAL }
        out.pointee = scalar
        return GW_OK
    }

    /// - Parameter take: returns nil if the value has another type, and an inner nil if there is no such item.
    private static func slice(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?,
        _ out: UnsafeMutablePointer<gw_slice>?,
        _ form: String,
        _ take: (ReadValue, DeclaredParameter) -> String??
    ) -> Int32 {
        guard let (loan, parameter) = find(params, name), let out else { return GW_EINVAL }
        guard let value = loan.parameters.values[parameter.name] else { return GW_MISS }
        guard let found = take(value, parameter) else { return GW_EINVAL }
        guard let text = found else { return GW_MISS }
        out.pointee = loan.copy(text, as: parameter.name + "/" + form, isSecret: parameter.isSecret)
        return GW_OK
    }

    private static func find(
        _ params: UnsafePointer<gw_params>?,
        _ name: UnsafePointer<CChar>?
    ) -> (Loan, DeclaredParameter)? {
        guard let data = params?.pointee.host_data, let name = Printable.text(cString: name) else { return nil }
        let loan = Unmanaged<Loan>.fromOpaque(data).takeUnretainedValue()
        return loan.parameters.parameters.first { $0.name == name }.map { (loan, $0) }
    }

    private func copy(_ text: String, as name: String, isSecret: Bool) -> gw_slice {
        if let earlier = lent[name] { return earlier }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.utf8.count), alignment: 1)
        memory.copyBytes(from: text.utf8)
        copies.append((memory, isSecret))
        let slice = gw_slice(p: memory.baseAddress, n: UInt64(text.utf8.count))
        lent[name] = slice
        return slice
    }
}

extension DeclaredParameter.Kind {
    /// Whether a parameter of this kind is read as a `Scalar`.
    fileprivate func holds(_ scalar: Any.Type) -> Bool {
        switch self {
        case .int, .duration, .size: scalar == Int64.self
        case .float: scalar == Double.self
        case .bool: scalar == Int32.self
        case .string, .choice, .stringList, .json: false
        }
    }
}
