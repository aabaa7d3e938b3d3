//! The properties by which `oneseat seats` splits the seats, with their names and nouns.

use std::rc::Rc;

use crate::store::DetailName;

/// The organizations, roles, license types or cost centers in the record of a Cloud state; `None` if the
/// record does not state them.
pub(super) type PartNames = Rc<Option<Vec<String>>>;

/// The property by which the seats are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBy {
    /// The organizations of the Cloud account.
    Organization,
    /// The enterprise roles of the Cloud account.
    Role,
    /// Cloud only, Cloud and Server, Server only.
    Kind,
    /// The license type that the Cloud report states.
    LicenseType,
    /// The cost center that the Cloud report states, or else the one that the account is assigned to.
    CostCenter,
    /// The manager that an employee directory states.
    Manager,
    /// The department or cost center that an employee directory states.
    Unit,
}

impl SplitBy {
    /// All ways to split the seats.
    pub const ALL: [SplitBy; 7] = [
        SplitBy::Organization,
        SplitBy::Role,
        SplitBy::Kind,
        SplitBy::LicenseType,
        SplitBy::CostCenter,
        SplitBy::Manager,
        SplitBy::Unit,
    ];

    /// The name on the command line and in answers.
    pub fn name(self) -> &'static str {
        match self {
            SplitBy::Organization => "organization",
            SplitBy::Role => "role",
            SplitBy::Kind => "kind",
            SplitBy::LicenseType => "license-type",
            SplitBy::CostCenter => "cost-center",
            SplitBy::Manager => "manager",
            SplitBy::Unit => "unit",
        }
    }

    /// The heading of the column that names the parts.
    pub(super) fn heading(self) -> &'static str {
        match self {
            SplitBy::Organization => "Organization",
            SplitBy::Role => "Role",
            SplitBy::Kind => "Kind",
            SplitBy::LicenseType => "License type",
            SplitBy::CostCenter => "Cost center",
            SplitBy::Manager => "Manager",
            SplitBy::Unit => "Unit",
        }
    }

    /// The noun for a part, in sentences.
    pub(super) fn noun(self) -> &'static str {
        match self {
            SplitBy::Organization => "organization",
            SplitBy::Role => "role",
            SplitBy::Kind => "kind",
            SplitBy::LicenseType => "license type",
            SplitBy::CostCenter => "cost center",
            SplitBy::Manager => "manager",
            SplitBy::Unit => "unit",
        }
    }

    /// What entries of employee directories state, if the seats are split by that.
    pub(super) fn detail(self) -> Option<DetailName> {
        match self {
            SplitBy::Manager => Some(DetailName::Manager),
            SplitBy::Unit => Some(DetailName::Unit),
            _ => None,
        }
    }
}
