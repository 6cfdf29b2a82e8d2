import Testing

/// Suites that build plugins outside the source tree, with compilers that take the whole machine. They run apart from
/// those that watch how long a gateway takes.
@Suite
enum OutsideTheTree {}
