import Domain

// Names that two imported modules share, settled once for the module.

/// An application that BabyHelm deploys. Hummingbird's is the web server.
typealias Application = Domain.Application
