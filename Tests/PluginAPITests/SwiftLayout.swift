import PluginAPI

/// The sizes and offsets that Swift sees.
enum SwiftLayout {
    static var lines: [String] {
        slice + error + param + params + op + result + getOp + tag + item + setOp + delOp + flushOp + plainOp + stats
            + host + plugin + abi
    }

    private static var slice: [String] {
        [
            size("gw_slice", gw_slice.self),
            field("gw_slice.p", \gw_slice.p),
            field("gw_slice.n", \gw_slice.n),
        ]
    }

    private static var error: [String] {
        [
            size("gw_error", gw_error.self),
            field("gw_error.struct_size", \gw_error.struct_size),
            field("gw_error.code", \gw_error.code),
            field("gw_error.length", \gw_error.length),
            field("gw_error.flags", \gw_error.flags),
            field("gw_error.message", \gw_error.message),
            field("gw_error.parameter_length", \gw_error.parameter_length),
            field("gw_error.reserved", \gw_error.reserved),
            field("gw_error.parameter", \gw_error.parameter),
            field("gw_error.retry_after_ms", \gw_error.retry_after_ms),
        ]
    }

    private static var param: [String] {
        [
            size("gw_param", gw_param.self),
            field("gw_param.struct_size", \gw_param.struct_size),
            field("gw_param.type", \gw_param.type),
            field("gw_param.flags", \gw_param.flags),
            field("gw_param.reserved", \gw_param.reserved),
            field("gw_param.name", \gw_param.name),
            field("gw_param.doc", \gw_param.doc),
            field("gw_param.default_value", \gw_param.default_value),
            field("gw_param.env", \gw_param.env),
            field("gw_param.example", \gw_param.example),
            field("gw_param.group", \gw_param.group),
            field("gw_param.replaced_by", \gw_param.replaced_by),
            field("gw_param.aliases", \gw_param.aliases),
            field("gw_param.choices", \gw_param.choices),
            field("gw_param.minimum", \gw_param.minimum),
            field("gw_param.maximum", \gw_param.maximum),
            field("gw_param.float_minimum", \gw_param.float_minimum),
            field("gw_param.float_maximum", \gw_param.float_maximum),
        ]
    }

    private static var params: [String] {
        [
            size("gw_params", gw_params.self),
            field("gw_params.struct_size", \gw_params.struct_size),
            field("gw_params.reserved", \gw_params.reserved),
            field("gw_params.host_data", \gw_params.host_data),
            field("gw_params.get_string", \gw_params.get_string),
            field("gw_params.get_int", \gw_params.get_int),
            field("gw_params.get_float", \gw_params.get_float),
            field("gw_params.get_bool", \gw_params.get_bool),
            field("gw_params.get_list", \gw_params.get_list),
            field("gw_params.get_json", \gw_params.get_json),
            field("gw_params.get_source", \gw_params.get_source),
        ]
    }

    private static var op: [String] {
        [
            size("gw_op", gw_op.self),
            field("gw_op.id", \gw_op.id),
            field("gw_op.deadline_ns", \gw_op.deadline_ns),
            field("gw_op.error", \gw_op.error),
            field("gw_op.flags", \gw_op.flags),
            field("gw_op.reserved0", \gw_op.reserved0),
            field("gw_op.reserved", \gw_op.reserved),
        ]
    }

    private static var result: [String] {
        [
            size("gw_result", gw_result.self),
            field("gw_result.status", \gw_result.status),
            field("gw_result.reserved", \gw_result.reserved),
            field("gw_result.value", \gw_result.value),
            field("gw_result.lease", \gw_result.lease),
            field("gw_result.reserved1", \gw_result.reserved1),
        ]
    }

    private static var getOp: [String] {
        [
            size("gw_get_op", gw_get_op.self),
            field("gw_get_op.struct_size", \gw_get_op.struct_size),
            field("gw_get_op.n", \gw_get_op.n),
            field("gw_get_op.op", \gw_get_op.op),
            field("gw_get_op.keys", \gw_get_op.keys),
            field("gw_get_op.results", \gw_get_op.results),
            field("gw_get_op.result_stride", \gw_get_op.result_stride),
            field("gw_get_op.reserved", \gw_get_op.reserved),
        ]
    }

    private static var tag: [String] {
        [
            size("gw_tag", gw_tag.self),
            field("gw_tag.name", \gw_tag.name),
            field("gw_tag.value", \gw_tag.value),
        ]
    }

    private static var item: [String] {
        [
            size("gw_item", gw_item.self),
            field("gw_item.key", \gw_item.key),
            field("gw_item.parts", \gw_item.parts),
            field("gw_item.n_parts", \gw_item.n_parts),
            field("gw_item.flags", \gw_item.flags),
            field("gw_item.ttl_ms", \gw_item.ttl_ms),
            field("gw_item.tags", \gw_item.tags),
            field("gw_item.n_tags", \gw_item.n_tags),
            field("gw_item.reserved", \gw_item.reserved),
        ]
    }

    private static var setOp: [String] {
        [
            size("gw_set_op", gw_set_op.self),
            field("gw_set_op.struct_size", \gw_set_op.struct_size),
            field("gw_set_op.n", \gw_set_op.n),
            field("gw_set_op.op", \gw_set_op.op),
            field("gw_set_op.items", \gw_set_op.items),
            field("gw_set_op.statuses", \gw_set_op.statuses),
            field("gw_set_op.item_stride", \gw_set_op.item_stride),
            field("gw_set_op.reserved", \gw_set_op.reserved),
        ]
    }

