//! Sources: what a snapshot is of (counting.md section 1, "Kinds of source").

/// The greatest length of a source's name, in bytes. Host names have at most 253.
pub const LONGEST_NAME: usize = 1000;

/// The kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// An enterprise on Cloud, by its consumed licenses.
    Cloud,
    /// The users, organizations and repositories in each cost center of an enterprise.
    CostCenters,
    /// An instance, as it describes itself.
    Server,
    /// An instance as Cloud knows it: as old as the last sync, without the state of suspension.
    ServerAsSynced,
    /// An export of an instance with encrypted users. It informs about the instance and changes no count.
    ServerInfo,
    /// The license of an instance, as the instance states it.
    ServerLicense,
    /// The last syncs of the instances of an enterprise.
    SyncStatus,
    /// The Visual Studio subscribers of an enterprise.
    VisualStudio,
}

impl SourceKind {
    /// Every kind, sorted by name, as lists show them.
    pub const ALL: [SourceKind; 8] = [
        SourceKind::Cloud,
        SourceKind::CostCenters,
        SourceKind::Server,
        SourceKind::ServerAsSynced,
        SourceKind::ServerInfo,
        SourceKind::ServerLicense,
        SourceKind::SyncStatus,
        SourceKind::VisualStudio,
    ];

    /// The name in JSON, in tables and in the database.
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Cloud => "cloud",
            SourceKind::CostCenters => "cost-centers",
            SourceKind::Server => "server",
            SourceKind::ServerAsSynced => "server-as-synced",
            SourceKind::ServerInfo => "server-info",
            SourceKind::ServerLicense => "server-license",
            SourceKind::SyncStatus => "sync-status",
            SourceKind::VisualStudio => "visual-studio",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<SourceKind> {
        SourceKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Does a snapshot of this kind hold accounts, so that it can come into force?
    pub fn holds_accounts(self) -> bool {
        matches!(self, SourceKind::Cloud | SourceKind::Server | SourceKind::ServerAsSynced)
    }

    /// Is a source of this kind an instance, named by its host? If not, it is an enterprise.
    pub fn is_instance(self) -> bool {
        match self {
            SourceKind::Server
            | SourceKind::ServerAsSynced
            | SourceKind::ServerInfo
            | SourceKind::ServerLicense => true,
            SourceKind::Cloud
            | SourceKind::CostCenters
            | SourceKind::SyncStatus
            | SourceKind::VisualStudio => false,
        }
    }

    /// The option that names a source of this kind.
    pub fn option(self) -> &'static str {
        if self.is_instance() { "--host" } else { "--enterprise" }
    }
}

impl serde::Serialize for SourceKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A source: an enterprise, or an instance by its host name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Source {
    /// The kind of the source.
    pub kind: SourceKind,
    /// The enterprise's short name, or the instance's host name.
    pub name: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.name)
    }
}
