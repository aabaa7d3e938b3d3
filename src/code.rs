//! The stable codes that answers print, in families, with their meanings. Scripts rely on the codes: a code
//! always means the same, and is never reused for another meaning (interface.md section 6).
//!
//! Every code that is printed has a variant in this file. The sentences that people read are written elsewhere,
//! never in this file.

use std::fmt;

use serde::{Serialize, Serializer};

/// Declares one enum for each family of codes, and a list of all families. The doc comment of a variant is
/// printed as the meaning of its code.
macro_rules! families {
    ($(
        $(#[doc = $about:literal])+
        pub enum $family:ident {
            $( $(#[doc = $meaning:literal])+ $variant:ident = $code:literal, )+
        }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $family {
                $( $(#[doc = $meaning])+ $variant, )+
            }

            impl $family {
                /// The code as answers print it.
                pub fn name(self) -> &'static str {
                    match self {
                        $( $family::$variant => $code, )+
                    }
                }
            }

            impl fmt::Display for $family {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.name())
                }
            }

            impl Serialize for $family {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(self.name())
                }
            }
        )+

        /// Every family of codes by the name of its enum, with each of its codes and the meaning of the code.
        pub const FAMILIES: &[(&str, &[(&str, &str)])] = &[$(
            (stringify!($family), &[$( ($code, concat!($($meaning),+)), )+]),
        )+];
    };
}

families! {
    /// The code of a warning: about a file, about an answer, or about the database.
    pub enum WarningCode {
        /// Words such as "N/A" in a field count as an absent value.
        AbsentWord = "absent-word",
        /// The user accepted the file for a new source in spite of a doubt.
        AcceptedNew = "accepted-new",
        /// The snapshot in force is not complete, and the user accepted it.
        AcceptedShort = "accepted-short",
        /// Entries of an employee directory are active although the date at which they left is past. They count as
        /// left.
        ActiveAfterLeft = "active-after-left",
        /// An employee directory does not state whether some of its entries are active.
        ActiveNotStated = "active-not-stated",
        /// Several accounts of an instance have the same primary address, which therefore matches nobody.
        AddressRepeated = "address-repeated",
        /// Texts in the fields of addresses of an employee directory cannot be read as addresses, and are left out.
        AddressUnread = "address-unread",
        /// Cells of a column or a field hold the name of a data type instead of values, and are left out.
        ColumnRefused = "column-refused",
        /// It is not clear which number of a date is the month, so the date counts as not stated.
        DateAmbiguous = "date-ambiguous",
        /// A date is missing or cannot be read, so it counts as not stated.
        DateUnknown = "date-unknown",
        /// A large part of the seats is found in no employee directory, so an imported list is probably the wrong
        /// one.
        DirectoryMatchLow = "directory-match-low",
        /// A list begins an employee directory with a new name while there are others, so the name may be a slip.
        DirectoryNew = "directory-new",
        /// The file has no accounts, although files of its kind have some.
        Empty = "empty",
        /// The text is not UTF-8, and is read as Windows-1252.
        EncodingGuessed = "encoding-guessed",
        /// The file of a snapshot in force lacks a field, so the values of the field are not stated.
        FieldAbsent = "field-absent",
        /// A field has values of an unexpected type, which count as not stated.
        FieldType = "field-type",
        /// An employee directory may hold only the members of a group, so everybody else is missing.
        GroupMembers = "group-members",
        /// The header of the table occurs again between the rows, and is skipped.
        HeaderRepeated = "header-repeated",
        /// The name of the file's source is another name of a known source.
        KnownAs = "known-as",
        /// An employee directory lists nobody who has left, because Okta's plain list leaves these people out.
        LeaversLeftOut = "leavers-left-out",
        /// A command that was killed has left temporary files beside the database.
        Leftovers = "leftovers",
        /// Rows of a Cloud report state that their license has ended, and count all the same.
        LicenseEnded = "license-ended",
        /// The list changed while its pages were fetched, or its pages state different totals.
        ListMoved = "list-moved",
        /// The log beside the database belongs to another database file, or to another state of this file.
        LogOfAnotherFile = "log-of-another-file",
        /// Entries of an employee directory count as inactive, because their status is not among the words that
        /// mean active.
        MadeInactive = "made-inactive",
        /// More than a tenth of the people in an employee directory are missing from its next list.
        ManyGone = "many-gone",
        /// The file is the membership report, which also lists people without a license.
        MembershipReport = "membership-report",
        /// The next snapshot of the source has less than half the accounts of the imported one.
        NeighborShrinks = "neighbor-shrinks",
        /// The database lies on a network file system, where locks fail.
        NetworkFileSystem = "network-file-system",
        /// An instance was never synced, so GitHub does not count its accounts yet.
        NeverSynced = "never-synced",
        /// The last line has no line end, so the file may be cut off.
        NoLineEnd = "no-line-end",
        /// No list of the Visual Studio subscriptions of the enterprise was imported.
        NoSubscriptions = "no-subscriptions",
        /// Entries of an employee directory are not people, and are skipped.
        NotPeople = "not-people",
        /// The token has no permission to fetch an optional answer.
        NotPermitted = "not-permitted",
        /// Entries of an employee directory were never seen active, so they may be shared mailboxes.
        NeverSeenActive = "never-seen-active",
        /// No employee directory is in force at an instant of the answer, so nobody has an entry there.
        NoDirectory = "no-directory",
        /// No Server instance is connected to the enterprise.
        NothingThere = "nothing-there",
        /// An employee directory holds only the people of one organization.
        OneOrganization = "one-organization",
        /// The list may hold only the administrators, or everybody except the administrators.
        PerhapsNotWhole = "perhaps-not-whole",
        /// A Server license states another number of seats than the one counted as purchased.
        PurchasedDisagrees = "purchased-disagrees",
        /// An employee directory refers to other servers, and these references are not followed.
        ReferencesSkipped = "references-skipped",
        /// Resources of cost centers have an unknown type, so they assign nobody to a cost center.
        ResourceTypeUnknown = "resource-type-unknown",
        /// A row occurs twice with different content, and the two are united.
        RowRepeated = "row-repeated",
        /// The file has more rows than its total states.
        RowsMore = "rows-more",
        /// The file has slightly fewer rows than its total states.
        RowsShort = "rows-short",
        /// Rows above the header, or with neither address nor login, are skipped.
        RowsSkipped = "rows-skipped",
        /// The bytes of the file are those of another source's snapshot.
        SameBytes = "same-bytes",
        /// Matches rest on a Cloud report that is newer than the Server file and lists another address.
        ServerSnapshotOlder = "server-snapshot-older",
        /// The database has several names (hard links), so nothing is written to it.
        SeveralNames = "several-names",
        /// Cost centers have an unknown state, and do not count as active.
        StateUnknown = "state-unknown",
        /// The time of the snapshot is only guessed.
        TimeGuessed = "time-guessed",
        /// It is not known to which enterprise an instance belongs, so it counts by itself.
        UnassignedInstance = "unassigned-instance",
        /// The file has a field that oneseat does not know; the field is kept.
        UnknownField = "unknown-field",
        /// The Cloud rows do not list the host, and list another host of which no file was imported.
        UnlistedHost = "unlisted-host",
        /// The users in the export are encrypted, so only the facts about the instance are stored.
        UsersEncrypted = "users-encrypted",
        /// Users other than the owner have access to a file of the database.
        WideMode = "wide-mode",
    }

    /// The code of an error: the reason why a file is refused, or a failure that scripts must distinguish from
    /// others of its kind.
    pub enum RefusalCode {
        /// The database was moved, removed or replaced while it was written.
        DatabaseMoved = "database-moved",
        /// The file is not complete, or has less than half the accounts of the snapshot before it.
        Incomplete = "incomplete",
        /// The file looks like a file of another source.
        LooksLike = "looks-like",
        /// The name of the file contains another host than the one that the file is imported for.
        OtherHost = "other-host",
        /// The source already has a snapshot at that instant, with other content.
        OtherContent = "other-content",
        /// The file is refused for a reason without a code of its own.
        Refused = "refused",
        /// The bytes of the file are those of another source's snapshot.
        SameBytes = "same-bytes",
    }

    /// The code of a finding of `check`.
    pub enum CheckCode {
        /// Several accounts of an instance have the same primary address, which therefore matches nobody.
        AddressRepeated = "address-repeated",
        /// The clock and the times in the journal disagree.
        Clock = "clock",
        /// More duplicates are found than the bound allows.
        Duplicates = "duplicates",
        /// Fewer licenses are available than the bound demands, or a greater part of the purchased licenses is
        /// consumed than the bound allows.
        FewAvailable = "few-available",
        /// The snapshot in force is not complete, or a source has none in force.
        Incomplete = "incomplete",
        /// No file of an instance was ever imported.
        InstanceWithoutFile = "instance-without-file",
        /// Rows of a Cloud report state that their license has ended, and count all the same.
        LicenseEnded = "license-ended",
        /// The license of an instance has ended.
        LicenseExpired = "license-expired",
        /// An instance was never synced, so GitHub does not count its accounts yet.
        NeverSynced = "never-synced",
        /// More licenses are consumed than were purchased.
        OverPurchased = "over-purchased",
        /// Matches rest on a Cloud report that is newer than the Server file and lists another address.
        ServerSnapshotOlder = "server-snapshot-older",
        /// The newest snapshot of a source is older than its bound.
        StaleSource = "stale-source",
        /// The last sync of an instance failed.
        SyncFailed = "sync-failed",
        /// It is not known to which enterprise an instance belongs, so it counts by itself.
        UnassignedInstance = "unassigned-instance",
        /// A value that `check` must judge is not known.
        Unknown = "unknown",
    }

    /// The subject of a value that `check` judges. The duplicates of one level of confidence include those of
    /// all higher levels.
    pub enum CheckSubject {
        /// The age of the snapshot in force.
        Age = "age",
        /// The licenses available.
        Available = "available",
        /// The clock; it is listed only if the clock and the times in the journal disagree.
        Clock = "clock",
        /// The certain duplicates.
        DuplicatesCertain = "duplicates-certain",
        /// The duplicates that are certain or likely.
        DuplicatesLikely = "duplicates-likely",
        /// All duplicates.
        DuplicatesPossible = "duplicates-possible",
        /// The end of an instance's license.
        LicenseExpiry = "license-expiry",
        /// The sources without a snapshot in force.
        SourcesMissing = "sources-missing",
        /// The last sync of an instance.
        Sync = "sync",
        /// The part of the purchased licenses that is consumed.
        Use = "use",
    }

    /// The code of a finding of `verify`. Each code stands for one promise about the database that is broken.
    pub enum VerifyCode {
        /// A row of the books differs from its line in the journal, or has no line there.
        Books = "books",
        /// A line of the journal has a time that is later than the clock's.
        Clock = "clock",
        /// The content of a snapshot does not agree with the stored hash of its content.
        Content = "content",
        /// A row that is derived from a record is missing, wrong or superfluous.
        Derived = "derived",
        /// No line of the journal has the hash that the user named as the head.
        Head = "head",
        /// The image (the derived columns of numbers) differs from the stored rows.
        Image = "image",
        /// A line of the journal is not as it was written, or is not chained to the line before it.
        Journal = "journal",
        /// A record is not as it was written.
        Record = "record",
        /// A row names a row of another table that is missing.
        Reference = "reference",
        /// A table, index, view or trigger of the program is missing or changed.
        Schema = "schema",
        /// The spans of an account's states contradict each other or the snapshots.
        Spans = "spans",
        /// SQLite's own check finds damage.
        Sqlite = "sqlite",
        /// A stored count is not as it was written, or differs from the result of counting again.
        StoredCount = "stored-count",
        /// No other row refers to a row that needs such a reference.
        Unreferenced = "unreferenced",
    }

    /// The code of a piece of evidence that two seats belong to one person, in the order of counting.md section
    /// 5.
    pub enum EvidenceCode {
        /// A declared link states that the two accounts belong to one person.
        Declared = "declared",
        /// A non-primary address of the Server account is the NameID or a verified address of the Cloud
        /// account.
        SecondaryEmail = "secondary-email",
        /// A row of a Cloud snapshot has merged this very Server account into the Cloud account.
        LinkedBefore = "linked-before",
        /// The primary address of the Server account is the Visual Studio sign-in address of the Cloud
        /// account's row.
        VisualStudioEmail = "visual-studio-email",
        /// An address or mapped login of each account belongs to the same entry of an employee directory.
        SameDirectoryEntry = "same-directory-entry",
        /// Seats of two enterprises have the same NameID, verified address or address of a Server account.
        SameIdentity = "same-identity",
        /// Seats of two enterprises have the same Visual Studio sign-in address.
        SameVisualStudio = "same-visual-studio",
        /// An address of one unmatched group is also an address of another unmatched group.
        SharedAddress = "shared-address",
        /// The logins are equal, also after taking the `_shortcode` off the Cloud login.
        SameLogin = "same-login",
        /// The addresses are equal without a `+tag`.
        PlusTag = "plus-tag",
        /// The addresses have the same local part and different domains.
        OtherDomain = "other-domain",
        /// The NameID, or its local part, equals the Server login or the local part of the primary address.
        SamlUsername = "saml-username",
        /// An e-mail invitation went to an address of another seat.
        InvitedByEmail = "invited-by-email",
        /// The display names are equal.
        SameName = "same-name",
        /// The addresses have the same domain, and their local parts are one slip apart.
        NearEmail = "near-email",
    }
}
