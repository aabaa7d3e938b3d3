//! Sources: the enterprises, the instances and the employee directories that snapshots are about (counting.md
//! section 1, "Kinds of source").

/// The maximum length of a source's name, in bytes. Host names have at most 253 bytes.
pub const LONGEST_NAME: usize = 1000;

/// A family of sources. Sources of different families may have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceFamily {
    /// Enterprises on Cloud, which are named by their short names (slugs).
    Enterprise,
    /// Instances of Server, which are named by their hosts.
    Instance,
    /// Employee directories, which have the names that their importers gave them.
    Directory,
}

impl SourceFamily {
    /// Every family of sources.
    pub const ALL: [SourceFamily; 3] =
        [SourceFamily::Enterprise, SourceFamily::Instance, SourceFamily::Directory];

    /// The command-line option that names a source of this family.
    pub fn option(self) -> &'static str {
        match self {
            SourceFamily::Enterprise => "--enterprise",
            SourceFamily::Instance => "--host",
            SourceFamily::Directory => "--directory",
        }
    }

    /// The noun that messages use for a source of this family.
    pub fn noun(self) -> &'static str {
        match self {
            SourceFamily::Enterprise => "enterprise",
            SourceFamily::Instance => "instance",
            SourceFamily::Directory => "directory",
        }
    }
}

/// The kind of a source: the thing that a file describes, and who describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// An enterprise on Cloud, described by the report on its consumed licenses.
    Cloud,
    /// The cost centers of an enterprise, with the users, organizations and repositories in each.
    CostCenters,
    /// An employee directory (directory.md section 1). It never comes into force for counting.
    Directory,
    /// An instance of Server, described by its own files.
    Server,
    /// An instance, described by Cloud from what the last sync brought. Cloud cannot state which accounts are
    /// suspended.
    ServerAsSynced,
    /// An instance, described by an export whose users are encrypted. Such an export informs about the instance
    /// and changes no count.
    ServerInfo,
    /// The license of an instance, as the instance states it.
    ServerLicense,
    /// The last syncs of the instances of an enterprise.
    SyncStatus,
    /// The Visual Studio subscribers of an enterprise.
    VisualStudio,
}

impl SourceKind {
    /// Every kind of source, sorted by name, which is the order in lists.
    pub const ALL: [SourceKind; 9] = [
        SourceKind::Cloud,
        SourceKind::CostCenters,
        SourceKind::Directory,
        SourceKind::Server,
        SourceKind::ServerAsSynced,
        SourceKind::ServerInfo,
        SourceKind::ServerLicense,
        SourceKind::SyncStatus,
        SourceKind::VisualStudio,
    ];

    /// The name of the kind in JSON, in tables and in the database.
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Cloud => "cloud",
            SourceKind::CostCenters => "cost-centers",
            SourceKind::Directory => "directory",
            SourceKind::Server => "server",
            SourceKind::ServerAsSynced => "server-as-synced",
            SourceKind::ServerInfo => "server-info",
            SourceKind::ServerLicense => "server-license",
            SourceKind::SyncStatus => "sync-status",
            SourceKind::VisualStudio => "visual-studio",
        }
    }

    /// The kind of source that has this name.
    pub fn from_name(name: &str) -> Option<SourceKind> {
        SourceKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Does a snapshot of this kind contain accounts, so that it can come into force?
    pub fn holds_accounts(self) -> bool {
        matches!(self, SourceKind::Cloud | SourceKind::Server | SourceKind::ServerAsSynced)
    }

    /// Does a snapshot of this kind contain records with a history: accounts, or entries of an employee
    /// directory?
    pub fn holds_records(self) -> bool {
        self.holds_accounts() || self == SourceKind::Directory
    }

    /// The family to which sources of this kind belong: enterprises, instances or directories.
    pub fn family(self) -> SourceFamily {
        match self {
            SourceKind::Server
            | SourceKind::ServerAsSynced
            | SourceKind::ServerInfo
            | SourceKind::ServerLicense => SourceFamily::Instance,
            SourceKind::Cloud
            | SourceKind::CostCenters
            | SourceKind::SyncStatus
            | SourceKind::VisualStudio => SourceFamily::Enterprise,
            SourceKind::Directory => SourceFamily::Directory,
        }
    }

    /// Is a source of this kind an instance, which is named by its host?
    pub fn is_instance(self) -> bool {
        self.family() == SourceFamily::Instance
    }

    /// Is a source of this kind an enterprise, which is named by its short name?
    pub fn is_enterprise(self) -> bool {
        self.family() == SourceFamily::Enterprise
    }

    /// The command-line option that names a source of this kind.
    pub fn option(self) -> &'static str {
        self.family().option()
    }
}

impl serde::Serialize for SourceKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A source: an enterprise, an instance by its host name, or an employee directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Source {
    /// The kind of the source, such as `cloud` or `server`.
    pub kind: SourceKind,
    /// The enterprise's short name, the instance's host name, or the directory's name.
    pub name: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.name)
    }
}
