extension ListenerScope {
    /// Whether the listener serves a request. Where it does not, nothing is at the path.
    func serves(_ head: borrowing RequestHead, _ routes: RouteTable) -> Bool {
        guard case .options = head.route else { return serves(head.route) }
        // The question which methods a path takes is answered where the path is.
        return routes.route(target: head.target).map(serves) ?? true
    }
}
