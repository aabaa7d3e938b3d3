//! The declarations about sources, and which of them count at an instant (counting.md section 8): the one valid
//! from latest, among equals the one declared last. What takes something back is never overruled. It must not
//! know what follows from a setting.

use super::BillingModel;
use super::coverage::Seen;
use super::links::Declaration;
use std::collections::BTreeSet;

/// A declaration about a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `sources set ENTERPRISE --billing-model`.
    Model { enterprise: String, model: BillingModel },
    /// `sources set HOST --enterprise`.
    Belongs { host: String, enterprise: String },
    /// `sources retire`, for an enterprise or an instance.
    Retired { name: String },
    /// `sources restore`, which takes back the retirements before it.
    InUse { name: String },
    /// `sources set HOST --alias`.
    Alias { host: String, alias: String },
    /// `sources set HOST --no-alias`, which gives the name back, be it an alias or an earlier name.
    NoAlias { host: String, alias: String },
    /// `sources rename`, for an instance.
    Renamed { earlier: String, host: String },
}

/// A setting, and the instant from which it holds; `None` for always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub from: Option<i64>,
    pub setting: Setting,
}

/// All settings, in the order of declaration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub said: Vec<Said>,
    pub links: Vec<Declaration>,
}

/// Whether something valid from then on holds at this instant.
pub fn holds(from: Option<i64>, at: i64) -> bool {
    from.is_none_or(|from| from <= at)
}

impl Settings {
    /// Adds a declaration.
    pub fn say(&mut self, from: Option<i64>, setting: Setting) {
        self.said.push(Said { from, setting });
    }

    /// Section 8, "Of several that are valid at T the one valid from latest counts ("always" is the earliest),
    /// among equals the one declared last". Returns the counting one of the values that `value` reads from
    /// settings.
    fn counting<T>(
        &self,
        at: i64,
        seen: &Seen,
        value: impl Fn(&Setting) -> Option<T>,
    ) -> Option<T> {
        let mut counting: Option<(Option<i64>, T)> = None;
        let mut waits = false;
        for said in &self.said {
            let Some(value) = value(&said.setting) else { continue };
            if !holds(said.from, at) {
                waits = true;
                continue;
            }
            // `None`, which means always, sorts before every instant.
            match &counting {
                Some((from, _)) if *from > said.from => {
                    seen.saw("setting: the one valid from latest, not the last declared");
                }
                Some((from, _)) => {
                    seen.saw(if *from == said.from {
                        "setting: among equals the last declared"
                    } else {
                        "setting: a later one valid from later"
                    });
                    counting = Some((said.from, value));
                }
                None => counting = Some((said.from, value)),
            }
        }
        if waits {
            seen.saw("setting: not valid yet");
        }
        counting.map(|(_, value)| value)
    }

    /// The billing model of an enterprise.
    pub fn model(&self, name: &str, at: i64, seen: &Seen) -> Option<BillingModel> {
        self.counting(at, seen, |setting| match setting {
            Setting::Model { enterprise, model } if enterprise == name => Some(*model),
            _ => None,
        })
    }

    /// The declared enterprise of an instance.
    pub fn enterprise_of(&self, name: &str, at: i64, seen: &Seen) -> Option<String> {
        self.counting(at, seen, |setting| match setting {
            Setting::Belongs { host, enterprise } if host == name => Some(enterprise.clone()),
            _ => None,
        })
    }

    /// Section 1, "An enterprise that is only named by a setting that counts at T": a setting that declares it
    /// the enterprise of an instance. A billing model names no enterprise.
    pub fn enterprises(&self, at: i64, seen: &Seen) -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        for said in &self.said {
            if let Setting::Belongs { host, .. } = &said.setting {
                named.extend(self.enterprise_of(host, at, seen));
            }
        }
        named
    }

    /// Whether a setting that counts at T names the instance: by its enterprise or by another name.
    pub fn name_instance(&self, name: &str, at: i64, seen: &Seen) -> bool {
        let other_name = self.said.iter().any(|said| match &said.setting {
            Setting::Alias { host, alias } => {
                host == name && self.other_name(alias, at, seen).as_deref() == Some(name)
            }
            _ => false,
        });
        other_name || self.enterprise_of(name, at, seen).is_some()
    }

    /// Section 1: a retirement holds for the name. Section 8: taking it back ends it from that day on, or from
    /// its beginning if no day is named, and the retirements before never overrule that.
    pub fn retired(&self, name: &str, at: i64, seen: &Seen) -> bool {
        let is = |said: &Said, wanted: &Setting| said.setting == *wanted;
        let retired = Setting::Retired { name: name.to_owned() };
        let in_use = Setting::InUse { name: name.to_owned() };
        let mut now = false;
        for (place, said) in self.said.iter().enumerate() {
            if !is(said, &retired) {
                continue;
            }
            let mut later = self.said[place + 1..].iter().filter(|later| is(later, &in_use));
            let taken_back = later.any(|back| holds(back.from, at));
            if holds(said.from, at) && taken_back {
                seen.saw("retirement: taken back");
            } else if holds(said.from, at) {
                now = true;
            } else if taken_back {
                seen.saw("retirement: taken back before it began");
            }
        }
        now
    }

    /// Section 2, "Host names: an alias, and every earlier name of a renamed source, is that instance": the
    /// instance that this name stands for in a file or report taken at `taken_at`.
    pub fn instance(&self, name: &str, taken_at: i64, seen: &Seen) -> String {
        let mut name = name.to_owned();
        // Names can be chained. Nobody can declare a circle.
        for _ in 0..self.said.len() {
            match self.other_name(&name, taken_at, seen) {
                Some(host) => name = host,
                None => break,
            }
        }
        name
    }

    /// The instance that has this name as an alias or earlier name, unless the name was given back.
    fn other_name(&self, name: &str, taken_at: i64, seen: &Seen) -> Option<String> {
        let mut counting: Option<(Option<i64>, String)> = None;
        for (place, said) in self.said.iter().enumerate() {
            let host = match &said.setting {
                Setting::Alias { host, alias } if alias == name => host,
                Setting::Renamed { earlier, host } if earlier == name => host,
                _ => continue,
            };
            if !holds(said.from, taken_at) {
                seen.saw("other name: before it was an alias");
                continue;
            }
            let back = Setting::NoAlias { host: host.clone(), alias: name.to_owned() };
            let mut later = self.said[place + 1..].iter().filter(|later| later.setting == back);
            if later.any(|back| holds(back.from, taken_at)) {
                seen.saw("other name: given back");
                continue;
            }
            if counting.as_ref().is_none_or(|(from, _)| *from <= said.from) {
                seen.saw(match said.setting {
                    Setting::Alias { .. } => "other name: an alias",
                    _ => "other name: an earlier name",
                });
                counting = Some((said.from, host.clone()));
            }
        }
        counting.map(|(_, host)| host)
    }
}
