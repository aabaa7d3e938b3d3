//! Everything except accounts that decides the count at an instant: sources, declarations, links, and which of
//! two files is older. If the settings of two instants are equal, only changed accounts must be counted again.

use super::super::Ledger;
use super::super::moment::Moment;
use crate::error::Result;
use crate::model::{BillingModel, Instance, InstanceIx, Population, SourceKind, Standing};
use crate::people;

/// Everything except accounts that decides the count at an instant.
pub(crate) struct Setting {
    /// The numbers of the sources that have a snapshot in force at the instant.
    sources: Vec<i64>,
    enterprises: Vec<EnterpriseSetting>,
    /// The aliases of hosts, each with the current name of its instance, in order.
    aliases: Vec<(String, String)>,
    /// The numbers of the declared links that count at the instant.
    links: Vec<i64>,
    /// Do two sources in force describe the same instance? If so, either may be the one that counts, so no
    /// setting equals this one.
    is_ambiguous: bool,
}

#[derive(PartialEq)]
struct EnterpriseSetting {
    name: Option<String>,
    cloud: Option<i64>,
    billing: BillingModel,
    instances: Vec<InstanceSetting>,
}

#[derive(PartialEq)]
struct InstanceSetting {
    host: Box<str>,
    standing: std::mem::Discriminant<Standing>,
    known: bool,
    /// Was the file of the instance taken no later than the last sync of the instance (counting.md section 4c)?
    file_is_older: bool,
}

impl Setting {
    /// The setting (everything except accounts that decides a count) at a moment.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Setting> {
        let aliases = ledger.aliases(moment.at);
        let mut speaking: Vec<(SourceKind, &str)> = Vec::new();
        for source in moment.in_force.iter().map(|snapshot| &snapshot.source) {
            let name = source.name.as_str();
            speaking.push((source.kind, aliases.get(name).map_or(name, String::as_str)));
        }
        speaking.sort_unstable();
        let is_ambiguous = speaking.windows(2).any(|pair| pair[0] == pair[1]);
        // A host name in a report means the instance that had this name when the report was taken, so aliases of
        // that time count too.
        let reports = moment.in_force.iter().filter(|it| it.source.kind == SourceKind::Cloud);
        let in_reports = reports.flat_map(|report| ledger.aliases(report.taken_at));
        let mut aliases: Vec<(String, String)> = aliases.into_iter().chain(in_reports).collect();
        aliases.sort_unstable();
        let enterprises = moment.enterprises.iter().map(|enterprise| EnterpriseSetting {
            name: enterprise.name.clone(),
            cloud: enterprise.cloud.map(|cloud| cloud.source_id),
            billing: enterprise.population.billing,
            instances: instances(&enterprise.population),
        });
        Ok(Setting {
            sources: moment.in_force.iter().map(|snapshot| snapshot.source_id).collect(),
            enterprises: enterprises.collect(),
            aliases,
            links: ledger.links_at(moment.at)?.iter().map(|link| link.id).collect(),
            is_ambiguous,
        })
    }

    /// Do equal records of accounts give equal counts under this setting and another?
    pub fn is_like(&self, other: &Setting) -> bool {
        !self.is_ambiguous
            && !other.is_ambiguous
            && self.sources == other.sources
            && self.enterprises == other.enterprises
            && self.aliases == other.aliases
            && self.links == other.links
    }
}

fn instances(population: &Population) -> Vec<InstanceSetting> {
    let instances = population.instances.enumerated();
    let setting = |(index, instance): (InstanceIx, &Instance)| InstanceSetting {
        host: instance.host.clone(),
        standing: std::mem::discriminant(&instance.standing),
        known: instance.known,
        file_is_older: people::file_is_older(population, Some(index)),
    };
    instances.map(setting).collect()
}
