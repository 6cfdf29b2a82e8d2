import Testing

/// Suites that put much load on the machine and watch how long answers take: one after the other.
@Suite(.serialized)
enum OneAtATime {}