    private static var delOp: [String] {
        [
            size("gw_del_op", gw_del_op.self),
            field("gw_del_op.struct_size", \gw_del_op.struct_size),
            field("gw_del_op.n", \gw_del_op.n),
            field("gw_del_op.op", \gw_del_op.op),
            field("gw_del_op.keys", \gw_del_op.keys),
            field("gw_del_op.statuses", \gw_del_op.statuses),
        ]
    }

    private static var flushOp: [String] {
        [
            size("gw_flush_op", gw_flush_op.self),
            field("gw_flush_op.struct_size", \gw_flush_op.struct_size),
            field("gw_flush_op.reserved", \gw_flush_op.reserved),
            field("gw_flush_op.op", \gw_flush_op.op),
            field("gw_flush_op.prefix", \gw_flush_op.prefix),
            field("gw_flush_op.removed", \gw_flush_op.removed),
        ]
    }

    private static var plainOp: [String] {
        [
            size("gw_plain_op", gw_plain_op.self),
            field("gw_plain_op.struct_size", \gw_plain_op.struct_size),
            field("gw_plain_op.reserved", \gw_plain_op.reserved),
            field("gw_plain_op.op", \gw_plain_op.op),
        ]
    }

    private static var stats: [String] {
        [
            size("gw_stats", gw_stats.self),
            field("gw_stats.struct_size", \gw_stats.struct_size),
            field("gw_stats.reserved", \gw_stats.reserved),
            field("gw_stats.host_data", \gw_stats.host_data),
            field("gw_stats.add", \gw_stats.add),
        ]
    }

    private static var host: [String] {
        [
            size("gw_host", gw_host.self),
            field("gw_host.struct_size", \gw_host.struct_size),
            field("gw_host.abi_minor", \gw_host.abi_minor),
            field("gw_host.host_data", \gw_host.host_data),
            field("gw_host.name", \gw_host.name),
            field("gw_host.version", \gw_host.version),
            field("gw_host.instance", \gw_host.instance),
            field("gw_host.io_threads_hint", \gw_host.io_threads_hint),
            field("gw_host.max_inflight", \gw_host.max_inflight),
            field("gw_host.complete", \gw_host.complete),
            field("gw_host.log_level", \gw_host.log_level),
            field("gw_host.log", \gw_host.log),
            field("gw_host.now_monotonic_ns", \gw_host.now_monotonic_ns),
            field("gw_host.now_unix_ms", \gw_host.now_unix_ms),
            field("gw_host.health", \gw_host.health),
            field("gw_host.get_extension", \gw_host.get_extension),
            field("gw_host.max_value", \gw_host.max_value),
            field("gw_host.blocking_threads", \gw_host.blocking_threads),
            field("gw_host.reserved", \gw_host.reserved),
        ]
    }

    private static var plugin: [String] {
        [
            size("gw_plugin", gw_plugin.self),
            field("gw_plugin.struct_size", \gw_plugin.struct_size),
            field("gw_plugin.abi_minor", \gw_plugin.abi_minor),
            field("gw_plugin.type", \gw_plugin.type),
            field("gw_plugin.version", \gw_plugin.version),
            field("gw_plugin.vendor", \gw_plugin.vendor),
            field("gw_plugin.license", \gw_plugin.license),
            field("gw_plugin.summary", \gw_plugin.summary),
            field("gw_plugin.doc_url", \gw_plugin.doc_url),
            field("gw_plugin.capabilities", \gw_plugin.capabilities),
            field("gw_plugin.threads", \gw_plugin.threads),
            field("gw_plugin.max_batch", \gw_plugin.max_batch),
            field("gw_plugin.max_key", \gw_plugin.max_key),
            field("gw_plugin.n_params", \gw_plugin.n_params),
            field("gw_plugin.max_value", \gw_plugin.max_value),
            field("gw_plugin.default_ttl_ms", \gw_plugin.default_ttl_ms),
            field("gw_plugin.params", \gw_plugin.params),
            field("gw_plugin.param_stride", \gw_plugin.param_stride),
            field("gw_plugin.max_threads", \gw_plugin.max_threads),
            field("gw_plugin.validate", \gw_plugin.validate),
            field("gw_plugin.create", \gw_plugin.create),
            field("gw_plugin.start", \gw_plugin.start),
            field("gw_plugin.get", \gw_plugin.get),
            field("gw_plugin.set", \gw_plugin.set),
            field("gw_plugin.del", \gw_plugin.del),
            field("gw_plugin.ping", \gw_plugin.ping),
            field("gw_plugin.flush", \gw_plugin.flush),
            field("gw_plugin.cancel", \gw_plugin.cancel),
            field("gw_plugin.release", \gw_plugin.release),
            field("gw_plugin.stats", \gw_plugin.stats),
            field("gw_plugin.shutdown", \gw_plugin.shutdown),
            field("gw_plugin.destroy", \gw_plugin.destroy),
            field("gw_plugin.get_extension", \gw_plugin.get_extension),
        ]
    }

    private static var abi: [String] {
        [
            size("gw_abi", gw_abi.self),
            field("gw_abi.struct_size", \gw_abi.struct_size),
            field("gw_abi.abi_minor", \gw_abi.abi_minor),
            field("gw_abi.host_name", \gw_abi.host_name),
            field("gw_abi.host_version", \gw_abi.host_version),
            field("gw_abi.error", \gw_abi.error),
        ]
    }

    private static func size<Struct>(_ name: String, _: Struct.Type) -> String {
        "\(name) \(MemoryLayout<Struct>.size)"
    }

    private static func field<Struct>(_ name: String, _ path: PartialKeyPath<Struct>) -> String {
        "\(name) \(MemoryLayout<Struct>.offset(of: path).map(String.init) ?? "unknown")"
    }
}
