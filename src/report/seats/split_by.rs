//! The properties by which `oneseat seats` splits the seats, with their names and nouns.

use std::rc::Rc;

use crate::store::DetailName;

/// The values by which a Cloud account's seat is counted, such as its organizations or roles; `None` if its
/// record does not state them.
pub(super) type PartNames = Rc<Option<Vec<String>>>;

/// The property by which `oneseat seats --by` splits the seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitBy {
    /// The organizations of the Cloud account.
    Organization,
    /// The enterprise roles of the Cloud account.
    Role,
    /// The kind of the seat: Cloud only, Cloud and Server, or Server only.
    Kind,
    /// The license type that the Cloud report states.
    LicenseType,
    /// The cost center that the Cloud report states. If it states none, the one to which the account is
    /// assigned.
    CostCenter,
    /// The manager that an employee directory states.
    Manager,
    /// The department or cost center that an employee directory states.
    Unit,
}

impl SplitBy {
    /// Every property by which seats can be split.
    pub const ALL: [SplitBy; 7] = [
        SplitBy::Organization,
        SplitBy::Role,
        SplitBy::Kind,
        SplitBy::LicenseType,
        SplitBy::CostCenter,
        SplitBy::Manager,
        SplitBy::Unit,
    ];

    /// The name of the property on the command line and in answers, such as `cost-center`.
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

    /// The heading of the table's column with the values of the property, such as "Organization".
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

    /// The noun for one value of the property in sentences, such as "organization".
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

    /// The fact in the entries of employee directories by which the seats are split; `None` if they are split
    /// by a fact of another kind of file.
    pub(super) fn detail(self) -> Option<DetailName> {
        match self {
            SplitBy::Manager => Some(DetailName::Manager),
            SplitBy::Unit => Some(DetailName::Unit),
            _ => None,
        }
    }
}
