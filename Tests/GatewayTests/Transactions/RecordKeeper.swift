@testable import Gateway

/// Hands the records of ended requests to a test.
final class RecordKeeper: TransactionObserver {
    private let keep: (Transaction) -> Void

    init(_ keep: @escaping (Transaction) -> Void) {
        self.keep = keep
    }

    func ended(_ transaction: borrowing Transaction) { keep(copy transaction) }
}
