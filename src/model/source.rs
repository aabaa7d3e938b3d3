//! Sources: whose word a snapshot is (counting.md section 1, "Kinds of source").

/// The kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A Cloud enterprise, by its consumed licenses.
    Cloud,
    /// A Server instance, as it says itself.
    Server,
    /// An export of an instance whose users are encrypted: it informs and changes no count.
    ServerInfo,
}

impl SourceKind {
    /// Every kind, in the order in which lists show them (by name).
    pub const ALL: [SourceKind; 3] =
        [SourceKind::Cloud, SourceKind::Server, SourceKind::ServerInfo];

    /// The name in JSON, in tables and in the database.
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Cloud => "cloud",
            SourceKind::Server => "server",
            SourceKind::ServerInfo => "server-info",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<SourceKind> {
        SourceKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Does a snapshot of this kind hold accounts, so that it can come into force?
    pub fn holds_accounts(self) -> bool {
        match self {
            SourceKind::Cloud | SourceKind::Server => true,
            SourceKind::ServerInfo => false,
        }
    }

    /// Is a source of this kind an instance, by its host name?
    pub fn is_instance(self) -> bool {
        match self {
            SourceKind::Server | SourceKind::ServerInfo => true,
            SourceKind::Cloud => false,
        }
    }

    /// The option that names a source of this kind.
    pub fn option(self) -> &'static str {
        match self {
            SourceKind::Cloud => "--enterprise",
            SourceKind::Server | SourceKind::ServerInfo => "--host",
        }
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
