//! Sources: whose word a snapshot is (counting.md section 1, "Kinds of source").

/// So many bytes the name of a source has at most; the names of hosts have 253.
pub const LONGEST_NAME: usize = 1000;

/// The kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A Cloud enterprise, by its consumed licenses.
    Cloud,
    /// Which users, organizations and repositories each cost center of an enterprise has.
    CostCenters,
    /// A Server instance, as it says itself.
    Server,
    /// A Server instance as Cloud knows it: as old as the last sync, silent about who is suspended.
    ServerAsSynced,
    /// An export of an instance whose users are encrypted: it informs and changes no count.
    ServerInfo,
    /// What an instance says of its license.
    ServerLicense,
    /// When the instances of an enterprise were last synced.
    SyncStatus,
    /// The Visual Studio subscribers of an enterprise.
    VisualStudio,
}

impl SourceKind {
    /// Every kind, in the order in which lists show them (by name).
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

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<SourceKind> {
        SourceKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Does a snapshot of this kind hold accounts, so that it can come into force?
    pub fn holds_accounts(self) -> bool {
        matches!(self, SourceKind::Cloud | SourceKind::Server | SourceKind::ServerAsSynced)
    }

    /// Is a source of this kind an instance, named by its host? Otherwise it is an enterprise.
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
    /// What kind of source.
    pub kind: SourceKind,
    /// The enterprise's short name, or the instance's host name.
    pub name: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.name)
    }
}
