/// The package's version, as in CHANGELOG.md.
public let packageVersion = "0.1.0"
