import Testing

/// Suites that put much load on the machine and measure how long answers take. They run one after another.
@Suite(.serialized)
enum OneAtATime {}
