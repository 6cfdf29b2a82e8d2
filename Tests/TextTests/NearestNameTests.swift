import Testing
import Text

@Suite("The nearest name")
struct NearestNameTests {
    static let names = [
        "s3_bucket_name", "s3_region_name", "s3_path", "model_name", "model", "api_base", "api_key", "host", "port",
    ]

    @Test(
        "is the one that was meant",
        arguments: [
            ("s3_bucket", "s3_bucket_name"), ("bucket_name", "s3_bucket_name"), ("modle", "model"),
            ("modelname", "model_name"),
            ("api-base", "api_base"), ("API_KEY", "api_key"), ("prot", "port"), ("hosts", "host"),
            ("s3_buket_name", "s3_bucket_name"),
        ]
    )
    func near(name: String, expected: String) {
        #expect(NearestName.nearest(to: name, among: Self.names) == expected)
    }

    @Test(
        "is nothing where nothing is near",
        arguments: ["", "zebra", "x", "name_of_the_rose", String(repeating: "a", count: 1_000_000)]
    )
    func far(name: String) {
        #expect(NearestName.nearest(to: name, among: Self.names) == nil)
    }
}
